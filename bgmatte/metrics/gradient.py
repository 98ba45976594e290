"""The gradient error: do edges and hairs have the right strength?"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from bgmatte.metrics.regions import checked, sum_over

SIGMA = 1.4  # of the Gaussian derivative [px] (Rhemann et al. 2009, as in the original's evaluation)


def gradient_error(pha: Tensor, true: Tensor, region: Tensor | None = None, *, stretch: bool = False) -> Tensor:
    """Sum of squared differences of the Gaussian gradient's amplitude; arguments, result and errors as `mad`.

    9×9 Gaussian-derivative filters of sigma 1.4 and unit L2 norm, replicated border. `stretch=True` first stretches each
    matte to 0–1 by its own minimum and maximum, as the original's MATLAB evaluation does; Robust Video Matting does not.
    The filters see the whole frame; `region` only says where differences are summed.
    """
    pha, true = checked(pha, true, region)
    if stretch:
        pha, true = _stretched(pha), _stretched(true)
    return sum_over((_gradient_amplitudes(pha) - _gradient_amplitudes(true)).square(), region)


def _stretched(matte: Tensor) -> Tensor:
    low, high = matte.amin((1, 2, 3), keepdim=True), matte.amax((1, 2, 3), keepdim=True)
    return torch.where(high > low, (matte - low) / (high - low).clamp(min=1e-300), matte)  # a flat matte stays as it is


def _gradient_amplitudes(mattes: Tensor) -> Tensor:
    # One image at a time: its temporaries stay in the processor's cache, which is three times as fast as the whole batch.
    return torch.stack([_gradient_amplitude(matte[None])[0] for matte in mattes])


def _gradient_amplitude(matte: Tensor) -> Tensor:
    half = math.ceil(SIGMA * math.sqrt(-2 * math.log(math.sqrt(2 * math.pi) * SIGMA * 0.01)))  # 4: the Gaussian has fallen to 0.01
    place = torch.arange(-half, half + 1, dtype=torch.float64, device=matte.device)
    smooth = torch.exp(-place.square() / (2 * SIGMA**2))
    slope = place * smooth
    smooth, slope = smooth / smooth.norm(), slope / slope.norm()  # the product of two unit vectors has unit norm

    padded = F.pad(matte, (half, half, half, half), mode="replicate")
    across = _filtered(_filtered(padded, slope, 3), smooth, 2)
    down = _filtered(_filtered(padded, smooth, 3), slope, 2)
    return (across.square() + down.square()).sqrt()


def _filtered(matte: Tensor, taps: Tensor, axis: int) -> Tensor:
    # A sum of nine shifted pictures: float64 convolutions have no fast CPU kernel.
    size = matte.shape[axis] - len(taps) + 1
    result = torch.zeros_like(matte.narrow(axis, 0, size))
    for shift, tap in enumerate(taps.tolist()):
        result.add_(matte.narrow(axis, shift, size), alpha=tap)
    return result
