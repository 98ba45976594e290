"""Quality against budget: what every number of refined patches makes of a picture, in the order of a selector."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from bgmatte.config import PATCH
from bgmatte.data.test_pictures import Picture
from bgmatte.metrics import gradient_differences
from bgmatte.network import MattingNetwork
from bgmatte.patches import coarse_error
from bgmatte.ranking import ranked

SMALLEST = 64  # patches of the first budget above none; each next one is twice as large


def budgets(patches: int, own: int | None = None) -> tuple[int, ...]:
    """The budgets measured on a frame of so many patches: 0, 64, 128 … all, and the study's `own`.

    >>> budgets(300, own=100)
    (0, 64, 100, 128, 256, 300)
    """
    doubled = {SMALLEST * 2**power for power in range(patches.bit_length())}
    return tuple(sorted(budget for budget in {0, patches, *doubled, own or 0} if budget <= patches))


def budget_lines(
    picture: Picture, region: Tensor, network: MattingNetwork, selectors: Iterable[str], own: int | None, generator: Generator
) -> Iterator[dict[str, Any]]:
    """One line for each selector and budget: patches really refined, raw errors over the frame and over `region`, error covered.

    Every patch is refined once: what the refiner makes of it does not depend on which others are chosen.
    """
    with torch.inference_mode():
        scene, coarse = network.glance(picture.src, picture.bgr, generator=generator, true_pha=picture.pha)
        nothing = torch.zeros(1, 1, *scene.cells, dtype=torch.bool)
        before, after = (network.refined(scene, coarse, chosen)[:, :1] for chosen in (nothing, None))
    error = coarse_error(coarse.pha, picture.pha).flatten().double()
    measured = partial(_gradients, before, after, picture.pha, region)
    ends = {0: measured(nothing), nothing.numel(): measured(~nothing)}  # alike for every selector
    for selector in selectors:
        ranking = ranked(scene, selector)
        sums = {name: ranking.mixed(*parts) for name, parts in _parts(before, after, picture.pha, region).items()}
        seen = ranking.mixed(torch.zeros_like(error), error)
        for budget in budgets(nothing.numel(), own):
            count = ranking.taken(budget)
            chosen = ranking.first(count).view(nothing.shape)
            frame, inside = ends[count] if count in ends else measured(chosen)
            yield {
                "selector": selector,
                "patches": budget,
                "refined": count,
                **{name: float(total[count]) for name, total in sums.items()},
                "grad": frame,
                "grad_unknown": inside,
                "covered": float(seen[count] / seen[-1]) if seen[-1] > 0 else None,
            }


def _parts(before: Tensor, after: Tensor, true: Tensor, region: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
    """What each patch adds to each mean, unrefined and refined, (n,) float64."""
    parts = {}
    for name, error in (("mad", torch.abs), ("mse", torch.square)):
        for suffix, where in (("", torch.ones_like(region)), ("_unknown", region)):
            both = (
                F.avg_pool2d(error(matte.double() - true) * where, PATCH, divisor_override=1).flatten() / where.sum() for matte in (before, after)
            )
            parts[name + suffix] = (next(both), next(both))
    return parts


def _gradients(before: Tensor, after: Tensor, true: Tensor, region: Tensor, chosen: Tensor) -> tuple[float, float]:
    """The gradient error over the frame and over `region` with the patches `chosen` (1, 1, H/4, W/4) refined."""
    matte = torch.where(F.interpolate(chosen.float(), scale_factor=PATCH, mode="nearest") > 0, after, before)
    differences = gradient_differences(matte, true)
    return float(differences.sum()), float((differences * region).sum())
