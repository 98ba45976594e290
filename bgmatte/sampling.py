"""The few pictures that a run keeps for the eye, chosen by rule from the truth alone, so that every row shows the same."""

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from bgmatte.cache import written_whole
from bgmatte.data.test_pictures import Picture
from bgmatte.network import Matte

SAMPLES = 3
WINDOW = 0.3125  # side of the crop one looks at, as a share of the picture's: 160 of 512 px


def sample_crops(pictures: Sequence[Picture]) -> dict[str, list[int]]:
    """The pictures with the most soft pixels at the 100th, 75th and 50th percentile, each with its softest window.

    Returns name → [top, left, height, width] in px.
    """
    ranked = sorted(pictures, key=lambda picture: (-float(_soft(picture.pha).mean()), picture.name))
    count = min(SAMPLES, len(ranked))
    chosen = [ranked[round(k * (len(ranked) - 1) / (2 * max(1, count - 1)))] for k in range(count)]
    return {picture.name: _softest_window(picture.pha) for picture in chosen}


def save_pictures(folder: Path, picture: Picture, matte: Matte, names: Sequence[str] = ()) -> None:
    """Write src, bgr, true, pha, err and ref of one picture, or those in `names`, as WebP, mattes without loss."""
    layers = {"src": picture.src, "bgr": picture.bgr, "true": picture.pha, "pha": matte.pha, "err": matte.err_sm, "ref": matte.ref_sm.float()}
    for name, layer in layers.items():
        if names and name not in names:
            continue
        path = folder / f"{name}.webp"
        with written_whole(path) as temporary:
            as_image(layer).save(temporary, lossless=layer.shape[1] == 1, quality=90)


def as_image(x: Tensor) -> Image.Image:
    """(1, 1 or 3, H, W), 0–1, as an 8-bit picture."""
    array = (x[0].clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    return Image.fromarray(array[..., 0] if array.shape[2] == 1 else array)


def _soft(pha: Tensor) -> Tensor:
    return ((pha > 0.05) & (pha < 0.95)).float()


def _softest_window(pha: Tensor) -> list[int]:
    side = max(8, int(pha.shape[-1] * WINDOW))
    share = F.avg_pool2d(_soft(pha), side, stride=4)[0, 0]
    row, column = divmod(int(share.argmax()), share.shape[1])
    return [4 * row, 4 * column, side, side]
