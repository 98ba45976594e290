"""What a metric may be asked about, and sums and means over it."""

import torch
from torch import Tensor
from torch.nn import functional as F

SLACK = 1e-6  # what float32 interpolation may overshoot 0–1 by


def unknown_region(true: Tensor, radius: int) -> Tensor:
    """The trimap's unknown region: pixels within `radius` [px] of both a non-transparent and a non-opaque one.

    That is alpha > 0 dilated, without alpha = 1 eroded, both by a square of side 2·radius + 1: every fractional pixel,
    and a band of `radius` px on either side of a hard edge. `true`: (B, 1, H, W), 0–1 → boolean, same shape.
    """
    if type(radius) is not int or radius < 0:
        raise ValueError(f"radius: {radius!r} is not allowed; allowed: a whole number of pixels, 0 or more")
    check_picture("true", true, 1)
    return _dilated(true > 0, radius) & _dilated(true < 1, radius)


def _dilated(mask: Tensor, radius: int) -> Tensor:
    mask = F.pad(mask, (radius, radius, radius, radius))
    for axis in (2, 3):
        reach = 1  # of each pixel along the axis, doubled until it spans the square's side
        while reach < 2 * radius + 1:
            step = min(reach, 2 * radius + 1 - reach)
            size = mask.shape[axis] - step
            mask = mask.narrow(axis, 0, size) | mask.narrow(axis, step, size)
            reach += step
    return mask


def sum_over(difference: Tensor, region: Tensor | None) -> Tensor:
    """Sum of `difference` (B, 1, H, W) over `region`, None for the frame → (B,)."""
    return (difference if region is None else difference * region).flatten(1).sum(1)


def mean_over(difference: Tensor, region: Tensor | None) -> Tensor:
    """Mean of `difference` (B, 1, H, W) over `region`, None for the frame → (B,); a region without a pixel raises ValueError."""
    if region is None:
        return difference.flatten(1).mean(1)
    pixels = region.flatten(1).sum(1)
    if not pixels.all():
        empty = (pixels == 0).nonzero().flatten().tolist()
        raise ValueError(f"region: no pixel in image(s) {empty}, so there is no mean; give a region with pixels in every image")
    return sum_over(difference, region) / pixels


def checked(pha: Tensor, true: Tensor, region: Tensor | None) -> tuple[Tensor, Tensor]:
    """`pha` and `true` as float64 once `check_pair` lets them pass."""
    check_pair(pha, true, region)
    return pha.detach().double(), true.detach().double()


def check_pair(pha: Tensor, true: Tensor, region: Tensor | None) -> None:
    """Raise unless `pha` and `true` are mattes of one shape and `region`, if any, is boolean of that shape, all on one device."""
    check_picture("pha", pha, 1)
    check_like("true", true, pha)
    check_picture("true", true, 1)
    if region is not None:
        if region.dtype != torch.bool:
            raise TypeError(f"region: {region.dtype} is not allowed; allowed: torch.bool")
        check_like("region", region, pha)


def check_like(name: str, seen: Tensor, wanted: Tensor) -> None:
    """Raise ValueError unless `seen` has the shape of `wanted` and is on the same device."""
    if seen.shape != wanted.shape:
        raise ValueError(f"{name}: shape {tuple(seen.shape)} is not allowed; allowed: {tuple(wanted.shape)}")
    if seen.device != wanted.device:
        raise ValueError(f"{name}: on {seen.device} is not allowed; allowed: {wanted.device}, like the rest")


def check_picture(name: str, picture: Tensor, channels: int) -> None:
    """Raise unless `picture` is floating point (TypeError), (B, `channels`, H, W) and within 0–1 (ValueError)."""
    if not picture.is_floating_point():
        raise TypeError(f"{name}: {picture.dtype} is not allowed; allowed: floating point, 0–1 (divide 8-bit values by 255)")
    if picture.ndim != 4 or picture.shape[1] != channels or not picture.numel():
        raise ValueError(f"{name}: shape {tuple(picture.shape)} is not allowed; allowed: (B, {channels}, H, W)")
    low, high = picture.aminmax()
    if not (low >= -SLACK and high <= 1 + SLACK):
        raise ValueError(f"{name}: values from {low:.6g} to {high:.6g} are not allowed; allowed: 0 to 1")
