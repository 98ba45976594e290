"""Where along a subject's edge a matte errs: the mean absolute difference in bands of distance from the true contour."""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from bgmatte.metrics.regions import check_picture, checked

# Ends of the bands [px]: about what a refined patch reaches (4 px), what the coarse network resolves (4 to 16 px), and far away.
EDGES = (0, 2, 4, 8, 16, 32, math.inf)


def contour_distance(true: Tensor) -> Tensor:
    """Distance of every pixel's centre from the true contour [px], infinite where a picture has none.

    The contour parts pixels with alpha ≥ ½ from the others. A pixel's distance is that to the centre of the nearest pixel on the
    other side, less the half pixel by which the contour is nearer: 0.5 for the pixels that touch it.
    `true`: (B, 1, H, W), 0–1 → (B, 1, H, W), float64, on the CPU. Raises ValueError and TypeError as `mad`.
    """
    check_picture("true", true, 1)
    return torch.stack([_distance(picture) for picture in true.detach().cpu()])


def mad_by_distance(pha: Tensor, true: Tensor, edges: Sequence[float] = EDGES) -> dict[str, Tensor]:
    """Mean absolute difference in each band of distance from the true contour: name of the band → (B,), float64.

    A band reaches from one of the `edges` [px] up to, not including, the next; `mad_band_2_4` names the one from 2 to 4 px,
    `mad_band_32_up` what lies beyond. NaN where a picture has no pixel in a band. Raises ValueError for edges that do not rise, else as `mad`.
    """
    if len(edges) < 2 or any(high <= low for low, high in pairwise(edges)):
        raise ValueError(f"edges: {tuple(edges)} is not allowed; allowed: two or more rising distances [px]")
    pha, true = checked(pha, true, None)
    distance, error = contour_distance(true).to(pha.device), (pha - true).abs()
    means = {}
    for low, high in pairwise(edges):
        band = (distance >= low) & ((distance < high) | (high == math.inf))
        means[f"mad_band_{low:g}_{'up' if high == math.inf else f'{high:g}'}"] = (error * band).flatten(1).sum(1) / band.flatten(1).sum(1)
    return means


def _distance(true: Tensor) -> Tensor:
    from scipy.ndimage import distance_transform_edt

    inside = (true[0] >= 0.5).numpy()
    if inside.all() or not inside.any():  # no pixel on the other side to measure to
        return torch.full(true.shape, math.inf, dtype=torch.float64)
    return torch.from_numpy(distance_transform_edt(inside) + distance_transform_edt(~inside) - 0.5)[None]
