"""How far a network is from the truth while it learns: the mean absolute error on the frozen validation pictures."""

from collections.abc import Mapping
from statistics import fmean

import torch

from bgmatte.config import RunConfig
from bgmatte.data.test_pictures import test_pictures
from bgmatte.network import MattingNetwork


def validation_mads(network: MattingNetwork, run: RunConfig) -> dict[str, float]:
    """MAD over the frame in eval mode, averaged over the validation pictures of each role; empty when the run has none."""
    if run.test.validation == 0:
        return {}
    network.eval()
    device = next(network.parameters()).device
    found: dict[str, list[float]] = {}
    with torch.inference_mode():
        for picture in test_pictures(run.test, run.data, "validation", run.sources):
            src, bgr, pha = (x.to(device) for x in (picture.src, picture.bgr, picture.pha))
            matte = network(src, bgr, true_pha=pha)
            found.setdefault(picture.set, []).append(float((matte.pha - pha).abs().mean()))
    return {role: fmean(values) for role, values in found.items()}


def mean_mad(mads: Mapping[str, float]) -> float | None:
    """One number for all data sets, each counting alike; None when nothing was measured."""
    return fmean(mads.values()) if mads else None
