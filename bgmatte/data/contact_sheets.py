"""Many pictures on one sheet, and what a set holds in numbers, for looking at data."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from bgmatte.data.sets import BackgroundSet, SubjectSet
from bgmatte.images import composite, resize, shrink

_GAP = 4  # white between pictures [px]
_CHECKS = (0.58, 0.78)  # the two greys of the ground that subjects are shown on


def sheet(rows: Iterable[Sequence[Tensor]], side: int = 160) -> np.ndarray:
    """Pictures (C, H, W) or (1, C, H, W), 0–1, C of 1 or 3, as rows of `side` px squares on white, uint8 (h, w, 3)."""
    lines = [torch.cat([_framed(picture, side) for picture in row], 2) for row in rows]
    width = max(line.shape[2] for line in lines)
    filled = [torch.nn.functional.pad(line, (0, width - line.shape[2]), value=1.0) for line in lines]
    return (torch.cat(filled, 1).clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()


def shown(subject: tuple[Tensor, Tensor]) -> Tensor:
    """A subject (colour, alpha as bytes) over a chequered ground, (3, H, W), 0–1."""
    fgr, pha = (part[None].float() / 255 for part in subject)
    step = max(1, pha.shape[-1] // 16)
    place = torch.arange(pha.shape[-1]) // step
    checks = torch.where((place[:, None] + place[None]) % 2 == 0, *_CHECKS).expand(1, 3, -1, -1)
    return composite(fgr, checks, pha)[0]


def spread(count: int, number: int) -> list[int]:
    """At most `number` places, evenly spread over `count`."""
    return sorted({round(place) for place in np.linspace(0, count - 1, min(count, number))}) if count else []


def soft_share(subjects: SubjectSet) -> float:
    """The share of pixels that are neither clearly background nor clearly foreground (alpha 5–95 %)."""
    return float(np.mean([((pha > 12) & (pha < 243)).float().mean().item() for _, pha in (subjects[i] for i in range(len(subjects)))]))


def census(name: str, split: str, pictures: SubjectSet | BackgroundSet) -> dict[str, str | int]:
    """One line of the table of splits: how many groups and pictures."""
    return {"set": name, "split": split, "groups": len(set(pictures.groups)), "pictures": len(pictures)}


def _framed(picture: Tensor, side: int) -> Tensor:
    picture = picture if picture.dim() == 4 else picture[None]
    picture = shrink(picture, (side, side)) if picture.shape[-1] > side else resize(picture, (side, side))
    return torch.nn.functional.pad(picture.expand(1, 3, -1, -1)[0], (0, _GAP, 0, _GAP), value=1.0)
