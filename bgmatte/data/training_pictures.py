"""Training batches: subjects over backgrounds, augmented as in the paper, every batch from its own generator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Generator, Tensor

from bgmatte.augment import happens
from bgmatte.data.recipe import STAND_IN, Recipe, Size, compose
from bgmatte.data.store import BackgroundSet, SubjectSet
from bgmatte.images import shrink

ALL = slice(None)


class Batch(NamedTuple):
    """What a phase learns from: `src`, captured `bgr`, true `fgr` (B, 3, H, W) and true `pha` (B, 1, H, W), and the files used."""

    src: Tensor
    bgr: Tensor
    pha: Tensor
    fgr: Tensor
    names: tuple[str, ...]


class Pictures(Protocol):
    """Where batches come from."""

    def batch(self, count: int, generator: Generator, share: slice = ALL) -> Batch:
        """`share` of the `count` compositions drawn from `generator`: the same pictures as in the whole batch."""


PHOTOGRAPHED = 0.3  # share of training backgrounds that are photographs; the rest is drawn


@dataclass(frozen=True)
class TrainingPictures:
    """Pools of subjects (N, 4, S, S) and two of backgrounds (M, 3, S, S), drawn and photographed, as bytes in memory.

    Crops are `size`² px; with `largest`, both sides are drawn between the two for each batch.
    """

    subjects: tuple[Tensor, ...]
    backgrounds: tuple[Tensor, Tensor]
    subject_names: tuple[tuple[str, ...], ...]
    background_names: tuple[tuple[str, ...], tuple[str, ...]]
    size: int
    largest: int | None = None
    how: Recipe = STAND_IN

    def batch(self, count: int, generator: Generator, share: slice = ALL) -> Batch:
        """`count` fresh compositions drawn from `generator`, or a `share` of them; each pool of subjects is drawn from equally often."""
        size = crop_size(self.size, self.largest, generator)
        who = _places(torch.randint(len(self.subjects), (count,), generator=generator), self.subjects, generator)
        where = _places(happens(generator, count, PHOTOGRAPHED).flatten().long(), self.backgrounds, generator)
        made = compose(_taken(self.subjects, who), _taken(self.backgrounds, where), size, self.how, generator)
        names = tuple(f"{self.subject_names[a][i]} on {self.background_names[b][k]}" for (a, i), (b, k) in zip(who, where, strict=True))
        src, bgr, pha, fgr = (x[share] for x in made)
        return Batch(src, bgr, pha, fgr, names[share])


def crop_size(least: int, largest: int | None, generator: Generator) -> Size:
    """Height and width of a batch [px]: `least` twice, or two multiples of 4 drawn uniformly from `least` to `largest`, both included."""
    if largest is None:
        return least, least
    height, width = (torch.randint((largest - least) // 4 + 1, (2,), generator=generator) * 4 + least).tolist()
    return height, width


def _places(pools: Tensor, pictures: Sequence[Tensor], generator: Generator) -> list[tuple[int, int]]:
    """A picture of each of the chosen `pools` (count,), as (pool, index)."""
    chance = torch.rand(len(pools), generator=generator).tolist()
    return [(pool, int(share * len(pictures[pool]))) for pool, share in zip(pools.tolist(), chance, strict=True)]


def _taken(pictures: Sequence[Tensor], places: Sequence[tuple[int, int]]) -> Tensor:
    return torch.stack([pictures[pool][index] for pool, index in places]).float() / 255


def load_training_pictures(
    subjects: Sequence[SubjectSet],
    drawn: BackgroundSet,
    photographed: BackgroundSet,
    size: int,
    largest: int | None = None,
    how: Recipe = STAND_IN,
) -> TrainingPictures:
    """Read the sets into memory, shrunk by area to the largest crop where they are larger, colour weighted by alpha.

    Raises `ValueError` when a set is empty.
    """
    check_filled((*subjects, drawn, photographed))
    side = largest or size
    rgba = tuple(torch.cat([_bytes(shrunk(*found[i], (side, side))) for i in range(len(found))]) for found in subjects)
    pools = (_backgrounds(drawn, side), _backgrounds(photographed, side))
    return TrainingPictures(rgba, pools, tuple(found.names for found in subjects), (drawn.names, photographed.names), size, largest, how)


def check_filled(sets: Sequence[SubjectSet | BackgroundSet]) -> None:
    """Raise `ValueError` unless every set has a picture."""
    for found in sets:
        if len(found) == 0:
            raise ValueError(f"{type(found).__name__}: no pictures in this split; make more (DataConfig)")


def _backgrounds(found: BackgroundSet, side: int) -> Tensor:
    return torch.cat([_bytes(shrink(found[i][None].float(), (side, side))) for i in range(len(found))])


def shrunk(fgr: Tensor, pha: Tensor, size: Size) -> Tensor:
    """Colour (3, h, w) and alpha (1, h, w), bytes, as (1, 4, *size) in 0–255: by area, colour weighted by alpha, where that is smaller."""
    colour, alpha = fgr[None].float(), pha[None].float()
    if pha.shape[-1] <= size[1]:
        return torch.cat([colour, alpha], 1)
    weight = alpha.clamp_min(0.01)  # a trace, so that colour is defined where nothing is seen
    colour = shrink(colour * weight, size) / shrink(weight, size)
    return torch.cat([colour, shrink(alpha, size)], 1)


def _bytes(x: Tensor) -> Tensor:
    return x.round().clamp(0, 255).to(torch.uint8)
