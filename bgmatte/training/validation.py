"""How far a network is from the truth while it learns: the mean absolute error on the frozen validation pictures."""

import torch

from bgmatte.config import RunConfig
from bgmatte.data.test_pictures import test_pictures
from bgmatte.network import MattingNetwork


def validation_mad(network: MattingNetwork, run: RunConfig) -> float | None:
    """MAD over the frame, averaged over the validation pictures, in eval mode; None when the run has no such pictures."""
    if run.test.validation == 0:
        return None
    network.eval()
    total, count = 0.0, 0
    with torch.inference_mode():
        for picture in test_pictures(run.test, run.data, "validation"):
            matte = network(picture.src, picture.bgr, true_pha=picture.pha)
            total += float((matte.pha - picture.pha).abs().mean())
            count += 1
    return total / count
