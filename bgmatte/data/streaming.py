"""Training batches from sets too large for memory: pictures of any size, read when they are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Generator, Tensor

from bgmatte.data.recipe import Recipe, Size, compose
from bgmatte.data.sets import BackgroundSet, SubjectSet
from bgmatte.data.training_pictures import ALL, Batch, check_filled, crop_size, shrunk
from bgmatte.images import shrink

Pool = TypeVar("Pool", SubjectSet, BackgroundSet)


@dataclass(frozen=True)
class StreamedPictures:
    """Compositions of `subjects` and `backgrounds` read from where they lie, for crops with sides from `size` to `largest` px.

    Each picture of a batch draws a pool of subjects, all alike, and of backgrounds, with their `chances`, and from it a
    picture, with replacement. It has a generator of its own, so a share of a batch costs that share. Reading happens in
    whatever thread asks, several at a time: the sets must bear that. Raises `ValueError` when a set is empty.
    """

    subjects: tuple[SubjectSet, ...]
    backgrounds: tuple[BackgroundSet, ...]
    chances: tuple[float, ...]
    size: int
    largest: int | None
    how: Recipe

    def __post_init__(self) -> None:
        check_filled((*self.subjects, *self.backgrounds))

    def batch(self, count: int, generator: Generator, share: slice = ALL) -> Batch:
        """`share` of the `count` compositions drawn from `generator`: the same pictures as in the whole batch."""
        size = crop_size(self.size, self.largest, generator)
        seeds = torch.randint(2**62, (count,), generator=generator).tolist()
        made = [self._one(size, Generator().manual_seed(seed)) for seed in seeds[share]]
        src, bgr, pha, fgr = (torch.cat([tensors[i] for tensors, _ in made]) for i in range(4))
        return Batch(src, bgr, pha, fgr, tuple(name for _, name in made))

    def _one(self, size: Size, generator: Generator) -> tuple[tuple[Tensor, ...], str]:
        people = _drawn(self.subjects, [1.0] * len(self.subjects), generator)
        scenes = _drawn(self.backgrounds, self.chances, generator)
        who, where = (int(torch.randint(len(found), (1,), generator=generator)) for found in (people, scenes))
        fgr, pha = people[who]
        rgba = shrunk(fgr, pha, _wanted((pha.shape[1], pha.shape[2]), size)) / 255
        scene = scenes[where][None].float()
        rgb = shrink(scene, _wanted((scene.shape[2], scene.shape[3]), size)) / 255
        return compose(rgba, rgb, size, self.how, generator), f"{people.names[who]} on {scenes.names[where]}"


def _drawn(pools: Sequence[Pool], chances: Sequence[float], generator: Generator) -> Pool:
    return pools[int(torch.multinomial(torch.tensor(chances), 1, generator=generator))]


def _wanted(source: Size, crop: Size) -> Size:
    """The size to shrink a source to so that bilinear sampling for a crop misses none of its pixels: divided by a whole number."""
    factor = max(1, int(min(source) / max(crop)))
    return source[0] // factor, source[1] // factor
