"""How well a network knows where its coarse matte is wrong: predicted against true error, patch by patch."""

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from bgmatte.data.test_pictures import Picture
from bgmatte.images import resize
from bgmatte.network import Matte
from bgmatte.patches import coarse_error
from bgmatte.records import ERROR_SHARES

BINS = (0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)  # edges of predicted error, 0–1; about evenly on a logarithmic scale


def calibration(picture: Picture, matte: Matte) -> dict[str, float | None]:
    """Rank correlation and recall of one picture's predicted error over its 4×4 patches; None where nothing was predicted.

    `err_rank` is Spearman's correlation of predicted and true error. `err_recall_5` is the share of the true error that lies in the 5 % of
    patches with the largest predicted error, 0–1, and `err_best_5` the share in the 5 % with the largest true error: the most there is.
    Patches with equal predictions, such as 0 over a whole region, count with their mean, as if chance decided among them.
    """
    from scipy.stats import spearmanr

    predicted, true = _errors(picture, matte)
    names = [f"err_{kind}_{share}" for kind in ("recall", "best") for share in ERROR_SHARES]
    if predicted.min() == predicted.max() or true.min() == true.max():
        return dict.fromkeys(["err_rank", *names])
    firsts = [max(1, round(len(true) * share / 100)) for share in ERROR_SHARES]
    found: list[float | None] = []
    for score in (predicted, true):
        sums = _mean_of_equals(score, true)[score.argsort(descending=True)].cumsum(0) / true.sum()
        found += [float(sums[first - 1]) for first in firsts]
    return {"err_rank": float(spearmanr(predicted.numpy(), true.numpy()).statistic), **dict(zip(names, found, strict=True))}


def reliability(picture: Picture, matte: Matte) -> list[dict[str, Any]]:
    """Predicted and true error of a picture's patches summed by bins of the predicted one: a line for each bin that has patches.

    `low` and `high` are the bin's edges (the upper one belongs to the next bin, but for the last); `patches` counts, `predicted` and `true` are sums.
    """
    predicted, true = _errors(picture, matte)
    lines = []
    for low, high in pairwise(BINS):
        inside = (predicted >= low) & ((predicted < high) | (high == BINS[-1]))
        if inside.any():
            sums = {"predicted": float(predicted[inside].sum()), "true": float(true[inside].sum())}
            lines.append({"low": low, "high": high, "patches": int(inside.sum()), **sums})
    return lines


def _mean_of_equals(score: Tensor, true: Tensor) -> Tensor:
    """`true` with the mean over all patches of equal `score` in each place, (n,)."""
    _, group, counts = score.unique(return_inverse=True, return_counts=True)
    return (torch.zeros_like(counts, dtype=true.dtype).index_add(0, group, true) / counts)[group]


def _errors(picture: Picture, matte: Matte) -> tuple[Tensor, Tensor]:
    """Predicted and true error of the coarse matte in every patch, (n,) float64, 0–1."""
    true = coarse_error(matte.pha_sm, picture.pha)
    predicted = resize(matte.err_sm, (true.shape[2], true.shape[3]))
    return predicted.flatten().double(), true.flatten().double()
