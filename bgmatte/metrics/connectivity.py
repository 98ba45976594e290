"""The connectivity error: does what belongs together hang together?"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bgmatte.metrics.regions import checked, sum_over

LEVELS = 10  # alpha ≥ 0.1, 0.2 … 1.0
THETA = 0.15  # smaller distances to the connected level are forgiven


def connectivity_error(pha: Tensor, true: Tensor, region: Tensor | None = None) -> Tensor:
    """Sum of differences in how firmly pixels hang on the largest common part; arguments, result and errors as `mad`.

    The original's MATLAB definition: step 0.1, theta 0.15, 4-connected. Where a level has no common part nothing is
    connected there (the original crashes). The parts are found in the whole frame; `region` only says where to sum.
    """
    pha, true = checked(pha, true, region)
    pairs = zip(pha[:, 0].cpu().numpy(), true[:, 0].cpu().numpy(), strict=True)
    level = torch.from_numpy(np.stack([_connected_level(*pair) for pair in pairs])).to(pha.device)[:, None]  # (B, 1, H, W)
    return sum_over((_firmness(pha - level) - _firmness(true - level)).abs(), region)


def _connected_level(pha: NDArray[np.float64], true: NDArray[np.float64]) -> NDArray[np.float64]:
    level, held = np.ones_like(true), np.ones(true.shape, bool)
    for step in range(1, LEVELS + 1):
        part = _largest_part(_reaches(pha, step) & _reaches(true, step))
        level[held & ~part] = (step - 1) / LEVELS
        held &= part
        if not held.any():
            break
    return level


def _reaches(matte: NDArray[np.float64], step: int) -> NDArray[np.bool_]:
    # alpha ≥ step / 10 in units of 1/2550, where every 8-bit value is whole: 153/255 is 0.6, which float64's 6 · 0.1 exceeds.
    return matte * (255 * LEVELS) >= 255 * step - 1e-3


def _largest_part(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    from scipy.ndimage import label  # type: ignore[import-untyped]  # its default neighbours are the four of the definition

    parts, _ = label(mask.T)  # MATLAB counts down the columns, which decides between parts of equal size
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    largest: NDArray[np.bool_] = (parts == sizes.argmax()).T
    return largest & mask


def _firmness(distance: Tensor) -> Tensor:
    return 1 - distance * (distance >= THETA)
