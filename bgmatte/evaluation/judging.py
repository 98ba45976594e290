"""One matte against the truth: every metric, raw."""

from typing import Any

from torch import Tensor

from bgmatte.data.test_pictures import Picture
from bgmatte.evaluation.calibration import calibration
from bgmatte.metrics import connectivity_error, foreground_mse, gradient_differences, mad, mad_by_alpha, mad_by_distance, mse, sad, unknown_region
from bgmatte.network import Matte
from bgmatte.patches import coarse_error
from bgmatte.records import UNKNOWN_RADIUS


def unknown(picture: Picture) -> Tensor:
    """The trimap's unknown region of a picture (see `metrics.unknown_region`), (1, 1, H, W)."""
    return unknown_region(picture.pha, max(1, round(picture.pha.shape[-1] * UNKNOWN_RADIUS)))


def named(picture: Picture) -> dict[str, str]:
    """What every line of a record begins with."""
    return {"set": picture.set, "image": picture.name, "subject": picture.subject, "background": picture.background}


def errors(pha: Tensor, true: Tensor, region: Tensor) -> dict[str, Tensor]:
    """MAD, MSE, SAD and gradient error over the frame and, `_unknown`, over `region`; raw, (1,)."""
    edges = gradient_differences(pha, true)
    frame = {"mad": mad(pha, true), "mse": mse(pha, true), "sad": sad(pha, true), "grad": edges.sum()}
    inside = {"mad": mad(pha, true, region), "mse": mse(pha, true, region), "sad": sad(pha, true, region), "grad": (edges * region).sum()}
    return frame | {f"{name}_unknown": value for name, value in inside.items()}


def judge(picture: Picture, matte: Matte) -> dict[str, Any]:
    """One line of `images.csv`: raw metrics of a matte over the frame, over the trimap's unknown region and over bands."""
    pha, true = matte.pha, picture.pha
    error = coarse_error(matte.pha_sm, true)
    refined = matte.ref_sm
    values = errors(pha, true, unknown(picture))
    values |= {"conn": connectivity_error(pha, true), "fgr_mse": foreground_mse(matte.fgr, picture.fgr, true)}
    patches = int(refined.sum())
    covered = float((error * refined).sum() / error.sum()) if patches and error.sum() > 0 else None
    values |= mad_by_distance(pha, true) | mad_by_alpha(pha, true)
    numbers = {name: None if value.isnan() else float(value) for name, value in values.items()}
    return {**named(picture), **numbers, "patches": patches, "covered": covered, **calibration(picture, matte)}
