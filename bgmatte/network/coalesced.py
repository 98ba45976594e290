"""The refiner in train mode on tiles of T×T patches: neighbours compute once what they share.

Cut out one by one, patches on a contour compute the same pixels up to five times, forwards and backwards. Here each is
computed once a tile, and batch norms count it as often as chosen patches see it: the same function to rounding.
A full-resolution stage after a half-resolution one runs on cells of 2×2 pixels, so nothing is enlarged for it.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bgmatte.config import PATCH, Stage
from bgmatte.images import resize
from bgmatte.network.cells import CELL, as_cells, as_pixels, unfolding
from bgmatte.network.tiles import counts, occupied, taps
from bgmatte.network.weighted_norm import weighted_norm_relu
from bgmatte.patches import paste

SIDES = (1, 2, 4, 8, 16, 32)  # of a tile, in patches


class Layers(NamedTuple):
    """One stage: its resolution, what it sees beyond a patch [its px], its convolutions and their norms (none for the last of all)."""

    scale: float
    margin: int
    convs: Sequence[nn.Conv2d]
    norms: Sequence[nn.BatchNorm2d | None]


class Tiles(NamedTuple):
    """Where tiles lie (n, 3: image, row, column), which of their patches are chosen (n, side, side), and their side."""

    where: Tensor
    chosen: Tensor
    side: int


def nested(stages: tuple[Stage, ...], margins: list[int], kernel: int) -> bool:
    """Whether each stage gives exactly what the next must see, pixel for pixel; then patches can share pixels.

    One stage at most may follow at full resolution after one at half: it runs on cells, and so would what it gives.
    """
    if stages[0].scale < 1 and sum(stage.scale == 1 for stage in stages) > 1:
        return False
    sizes = [int(PATCH * stage.scale) + 2 * margin for stage, margin in zip(stages, margins, strict=True)]
    given = [(size - (kernel - 1) * len(stage.widths)) / stage.scale for size, stage in zip(sizes, stages, strict=True)]
    return given == [*(size / stage.scale for size, stage in zip(sizes[1:], stages[1:], strict=True)), PATCH]


def cheapest(stages: Sequence[Layers], chosen: Tensor) -> int:
    """The side of tile that multiplies least for the patches `chosen` (B, 1, h, w); 1 where they are scattered."""
    found = counts(chosen[:, 0], SIDES)
    return min(SIDES, key=lambda side: found[side] * _multiplications(stages, side))


def refine_in_tiles(stages: Sequence[Layers], src: Tensor, bgr: Tensor, matte: Tensor, hidden: Tensor, chosen: Tensor, side: int) -> Tensor:
    """What `Refiner.one_by_one` gives for `chosen` patches (B, 1, h, w), at least one, computed on tiles of `side`² patches."""
    full = (src.shape[2], src.shape[3])
    tiles = Tiles(*occupied(chosen[:, 0], side), side)
    reach = max(math.ceil(stage.margin / stage.scale / CELL) * CELL for stage in stages)
    whole = torch.cat([_cut(src, tiles, reach), _cut(bgr, tiles, reach)], 1)
    half = F.avg_pool2d(whole, CELL)  # bilinear resampling to one half

    x, on_cells = torch.cat([hidden, matte], 1), False
    for n, stage in enumerate(stages):
        spare = int(reach * stage.scale) - stage.margin
        pair = whole if stage.scale == 1 else half
        pair = pair[:, :, spare : pair.shape[2] - spare, spare : pair.shape[3] - spare]
        on_cells = n > 0 and stage.scale == CELL * stages[n - 1].scale and stage.margin % CELL == 0
        if n == 0:
            x = _interpolated(x, tiles, stage, full)
        elif not on_cells:
            x = F.interpolate(x, (pair.shape[2], pair.shape[3]), mode="nearest")
        carried = x.shape[1]
        x = torch.cat([x, as_cells(pair) if on_cells else pair.contiguous(memory_format=torch.channels_last)], 1)
        x = _run(x, stage, tiles, carried if on_cells else None)

    where, patches = _kept(x, tiles)
    return paste(resize(matte.contiguous(), full), resize(as_pixels(patches) if on_cells else patches, (PATCH, PATCH)), where)


def _run(x: Tensor, stage: Layers, tiles: Tiles, carried: int | None) -> Tensor:
    """One stage; `carried` inputs of its first convolution are the same in all of a cell (None: it works on pixels)."""
    side = int(PATCH * stage.scale)
    window = side + 2 * stage.margin
    for n, (conv, norm) in enumerate(zip(stage.convs, stage.norms, strict=True)):
        if carried is None:
            x = conv(x)
        else:
            weight = unfolding(conv.weight, carried if n == 0 else 0).contiguous(memory_format=torch.channels_last)
            x = F.conv2d(x, weight, None if conv.bias is None else conv.bias.repeat(CELL**2))
        window -= conv.kernel_size[0] - 1
        if norm is not None:
            seen = repeats(tiles.chosen, side, window)[:, None]
            x = weighted_norm_relu(norm, x, seen if carried is None else as_cells(seen))
    return x


def repeats(chosen: Tensor, side: int, window: int) -> Tensor:
    """How many chosen patches see each pixel of their tile: (n, T, T) boolean → (n, L, L) with L = (T − 1)·`side` + `window`.

    A patch sees `window` pixels each way, the next one begins `side` pixels further.
    """
    first = torch.arange(chosen.shape[1], device=chosen.device) * side
    at = torch.arange((chosen.shape[1] - 1) * side + window, device=chosen.device)[:, None]
    sees = ((at >= first) & (at < first + window)).float()
    return sees @ chosen.float() @ sees.t()


def _cut(x: Tensor, tiles: Tiles, reach: int) -> Tensor:
    """Tiles of (B, C, H, W) with `reach` px around them, zeros outside the picture: (n, C, L, L)."""
    step = tiles.side * PATCH
    x = F.pad(x, (reach, reach + -x.shape[3] % step, reach, reach + -x.shape[2] % step))
    image, row, column = tiles.where.unbind(1)
    return x.unfold(2, step + 2 * reach, step).unfold(3, step + 2 * reach, step)[image, :, row, column]


def _interpolated(x: Tensor, tiles: Tiles, stage: Layers, full: tuple[int, int]) -> Tensor:
    """Tiles of (B, C, hc, wc), once resampled bilinearly to the stage's resolution, with its margin: (n, C, L, L).

    Each tile multiplies the coarse pixels that it sees by one matrix from each side.
    """
    channels, height, width = x.shape[1:]
    image, row, column = tiles.where.unbind(1)
    step = int(tiles.side * PATCH * stage.scale)
    length = step + 2 * stage.margin
    rows, down = _matrix(row * step - stage.margin, length, int(full[0] * stage.scale), height)
    columns, across = _matrix(column * step - stage.margin, length, int(full[1] * stage.scale), width)

    at = (image[:, None, None] * height + rows[:, :, None]) * width + columns[:, None, :]
    seen = x.permute(0, 2, 3, 1).reshape(-1, channels).index_select(0, at.flatten())
    stretched = down.to(x.dtype) @ seen.view(len(at), rows.shape[1], -1)
    out = across.to(x.dtype)[:, None] @ stretched.view(len(at), length, columns.shape[1], channels)
    return out.permute(0, 3, 1, 2)


def _matrix(first: Tensor, length: int, fine: int, coarse: int) -> tuple[Tensor, Tensor]:
    """For `length` rows from `first` (n,): the coarse rows they lie between (n, K), and the share of each (n, length, K)."""
    at = first[:, None] + torch.arange(length, device=first.device)
    before, after, share = taps(at, coarse, fine)
    most = min(coarse, math.ceil(length * coarse / fine) + 2)
    seen = before[:, :1].clamp(max=coarse - most) + torch.arange(most, device=first.device)
    inside = ((at >= 0) & (at < fine)) * 1.0
    low, high = ((tap[..., None] == seen[:, None]) * part[..., None] for tap, part in ((before, (1 - share) * inside), (after, share * inside)))
    return seen, low + high


def _kept(x: Tensor, tiles: Tiles) -> tuple[Tensor, Tensor]:
    """Of tiles (n, C, T·s, T·s): the chosen patches (P, C, s, s) and where they belong (P, 3: image, row, column)."""
    channels, side = x.shape[1], x.shape[2] // tiles.side
    tile, row, column = tiles.chosen.nonzero().unbind(1)
    lines = ((tile * tiles.side + row)[:, None] * side + torch.arange(side, device=x.device)) * tiles.side + column[:, None]
    pixels = x.permute(0, 2, 3, 1).reshape(-1, side * channels).index_select(0, lines.flatten())
    corner = tiles.where[tile] * torch.tensor([1, tiles.side, tiles.side], device=x.device)
    return corner + torch.stack([torch.zeros_like(row), row, column], 1), pixels.view(-1, side, side, channels).permute(0, 3, 1, 2)


def _multiplications(stages: Sequence[Layers], side: int) -> int:
    total = 0
    for stage in stages:
        length = int(side * PATCH * stage.scale) + 2 * stage.margin
        for conv in stage.convs:
            length -= conv.kernel_size[0] - 1
            total += length**2 * conv.weight.numel()
    return total
