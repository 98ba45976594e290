"""Pure functions on pictures: resize, composite, edges, blur. Pictures are (B, C, H, W), 0–1."""

import torch
from torch import Tensor
from torch.nn import functional as F

LUMA = (0.299, 0.587, 0.114)  # weights of red, green and blue in brightness, ITU-R BT.601


def resize(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Bilinear resampling of (B, C, h, w) to (B, C, *size), corners not aligned, no antialiasing (paper's code)."""
    return x if x.shape[2:] == size else F.interpolate(x, size, mode="bilinear", align_corners=False)


def shrink(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Area resampling of (B, C, h, w) to a smaller (B, C, *size): every source pixel counts."""
    return x if x.shape[2:] == size else F.interpolate(x, size, mode="area")


def composite(fgr: Tensor, bgr: Tensor, pha: Tensor) -> Tensor:
    """`fgr` (B, 3, H, W) over `bgr` (B, 3, H, W) with coverage `pha` (B, 1, H, W)."""
    return torch.lerp(bgr, fgr, pha)


def difference(src: Tensor, bgr: Tensor) -> Tensor:
    """Mean |I − B| over channels, (B, 3, H, W) each → (B, 1, H, W)."""
    return (src - bgr).abs().mean(1, keepdim=True)


def gray(x: Tensor) -> Tensor:
    """Luma of (B, 3, H, W) as (B, 1, H, W)."""
    return (x * x.new_tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)


def sobel(x: Tensor) -> Tensor:
    """Sobel gradient magnitude of each channel of (B, C, H, W).

    3×3 divided by 8, replicate border, sqrt(gx² + gy² + 1e-6) so that its slope stays finite (as in the official code).
    """
    x = F.pad(x, (1, 1, 1, 1), "replicate")
    down = x[..., :-2, :] + 2 * x[..., 1:-1, :] + x[..., 2:, :]  # smoothed along columns
    across = x[..., :-2] + 2 * x[..., 1:-1] + x[..., 2:]  # smoothed along rows
    gx = (down[..., 2:] - down[..., :-2]) / 8
    gy = (across[..., 2:, :] - across[..., :-2, :]) / 8
    return (gx.square() + gy.square() + 1e-6).sqrt()


def box_blur(x: Tensor, radius: int) -> Tensor:
    """Mean over a square of 2·radius + 1 pixels around each pixel of (B, C, H, W), replicate border."""
    if radius == 0:
        return x
    side = 2 * radius + 1
    x = F.avg_pool2d(F.pad(x, (radius, radius, 0, 0), "replicate"), (1, side), 1)
    return F.avg_pool2d(F.pad(x, (0, 0, radius, radius), "replicate"), (side, 1), 1)
