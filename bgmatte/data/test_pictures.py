"""Frozen compositions: which subject over which background, how placed and how perturbed, all fixed by one seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, overload

import numpy as np
import torch
from torch import Tensor

from bgmatte.augment import perturb_background
from bgmatte.config import ROLES, DataConfig, TestConfig
from bgmatte.data.procedural.noise import stream
from bgmatte.data.readers import read_background, square_crop
from bgmatte.data.sets import Files, SubjectSet
from bgmatte.data.store import make_set, open_backgrounds, open_subjects
from bgmatte.images import composite, shrink
from bgmatte.jsonable import require
from bgmatte.manifest import verified
from bgmatte.phases import BACKGROUNDS, PHOTOGRAPHS, STAND_INS

__test__ = False  # pytest: test pictures, not tests

HELD_OUT = "rendered-people"
DOMAINS = tuple(STAND_INS[role] for role in ROLES)


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


@dataclass(frozen=True)
class Stock:
    """What is composed: subjects with the set of each, and backgrounds, uint8 (3, H, W) each, with the names of their groups."""

    subjects: SubjectSet
    sets: tuple[str, ...]
    scenes: Sequence[np.ndarray]
    scene_names: tuple[str, ...]


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

    def _composed(self, line: Composition) -> Picture:
        stock, test = self.stock, self.test
        fgr, pha = shrunk(*_placed(*stock.subjects[line.subject], line), test.size)
        true = torch.from_numpy(square_crop(stock.scenes[line.background], test.size, *line.crop))[None].float() / 255
        generator = torch.Generator().manual_seed(line.seed)
        bgr = perturb_background(true, generator, shift=test.shift, gamma=test.gamma, noise=test.noise)
        scene = stock.scene_names[line.background]
        return Picture(line.name, stock.sets[line.subject], stock.subjects.groups[line.subject], scene, composite(fgr, true, pha), bgr, pha, fgr)


def test_pictures(test: TestConfig, data: DataConfig, split: str = "test") -> TestPictures:  # noqa: PT028
    """The frozen pictures of a split; the same `test` gives the same pictures.

    "test": held-out people over the test half of the photographs. "validation": the validation halves of the three
    generated domains over the training half of the photographs and generated validation backgrounds; missing
    generated sets are made. Raises `ManifestError` when an embedded file is missing or damaged and `ConfigError` for
    another split or for a size above that of the subjects.
    """
    require(split in ("test", "validation"), "split", split, "test, validation")
    stock = _held_out() if split == "test" else _validation(data)
    largest = stock.subjects[0][0].shape[-1]
    require(test.size <= largest, "test.size", test.size, f"at most {largest}, the side of the subjects")
    return TestPictures(held_out_table(test, stock) if split == "test" else validation_table(test, stock), stock, test)


test_pictures.__test__ = False  # type: ignore[attr-defined]


def held_out_table(test: TestConfig, stock: Stock) -> tuple[Composition, ...]:
    """Every subject (or `test.subjects` of them) over `test.backgrounds_each` photographs, each photograph equally often."""
    scenes, people = len(stock.scenes), len(stock.subjects)
    require(1 <= test.backgrounds_each <= scenes, "test.backgrounds_each", test.backgrounds_each, f"1 to {scenes}")
    require(test.subjects is None or 1 <= test.subjects <= people, "test.subjects", test.subjects, f"1 to {people}, or none for all")
    rng = stream(test.seed, 1)
    chosen = sorted(_shuffled(rng, people)[: test.subjects])
    rounds = [_shuffled(rng, scenes) for _ in range(people)]
    pairs = [(who, rounds[k // scenes][(k + turn) % scenes]) for k, who in enumerate(chosen) for turn in range(test.backgrounds_each)]
    return _lines(pairs, stock, rng)


def validation_table(test: TestConfig, stock: Stock) -> tuple[Composition, ...]:
    """`test.validation` pictures, the domains in turn, photographs and generated backgrounds in turn."""
    rng = stream(test.seed, 2)
    domains = [[i for i, role in enumerate(stock.sets) if role == wanted] for wanted in ROLES]
    kinds = [[i for i, name in enumerate(stock.scene_names) if name.startswith(BACKGROUNDS) == drawn] for drawn in (False, True)]
    domains, kinds = ([[pool[i] for i in _shuffled(rng, len(pool))] for pool in pools if pool] for pools in (domains, kinds))
    pairs = []
    for k in range(test.validation):
        who, where = domains[k % len(domains)], kinds[k // len(domains) % len(kinds)]
        pairs.append((who[k // len(domains) % len(who)], where[k // len(kinds) % len(where)]))
    return _lines(pairs, stock, rng)


def _lines(pairs: Sequence[tuple[int, int]], stock: Stock, rng: np.random.Generator) -> tuple[Composition, ...]:
    lines = []
    for number, (who, where) in enumerate(pairs):
        flip, shift, zoom, across, down, seed = rng.random(6).tolist()
        name = f"{number:03d}-{stock.subjects.names[who]}-{stock.scene_names[where]}"
        lines.append(Composition(name, who, where, flip < 0.5, shift, (zoom, across, down), int(seed * 2**53)))
    return tuple(lines)


def _shuffled(rng: np.random.Generator, count: int) -> list[int]:
    return np.argsort(rng.random(count), kind="stable").tolist()


def _held_out() -> Stock:
    photographs = verified(PHOTOGRAPHS).pictures("test")
    scenes = Files([entry.path for entry in photographs], read_background)
    people = open_subjects(HELD_OUT, DataConfig(), "test")
    return Stock(people, (HELD_OUT,) * len(people), scenes, tuple(entry.group for entry in photographs))


def _validation(data: DataConfig) -> Stock:
    for name in (*DOMAINS, BACKGROUNDS):
        make_set(name, data)
    parts = [open_subjects(name, data, "validation") for name in DOMAINS]
    pictures = [part.pictures[member] for part in parts for member in part.members]
    names, groups = (tuple(value for part in parts for value in getattr(part, field)) for field in ("names", "groups"))
    drawn = open_backgrounds(BACKGROUNDS, data, "validation")
    photographs = verified(PHOTOGRAPHS).pictures("train")
    scenes = [read_background(entry.path) for entry in photographs] + [drawn.pictures[member] for member in drawn.members]
    scene_names = tuple(entry.group for entry in photographs) + drawn.names
    sets = tuple(role for role, part in zip(ROLES, parts, strict=True) for _ in part.members)
    return Stock(SubjectSet(pictures, tuple(range(len(pictures))), names, groups), sets, scenes, scene_names)


def _placed(fgr: Tensor, pha: Tensor, line: Composition) -> tuple[Tensor, Tensor]:
    """Flip and move a subject by whole pixels within its empty margins, so that its alpha stays exact."""
    columns = pha.amax((0, 1)).nonzero().flatten()
    if len(columns):
        left, right = int(columns[0]), pha.shape[-1] - 1 - int(columns[-1])
        move = round(0.9 * (line.shift * (left + right) - left))
        fgr, pha = fgr.roll(move, -1), pha.roll(move, -1)
    return (fgr.flip(-1), pha.flip(-1)) if line.flip else (fgr, pha)


def shrunk(fgr: Tensor, pha: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """To (1, C, size, size) in 0–1: alpha by area, colour by area times alpha."""
    fgr, pha = fgr[None].float() / 255, pha[None].float() / 255
    small = shrink(pha, (size, size))
    colour = shrink(fgr * pha, (size, size)) / small.clamp(min=1e-6)
    return torch.where(small > 1e-6, colour, shrink(fgr, (size, size))).clamp(0, 1), small
