"""The connectivity error: does what belongs together hang together?"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bgmatte.metrics.parts import steps_held
from bgmatte.metrics.regions import check_pair

STEPS = 10  # alpha ≥ 0.1, 0.2 … 1.0
THETA = 0.15  # smaller distances to the connected level are forgiven
SLACK = 1 + 5e-7  # 153/255 must reach 0.6 however single precision rounds it; 8-bit values lie 0.004 apart


def connectivity_error(pha: Tensor, true: Tensor, region: Tensor | None = None) -> Tensor:
    """Sum of differences in how firmly pixels hang on the largest common part; arguments, result and errors as `mad`.

    The original's MATLAB definition: step 0.1, theta 0.15, 4-connected. Where a level has no common part nothing is
    connected there (the original crashes). The parts are found in the whole frame, on the CPU whatever the device;
    `region` only says where to sum.
    """
    check_pair(pha, true, region)
    mattes = pha.detach(), true.detach()
    reached = [_steps_reached(matte) for matte in mattes]
    held = np.stack([steps_held(common, STEPS) for common in np.minimum(*reached)])

    differs = np.maximum(*reached) > held  # elsewhere both distances are below theta
    at = np.flatnonzero(differs if region is None else differs & region[:, 0].cpu().numpy())
    level = held.ravel()[at] / STEPS
    lost, truly_lost = (_firmness_lost(matte.flatten()[_on(pha, at)].double() - _on(pha, level)) for matte in mattes)
    images = np.bincount(at // held[0].size, minlength=len(held)).tolist()
    return torch.stack([image.sum() for image in (lost - truly_lost).abs().split(images)])


def _steps_reached(matte: Tensor) -> NDArray[np.uint8]:
    precise = matte if matte.dtype == torch.float64 else matte.float()
    steps: NDArray[np.uint8] = (precise * (STEPS * SLACK)).to(torch.uint8)[:, 0].cpu().numpy()  # rounded down
    return steps


def _firmness_lost(distance: Tensor) -> Tensor:
    return distance * (distance >= THETA)


def _on(matte: Tensor, values: NDArray[np.generic]) -> Tensor:
    return torch.from_numpy(values).to(matte.device)
