"""Errors of single pixels: alpha, its change in time, the foreground's colour."""

from torch import Tensor

from bgmatte.metrics.regions import check_like, check_picture, checked, mean_over, sum_over


def mad(pha: Tensor, true: Tensor, region: Tensor | None = None) -> Tensor:
    """Mean absolute difference.

    `pha`, `true`: (B, 1, H, W), 0–1, of any floating type; `region`: boolean, same shape, or None for the frame; all on one
    device, where the result is too → (B,) float64, computed in float64. Raises ValueError for other shapes, values outside
    0–1, different devices or a region without a pixel, TypeError for other types.
    """
    pha, true = checked(pha, true, region)
    return mean_over((pha - true).abs(), region)


def mse(pha: Tensor, true: Tensor, region: Tensor | None = None) -> Tensor:
    """Mean squared difference; arguments, result and errors as `mad`."""
    pha, true = checked(pha, true, region)
    return mean_over((pha - true).square(), region)


def sad(pha: Tensor, true: Tensor, region: Tensor | None = None) -> Tensor:
    """Sum of absolute differences (published tables divide it by 1000); arguments, result and errors as `mad`."""
    pha, true = checked(pha, true, region)
    return sum_over((pha - true).abs(), region)


def dtssd(pha: Tensor, true: Tensor, region: Tensor | None = None) -> Tensor:
    """Root mean square of what each frame's change differs from its true change by (Robust Video Matting prints it × 10²).

    `pha`, `true`: a sequence of 2 frames or more, (T, 1, H, W), 0–1; `region`: boolean, same shape, of each change that of
    the later frame, or None → (T − 1,) float64. Errors as `mad`, and ValueError for a single frame.
    """
    pha, true = checked(pha, true, region)
    if len(pha) < 2:
        raise ValueError(f"pha: {len(pha)} frame is not allowed; allowed: 2 or more, the frames of a sequence in order")
    change = (pha - true).diff(dim=0)
    return mean_over(change.square(), None if region is None else region[1:]).sqrt()


def foreground_mse(fgr: Tensor, true_fgr: Tensor, true: Tensor, region: Tensor | None = None) -> Tensor:
    """Mean squared difference of the foreground's colour where the true alpha is above 0, over pixels and channels.

    `fgr`, `true_fgr`: (B, 3, H, W), 0–1; `true`: (B, 1, H, W). Without a region the mean is taken over alpha* > 0 (Robust
    Video Matting); with one, pixels of alpha* = 0 count as equal and the mean is over the region (the original).
    """
    check_picture("fgr", fgr, 3)
    check_picture("true_fgr", true_fgr, 3)
    check_like("true_fgr", true_fgr, fgr)
    true, _ = checked(true, true, region)
    check_like("true (against fgr)", true, fgr[:, :1])
    seen = true > 0
    difference = (fgr.double() - true_fgr.double()).square().mean(1, keepdim=True) * seen  # (B, 1, H, W)
    return mean_over(difference, seen if region is None else region)
