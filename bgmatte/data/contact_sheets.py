"""Many pictures on one sheet, and what a set holds in numbers, for looking at data."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from bgmatte.data.sets import BackgroundSet, SubjectSet
from bgmatte.images import composite, resize, shrink

_GAP = 4  # white between pictures [px]
_LABEL = 22  # height of the line above each split of a preview [px]
_CHECKS = (0.58, 0.78)  # the two greys of the ground that subjects are shown on


def sheet(rows: Iterable[Sequence[Tensor]], side: int = 160) -> np.ndarray:
    """Pictures (C, H, W) or (1, C, H, W), 0–1, C of 1 or 3, fitted into rows of `side` px squares on white, uint8 (h, w, 3)."""
    lines = [torch.cat([_framed(picture, side) for picture in row], 2) for row in rows]
    width = max(line.shape[2] for line in lines)
    filled = [torch.nn.functional.pad(line, (0, width - line.shape[2]), value=1.0) for line in lines]
    return (torch.cat(filled, 1).clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()


def shown(subject: tuple[Tensor, Tensor]) -> Tensor:
    """A subject (colour, alpha as bytes) over a chequered ground, (3, H, W), 0–1."""
    fgr, pha = (part[None].float() / 255 for part in subject)
    step = max(1, pha.shape[-1] // 16)
    down, across = (torch.arange(length) // step for length in pha.shape[2:])
    checks = torch.where((down[:, None] + across[None]) % 2 == 0, *_CHECKS).expand(1, 3, -1, -1)
    return composite(fgr, checks, pha)[0]


def preview(splits: Mapping[str, SubjectSet | BackgroundSet], number: int = 12, columns: int = 6, side: int = 240) -> np.ndarray:
    """`number` pictures of each split, evenly spread over it, under a line that counts them, uint8 (h, w, 3).

    Subjects stand over a chequered ground, their mattes below them.
    """
    blocks = []
    for split, pictures in splits.items():
        chosen = [pictures[place] for place in spread(len(pictures), number)]
        rows = [chosen[first : first + columns] for first in range(0, len(chosen), columns)]
        lines = [line for row in rows for line in _lines(row)]
        words = f"{split}: pictures {len(pictures)}, groups {len(set(pictures.groups))}"
        blocks.append(_labelled(sheet(lines, side), words))
    width = max(block.shape[1] for block in blocks)
    return np.concatenate([np.pad(block, ((0, 0), (0, width - block.shape[1]), (0, 0)), constant_values=255) for block in blocks])


def spread(count: int, number: int) -> list[int]:
    """At most `number` places, evenly spread over `count`."""
    return sorted({round(place) for place in np.linspace(0, count - 1, min(count, number))}) if count else []


def soft_share(subjects: SubjectSet) -> float:
    """The share of pixels that are neither clearly background nor clearly foreground (alpha 5–95 %)."""
    return float(np.mean([((pha > 12) & (pha < 243)).float().mean().item() for _, pha in (subjects[i] for i in range(len(subjects)))]))


def census(name: str, split: str, pictures: SubjectSet | BackgroundSet) -> dict[str, str | int]:
    """One line of the table of splits: how many groups and pictures."""
    return {"set": name, "split": split, "groups": len(set(pictures.groups)), "pictures": len(pictures)}


def _lines(row: Sequence[tuple[Tensor, Tensor] | Tensor]) -> list[list[Tensor]]:
    """What a row of subjects or of backgrounds shows."""
    subjects = [item for item in row if isinstance(item, tuple)]
    if subjects:
        return [[shown(subject) for subject in subjects], [pha.float() / 255 for _, pha in subjects]]
    return [[item.float() / 255 for item in row if isinstance(item, Tensor)]]


def _labelled(block: np.ndarray, words: str) -> np.ndarray:
    font = ImageFont.load_default(14)
    line = Image.new("RGB", (max(block.shape[1], round(font.getlength(words)) + 2 * _GAP), _LABEL), "white")
    ImageDraw.Draw(line).text((_GAP, 2), words, "black", font)
    wide = np.pad(block, ((0, 0), (0, line.width - block.shape[1]), (0, 0)), constant_values=255)
    return np.concatenate([np.asarray(line), wide])


def _framed(picture: Tensor, side: int) -> Tensor:
    picture = picture if picture.dim() == 4 else picture[None]
    longest = max(picture.shape[2:])
    height, width = (max(1, round(length * side / longest)) for length in picture.shape[2:])
    picture = (shrink if longest > side else resize)(picture, (height, width))
    margins = (0, side - width + _GAP, 0, side - height + _GAP)
    return torch.nn.functional.pad(picture.expand(1, 3, -1, -1)[0], margins, value=1.0)
