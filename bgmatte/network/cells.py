"""Convolutions on cells: 2×2 pixels whose colours ride as channels, so that both resolutions are one.

The half-resolution stage sees the mean of a cell's pixels, the full-resolution stage each of them; both become plain
convolutions over the same cells. That spares the halving and the doubling, and fills the processor's registers.
Within a cell channels are ordered row, column, channel. Multiplications stay about the same.
"""

import torch
from torch import Tensor

CELL = 2  # side of a cell in pixels


def averaging(weight: Tensor, carried: int) -> Tensor:
    """The kernel (O, I, k, k) of a convolution at half the resolution over cells, (O, I', k, k).

    Its first `carried` inputs lie at half resolution already; each other one comes as four: I' = carried + 4·(I − carried).
    """
    return torch.cat([weight[:, :carried], weight[:, carried:].repeat(1, CELL**2, 1, 1) / CELL**2], 1)


def unfolding(weight: Tensor, carried: int) -> Tensor:
    """The kernel (O, I, k, k) of an unpadded convolution over pixels as one over cells, (4·O, I', l, l) with l = 2 for k = 3, 1 for 1.

    The first `carried` inputs are the same in all of a cell and come once; each other one comes as four. Output row 2i + a
    (a = 0, 1) is the sum over k of input rows 2i + a + k, which are rows c of the cells i + u where 2u + c = a + k.
    """
    kernel = weight.shape[2]
    a, c, u, k = torch.meshgrid(*(torch.arange(n, device=weight.device) for n in (CELL, CELL, (kernel + 1) // 2, kernel)), indexing="ij")
    meets = (CELL * u + c == a + k).to(weight)
    same = torch.einsum("auk,bvl,oikl->aboiuv", meets.sum(1), meets.sum(1), weight[:, :carried])
    apart = torch.einsum("acuk,bdvl,oikl->abocdiuv", meets, meets, weight[:, carried:]).flatten(3, 5)
    return torch.cat([same, apart], 3).flatten(0, 2)


def as_pixels(x: Tensor) -> Tensor:
    """Cells (…, 4·C, h, w) as pixels (…, C, 2h, 2w)."""
    x = x.unflatten(-3, (CELL, CELL, -1)).movedim(-3, -5)  # (…, C, row, column, h, w)
    return x.movedim((-4, -3), (-3, -1)).flatten(-4, -3).flatten(-2, -1)


def as_cells(x: Tensor) -> Tensor:
    """Pixels (B, C, 2h, 2w) as cells (B, 4·C, h, w), channels innermost in memory: `as_pixels` undoes it."""
    x = x.unflatten(3, (-1, CELL)).unflatten(2, (-1, CELL))  # (B, C, h, row, w, column)
    return x.permute(0, 2, 4, 3, 5, 1).flatten(3).movedim(3, 1)
