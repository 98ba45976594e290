"""Training batches: subjects over backgrounds, augmented as in the paper, every batch from its own generator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from bgmatte.augment import affine, grain, happens, jitter, misalign, shadow, sharpen, soften, uniform, warp
from bgmatte.data.store import BackgroundSet, SubjectSet
from bgmatte.images import composite, shrink


class Batch(NamedTuple):
    """What a phase learns from: `src`, captured `bgr`, true `fgr` (B, 3, S, S) and true `pha` (B, 1, S, S), and the files used."""

    src: Tensor
    bgr: Tensor
    pha: Tensor
    fgr: Tensor
    names: tuple[str, ...]


PHOTOGRAPHED = 0.3  # share of training backgrounds that are photographs; the rest is drawn


@dataclass(frozen=True)
class TrainingPictures:
    """Pools of subjects (N, 4, S, S) and two of backgrounds (M, 3, S, S), drawn and photographed, as bytes in memory."""

    subjects: tuple[Tensor, ...]
    backgrounds: tuple[Tensor, Tensor]
    subject_names: tuple[tuple[str, ...], ...]
    background_names: tuple[tuple[str, ...], tuple[str, ...]]
    size: int

    def batch(self, count: int, generator: Generator) -> Batch:
        """`count` fresh compositions drawn from `generator`; each pool of subjects is drawn from equally often."""
        who = _places(torch.randint(len(self.subjects), (count,), generator=generator), self.subjects, generator)
        where = _places(happens(generator, count, PHOTOGRAPHED).flatten().long(), self.backgrounds, generator)
        fgr, pha = self._foreground(_taken(self.subjects, who), generator)
        bgr = self._background(_taken(self.backgrounds, where), generator)
        src = composite(fgr, shadow(bgr, pha, generator), pha)
        src, captured = _camera(src, bgr, generator)
        names = tuple(f"{self.subject_names[a][i]} on {self.background_names[b][k]}" for (a, i), (b, k) in zip(who, where, strict=True))
        return Batch(src, captured, pha, fgr, names)

    def _foreground(self, rgba: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
        theta = affine(generator, len(rgba), degrees=5, shear=5, shift=0.1, scale=(0.4, 1), flip=0.5)
        colour = warp(rgba[:, :3], theta, self.size, "border")
        alpha = warp(rgba[:, 3:], theta, self.size, "zeros", grounded=True)
        colour = jitter(colour, generator, light=0.15, hue=0.05)
        both = self._focus(torch.cat([colour, alpha], 1), generator)
        return both[:, :3], both[:, 3:]

    def _background(self, rgb: Tensor, generator: Generator) -> Tensor:
        theta = affine(generator, len(rgb), degrees=5, shear=5, shift=0.1, scale=(1, 2), flip=0.5)
        rgb = jitter(warp(rgb, theta, self.size, "reflection"), generator, light=0.15, hue=0.05)
        return self._focus(rgb, generator)

    def _focus(self, x: Tensor, generator: Generator) -> Tensor:
        radius = max(1, 5 * self.size // 512)  # the paper's 0–5 px belong to crops of about 512 px
        return sharpen(soften(x, generator, radius=radius, chance=0.1), generator, chance=0.1)


def _camera(src: Tensor, bgr: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Noise on both shots; the captured background is also lit differently and slightly misaligned."""
    noisy = happens(generator, len(src), 0.4)
    src, bgr = (grain(x, generator, std=uniform(generator, len(src), 0, 0.03) * noisy) for x in (src, bgr))
    bgr = jitter(bgr, generator, light=0.18, hue=0.1, chance=0.8)  # 0.8 in the official code, 0.3 in the paper
    return src, misalign(bgr, generator, degrees=1, shift=0.01, chance=0.3)


def _places(pools: Tensor, pictures: Sequence[Tensor], generator: Generator) -> list[tuple[int, int]]:
    """A picture of each of the chosen `pools` (count,), as (pool, index)."""
    chance = torch.rand(len(pools), generator=generator).tolist()
    return [(pool, int(share * len(pictures[pool]))) for pool, share in zip(pools.tolist(), chance, strict=True)]


def _taken(pictures: Sequence[Tensor], places: Sequence[tuple[int, int]]) -> Tensor:
    return torch.stack([pictures[pool][index] for pool, index in places]).float() / 255


def load_training_pictures(subjects: Sequence[SubjectSet], drawn: BackgroundSet, photographed: BackgroundSet, size: int) -> TrainingPictures:
    """Read the sets into memory, shrunk by area to `size` px where they are larger, colour weighted by alpha.

    Raises `ValueError` when a set is empty.
    """
    sets: tuple[SubjectSet | BackgroundSet, ...] = (*subjects, drawn, photographed)
    for found in sets:
        if len(found) == 0:
            raise ValueError(f"{type(found).__name__}: no pictures in this split; make more (DataConfig)")
    rgba = tuple(torch.cat([_shrunk(*found[i], size) for i in range(len(found))]) for found in subjects)
    pools = (_backgrounds(drawn, size), _backgrounds(photographed, size))
    return TrainingPictures(rgba, pools, tuple(found.names for found in subjects), (drawn.names, photographed.names), size)


def _backgrounds(found: BackgroundSet, size: int) -> Tensor:
    return torch.cat([_bytes(shrink(found[i][None].float(), (size, size))) for i in range(len(found))])


def _shrunk(fgr: Tensor, pha: Tensor, size: int) -> Tensor:
    colour, alpha = fgr[None].float(), pha[None].float()
    if pha.shape[-1] <= size:
        return torch.cat([fgr, pha])[None]
    weight = alpha.clamp_min(0.01)  # a trace, so that colour is defined where nothing is seen
    colour = shrink(colour * weight, (size, size)) / shrink(weight, (size, size))
    return _bytes(torch.cat([colour, shrink(alpha, (size, size))], 1))


def _bytes(x: Tensor) -> Tensor:
    return x.round().clamp(0, 255).to(torch.uint8)
