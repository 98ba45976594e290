"""The gradient error: do edges and hairs have the right strength?"""

import math
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from bgmatte.metrics.regions import check_pair, sum_over

SIGMA = 1.4  # of the Gaussian derivative [px] (Rhemann et al. 2009, as in the original's evaluation)
HALF = math.ceil(SIGMA * math.sqrt(-2 * math.log(math.sqrt(2 * math.pi) * SIGMA * 0.01)))  # 4 [px]: the Gaussian has fallen to 0.01
STRIP = 128  # rows filtered at a time


def gradient_error(pha: Tensor, true: Tensor, region: Tensor | None = None, *, stretch: bool = False) -> Tensor:
    """Sum of squared differences of the Gaussian gradient's amplitude; arguments, result and errors as `mad`.

    9×9 Gaussian-derivative filters of sigma 1.4 and unit L2 norm, replicated border. `stretch=True` first stretches each
    matte to 0–1 by its own minimum and maximum, as the original's MATLAB evaluation does; Robust Video Matting does not.
    The filters see the whole frame; `region` only says where differences are summed.
    """
    check_pair(pha, true, region)
    return sum_over(gradient_differences(pha, true, stretch=stretch), region)


def gradient_differences(pha: Tensor, true: Tensor, *, stretch: bool = False) -> Tensor:
    """What `gradient_error` sums, pixel by pixel: (B, 1, H, W), float64; arguments and errors as there."""
    check_pair(pha, true, None)
    pictures = [_bordered(_stretched(matte.detach()) if stretch else matte.detach()) for matte in (pha, true)]
    differences = [torch.cat(list(map(_squared_differences, _strips(one), _strips(other))), 1) for one, other in zip(*pictures, strict=True)]
    return torch.stack(differences)


def _stretched(matte: Tensor) -> Tensor:
    matte = matte.double()
    low, high = matte.amin((1, 2, 3), keepdim=True), matte.amax((1, 2, 3), keepdim=True)
    return torch.where(high > low, (matte - low) / (high - low).clamp(min=1e-300), matte)  # a flat matte stays as it is


def _bordered(matte: Tensor) -> Tensor:
    precise = matte if matte.dtype == torch.float64 else matte.float()
    return F.pad(precise, (HALF, HALF, HALF, HALF), mode="replicate")


def _strips(picture: Tensor) -> list[Tensor]:
    """A bordered picture (1, H + 8, W + 8) in overlapping strips: what lies between input and output stays in the processor's cache."""
    return [picture[:, top : top + STRIP + 2 * HALF] for top in range(0, picture.shape[1] - 2 * HALF, STRIP)]


def _squared_differences(pha: Tensor, true: Tensor) -> Tensor:
    return _amplitude(pha.double()).sub_(_amplitude(true.double())).square_()


def _amplitude(picture: Tensor) -> Tensor:
    smooth, slope = _taps()
    across = _filtered(_filtered(picture, slope, 2), smooth, 1)
    down = _filtered(_filtered(picture, smooth, 2), slope, 1)
    return across.square_().add_(down.square_()).sqrt_()


@cache
def _taps() -> tuple[list[float], list[float]]:
    """The Gaussian and its derivative, each of unit norm, so that their product has unit norm too."""
    places = range(-HALF, HALF + 1)
    smooth = [math.exp(-(place**2) / (2 * SIGMA**2)) for place in places]
    slope = [place * height for place, height in zip(places, smooth, strict=True)]
    return [tap / math.hypot(*smooth) for tap in smooth], [tap / math.hypot(*slope) for tap in slope]


def _filtered(matte: Tensor, taps: list[float], axis: int) -> Tensor:
    # A sum of nine shifted pictures: float64 convolutions have no fast CPU kernel.
    size = matte.shape[axis] - len(taps) + 1
    result = matte.narrow(axis, 0, size) * taps[0]
    for shift, tap in enumerate(taps[1:], 1):
        result.add_(matte.narrow(axis, shift, size), alpha=tap)
    return result
