"""Tiles: squares of T×T patches, where they lie and what they see. No weights.

What tiles see is gathered pixel by pixel, channels innermost, zeros outside the picture; nothing of its size is copied.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from bgmatte.config import PATCH


def occupied(chosen: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """The tiles of `side`² patches that hold a chosen one.

    `chosen` (h, w) boolean → row and column of each tile (n, 2) and which of its patches are chosen (n, side, side);
    (B, h, w) → image, row and column (n, 3), and the same.
    """
    blocks = _blocks(chosen, side)
    where = blocks.flatten(-2).any(-1).nonzero()
    return where, blocks[where.unbind(1)]


def counts(chosen: Tensor, sides: tuple[int, ...]) -> dict[int, int]:
    """How many tiles of each side, every side a multiple of the one before, hold a chosen patch of (…, h, w)."""
    found, now = {}, 1
    for side in sides:
        chosen, now = _blocks(chosen, side // now).flatten(-2).any(-1), side
        found[side] = int(chosen.sum())
    return found


def _blocks(chosen: Tensor, side: int) -> Tensor:
    height, width = chosen.shape[-2:]
    chosen = F.pad(chosen, (0, -width % side, 0, -height % side))
    return chosen.unflatten(-1, (-1, side)).unflatten(-3, (-1, side)).transpose(-3, -2)  # (…, h / side, w / side, side, side)


@dataclass(frozen=True)
class Windows:
    """Squares of `side` units of a picture of `size` (rows, columns): the rows and columns they see (n, side), some maybe outside."""

    rows: Tensor
    columns: Tensor
    size: tuple[int, int]

    @classmethod
    def at(cls, top: Tensor, left: Tensor, side: int, size: tuple[int, int]) -> "Windows":
        """One window for each `top` and `left` (n,)."""
        steps = torch.arange(side, device=top.device)
        return cls(top[:, None] + steps, left[:, None] + steps, size)

    def cut(self, x: Tensor, unit: int, out: Tensor) -> None:
        """The windows of `x` (C, H, W), whose units are squares of `unit` px, into `out` (n, side, side, unit, unit, C)."""
        height, width = x.shape[1:]
        down, across = (_pixels(units, unit).clamp(0, most - 1) for units, most in ((self.rows, height), (self.columns, width)))
        at = down[:, :, None] * width + across[:, None, :]
        cut = x.flatten(1).index_select(1, at.flatten()).view(len(x), len(at), -1, unit, self.columns.shape[1], unit)
        out.copy_(cut.permute(1, 2, 4, 3, 5, 0))

    def interpolated(self, x: Tensor, out: Tensor) -> None:
        """The windows of `x` (hc, wc, C), once resampled bilinearly to `size`, into `out` (n, side, side, C)."""
        (up, down, low), (west, east, right) = taps(self.rows, x.shape[0], self.size[0]), taps(self.columns, x.shape[1], self.size[1])
        pixels = x.flatten(0, 1)

        def taken(row: Tensor, column: Tensor) -> Tensor:
            at = row[:, :, None] * x.shape[1] + column[:, None, :]
            return pixels.index_select(0, at.flatten()).view(*at.shape, -1)

        right, low = right.to(x.dtype)[:, None, :, None], low.to(x.dtype)[:, :, None, None]
        above, below = (taken(row, west).lerp_(taken(row, east), right) for row in (up, down))
        torch.lerp(above, below, low, out=out)

    def zero_outside(self, x: Tensor) -> None:
        """Zeros, in place, wherever `x` (n, side, side, C) lies outside the picture."""
        row, column = ((at >= 0) & (at < size) for at, size in zip((self.rows, self.columns), self.size, strict=True))
        crossing = (~(row.all(1) & column.all(1))).nonzero().flatten()
        if len(crossing):
            inside = row[crossing][:, :, None] & column[crossing][:, None, :]
            x[crossing] = x[crossing] * inside[..., None]


def _pixels(units: Tensor, unit: int) -> Tensor:
    return (units[:, :, None] * unit + torch.arange(unit, device=units.device)).flatten(1)


def taps(at: Tensor, coarse: int, fine: int) -> tuple[Tensor, Tensor, Tensor]:
    """The two of `coarse` rows around each of `fine` ones `at` (…) and the weight of the second: bilinear, corners not aligned."""
    place = ((at + 0.5) * (coarse / fine) - 0.5).clamp(0, coarse - 1)
    before = place.floor()
    first = before.long()
    return first, (first + 1).clamp(max=coarse - 1), place - before


def paste_into(out: Tensor, patches: Tensor, where: Tensor, kept: Tensor) -> None:
    """Overwrite, in place, the patches of `out` (C, H, W) that are `kept` (n, side, side) in the tiles `where` (n, 2).

    `patches` (P, C, 4, 4) in the order of `kept`.
    """
    channels, height, width = out.shape
    side = kept.shape[1]
    tile, down, across = kept.nonzero(as_tuple=True)
    grid = out.view(channels, height // PATCH, PATCH, width // PATCH, PATCH).permute(1, 3, 0, 2, 4)
    grid[where[tile, 0] * side + down, where[tile, 1] * side + across] = patches
