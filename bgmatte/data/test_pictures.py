"""Frozen compositions: which subject over which background, how placed and how perturbed, all fixed by one seed."""

import re
from collections.abc import Sequence
from itertools import cycle
from typing import NamedTuple, overload

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from bgmatte.augment import perturb_background
from bgmatte.config import ROLES, DataConfig, Source, TestConfig
from bgmatte.data.procedural.noise import stream
from bgmatte.data.readers import square_crop
from bgmatte.data.stocks import HELD_OUT, Stock, held_out_stock, validation_stock
from bgmatte.images import composite, shrink
from bgmatte.jsonable import digest, require
from bgmatte.phases import PHOTOGRAPHS
from bgmatte.sources import PUBLISHED, SCENERY

__all__ = ["HELD_OUT", "Composition", "Picture", "Stock", "TestPictures", "held_out_table", "shrunk", "test_pictures", "validation_table"]

__test__ = False  # pytest: test pictures, not tests


class Picture(NamedTuple):
    """One composition, tensors (1, C, H, W) in 0–1; `subject` is the group that counts as one independent subject.

    `set` is the held-out set that the subject comes from, or for a validation picture the role of its data set.
    `src` was composed over the true background; `bgr` is the captured one, perturbed. `name` is fit for a file.
    """

    name: str
    set: str
    subject: str
    background: str
    src: Tensor
    bgr: Tensor
    pha: Tensor
    fgr: Tensor


class Composition(NamedTuple):
    """One line of the frozen table. `shift` 0–1 places the subject between the side borders; `crop` is zoom, across, down."""

    name: str
    subject: int
    background: int
    flip: bool
    shift: float
    crop: tuple[float, float, float]
    seed: int


class TestPictures(Sequence[Picture]):
    """The compositions of a table, each made when it is asked for; the same every time."""

    __test__ = False

    def __init__(self, table: Sequence[Composition], stock: Stock, test: TestConfig) -> None:
        self.table, self.stock, self.test = table, stock, test

    def __len__(self) -> int:
        return len(self.table)

    @overload
    def __getitem__(self, index: int) -> Picture: ...
    @overload
    def __getitem__(self, index: slice) -> "TestPictures": ...
    def __getitem__(self, index: int | slice) -> "Picture | TestPictures":
        if isinstance(index, slice):
            return TestPictures(self.table[index], self.stock, self.test)
        return self._composed(self.table[index])

    def of(self, name: str) -> "TestPictures":
        """The pictures of one set."""
        return TestPictures([line for line in self.table if self.stock.sets[line.subject] == name], self.stock, self.test)

    def _composed(self, line: Composition) -> Picture:
        stock, test = self.stock, self.test
        fgr, pha = _on_canvas(*stock.subjects[line.subject], line, test.size)
        true = torch.from_numpy(square_crop(stock.scenes[line.background], test.size, *line.crop))[None].float() / 255
        generator = torch.Generator().manual_seed(line.seed)
        bgr = perturb_background(true, generator, shift=test.shift, gamma=test.gamma, noise=test.noise)
        scene = stock.scene_names[line.background]
        return Picture(line.name, stock.sets[line.subject], stock.subjects.groups[line.subject], scene, composite(fgr, true, pha), bgr, pha, fgr)


def test_pictures(test: TestConfig, data: DataConfig, split: str = "test", sources: Sequence[Source] = ()) -> TestPictures:  # noqa: PT028
    """The frozen pictures of a split; the same `test` and the same sets give the same pictures.

    "test": every held-out set there is over the test half of the photographs (see `stocks.held_out_stock`). "validation":
    pictures of the three roles over the training half of the photographs and other backgrounds; `sources` are the real sets that take
    the place of stand-ins, and missing stand-ins are made. Raises `ManifestError` when an embedded file is missing or
    damaged and `ConfigError` for another split or for a size above that of embedded subjects.
    """
    require(split in ("test", "validation"), "split", split, "test, validation")
    stock = held_out_stock(sources) if split == "test" else validation_stock(data, sources)
    real = {source.name for source in sources}
    for name in (HELD_OUT,) if split == "test" else [role for role in ROLES if PUBLISHED[role] not in real]:
        for member in stock.members(name)[:1]:
            largest = stock.subjects[member][0].shape[-1]
            require(test.size <= largest, "test.size", test.size, f"at most {largest}, the side of the subjects")
    return TestPictures(held_out_table(test, stock) if split == "test" else validation_table(test, stock), stock, test)


test_pictures.__test__ = False  # type: ignore[attr-defined]


def held_out_table(test: TestConfig, stock: Stock) -> tuple[Composition, ...]:
    """Every subject over `test.backgrounds_each` photographs, each photograph equally often.

    `test.subjects` of the people, if it says how many, and at most `test.further` of every other set. A set's lines do
    not depend on which other sets are there.
    """
    scenes, people = len(stock.scenes), len(stock.members(HELD_OUT))
    require(1 <= test.backgrounds_each <= scenes, "test.backgrounds_each", test.backgrounds_each, f"1 to {scenes}")
    require(test.subjects is None or 1 <= test.subjects <= people, "test.subjects", test.subjects, f"1 to {people}, or none for all")
    require(test.further is None or test.further >= 0, "test.further", test.further, "0 or more, or none for all")
    lines = _set_lines(HELD_OUT, test.subjects, test, stock, stream(test.seed, 1))
    for name in dict.fromkeys(stock.sets):
        if name != HELD_OUT:
            lines += _set_lines(name, test.further, test, stock, stream(test.seed, 1, int(digest(name)[:8], 16)))
    return lines


def validation_table(test: TestConfig, stock: Stock) -> tuple[Composition, ...]:
    """`test.validation` pictures: the roles in turn, photographs and other backgrounds in turn, each of them equally often."""
    rng = stream(test.seed, 2)
    domains = [stock.members(role) for role in ROLES]
    kinds = [[i for i, kind in enumerate(stock.scene_kinds) if kind == wanted] for wanted in (PHOTOGRAPHS, SCENERY)]
    domains, kinds = ([[pool[i] for i in _shuffled(rng, len(pool))] for pool in pools if pool] for pools in (domains, kinds))
    who, where = ([cycle(pool) for pool in pools] for pools in (domains, kinds))
    pairs = [(next(who[k % len(who)]), next(where[k // len(who) % len(where)])) for k in range(test.validation)]
    return _lines(pairs, stock, rng)


def _set_lines(name: str, count: int | None, test: TestConfig, stock: Stock, rng: np.random.Generator) -> tuple[Composition, ...]:
    members, scenes = stock.members(name), len(stock.scenes)
    chosen = sorted(_shuffled(rng, len(members))[:count])
    rounds = [_shuffled(rng, scenes) for _ in members]
    pairs = [(members[who], rounds[k // scenes][(k + turn) % scenes]) for k, who in enumerate(chosen) for turn in range(test.backgrounds_each)]
    return _lines(pairs, stock, rng, "" if name == HELD_OUT else f"{name}-")


def _lines(pairs: Sequence[tuple[int, int]], stock: Stock, rng: np.random.Generator, before: str = "") -> tuple[Composition, ...]:
    lines = []
    for number, (who, where) in enumerate(pairs):
        flip, shift, zoom, across, down, seed = rng.random(6).tolist()
        name = f"{before}{number:03d}-{stock.subjects.names[who]}-{stock.scene_names[where]}"
        lines.append(Composition(_fit_for_a_file(name), who, where, flip < 0.5, shift, (zoom, across, down), int(seed * 2**53)))
    return tuple(lines)


def _fit_for_a_file(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)


def _shuffled(rng: np.random.Generator, count: int) -> list[int]:
    return np.argsort(rng.random(count), kind="stable").tolist()


def _on_canvas(fgr: Tensor, pha: Tensor, line: Composition, size: int) -> tuple[Tensor, Tensor]:
    """A subject, uint8 (C, H, W), placed on a square canvas as float (1, C, size, size), 0–1, its alpha never enlarged."""
    fgr, pha = fgr[None].float() / 255, pha[None].float() / 255
    height, width = pha.shape[-2:]
    if height == width >= size:  # drawn for a canvas of its own
        fgr, pha = shrunk(*_moved(fgr, pha, line.shift), (size, size))
    else:
        fgr, pha = _standing(fgr, pha, line.shift, size)
    return (fgr.flip(-1), pha.flip(-1)) if line.flip else (fgr, pha)


def _moved(fgr: Tensor, pha: Tensor, shift: float) -> tuple[Tensor, Tensor]:
    """Move a subject by whole pixels within its empty margins, so that its alpha stays exact."""
    columns = pha.amax((0, 1, 2)).nonzero().flatten()
    if len(columns):
        left, right = int(columns[0]), pha.shape[-1] - 1 - int(columns[-1])
        move = round(0.9 * (shift * (left + right) - left))
        fgr, pha = fgr.roll(move, -1), pha.roll(move, -1)
    return fgr, pha


def _standing(fgr: Tensor, pha: Tensor, shift: float, size: int) -> tuple[Tensor, Tensor]:
    """A cut-out on the lower border of the canvas: pixel for pixel where it fits, else shrunk until it does.

    What is cut off by one side border of its picture stands at that border, so that the cut stays where a frame would cut.
    """
    height, width = pha.shape[-2:]
    if max(height, width) > size:
        height, width = (max(1, round(side * size / max(height, width))) for side in (height, width))
        fgr, pha = shrunk(fgr, pha, (height, width))
    free = size - width
    cut_left, cut_right = (bool((pha[..., column] > 0.5).any()) for column in (0, -1))
    left = round(shift * free) if cut_left == cut_right else 0 if cut_left else free
    around = (left, free - left, size - height, 0)
    return F.pad(fgr, around), F.pad(pha, around)


def shrunk(fgr: Tensor, pha: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """To (1, C, *size) by area, 0–1: colour (1, 3, H, W) weighted by its alpha (1, 1, H, W)."""
    small = shrink(pha, size)
    colour = shrink(fgr * pha, size) / small.clamp(min=1e-6)
    return torch.where(small > 1e-6, colour, shrink(fgr, size)).clamp(0, 1), small
