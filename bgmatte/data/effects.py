"""What each augmentation of the recipe does to one picture, for looking at."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor

from bgmatte.augment import affine, grain, jitter, misalign, shadow, sharpen, soften, uniform, warp
from bgmatte.images import composite

DRAWS = 64
_CAPTION = 30  # height of the two lines under a picture [px]
_GAP, _HEAD = 6, 18
_COLUMNS = ("without", f"least of {DRAWS} draws", f"most of {DRAWS} draws")  # the font that comes with Pillow has no dashes


class Effect(NamedTuple):
    """An augmentation alone: the picture (3, H, W), 0–1, without it, and of `DRAWS` draws the least and the most changed one."""

    name: str
    words: str  # its range, and how often it happens in training
    before: Tensor
    least: Tensor
    most: Tensor


def effects(rgba: Tensor, rgb: Tensor) -> tuple[Effect, ...]:
    """Every augmentation on its own: of a subject `rgba` (1, 4, S, S) over grey, a background `rgb` (1, 3, S, S), or the one over the other.

    Ranges are those of the joint phases; lengths in pixels belong to crops of 512 px and are scaled to these pictures.
    """
    size = (rgb.shape[2], rgb.shape[3])
    share = size[1] / 512
    fgr, pha = rgba[:, :3].expand(DRAWS, -1, -1, -1), rgba[:, 3:].expand(DRAWS, -1, -1, -1)
    bgr = rgb.expand(DRAWS, -1, -1, -1)
    grey = torch.full_like(bgr, 0.6)

    def moved(generator: Generator, **ranges: Any) -> Tensor:
        theta = affine(generator, DRAWS, **ranges)
        return composite(warp(fgr, theta, size, "border"), grey, warp(pha, theta, size, "zeros", grounded=True))

    def focused(change: Callable[[Tensor], Tensor]) -> Tensor:
        both = change(torch.cat([fgr, pha], 1))
        return composite(both[:, :3], grey, both[:, 3:])

    person, scene, both = composite(rgba[:, :3], grey[:1], rgba[:, 3:]), rgb, composite(rgba[:, :3], rgb, rgba[:, 3:])
    every = (
        ("rotation", "up to 5°, always", person, lambda g: moved(g, degrees=5)),
        ("shear", "up to 5°, always", person, lambda g: moved(g, shear=5)),
        ("translation", "up to 10 % of the side, always", person, lambda g: moved(g, shift=0.1)),
        ("scale of the subject", "0.3 to 1, always (base phase 0.4 to 1)", person, lambda g: moved(g, scale=(0.3, 1))),
        ("mirror", "1 in 2", person, lambda g: moved(g, flip=0.5)),
        (
            "colour of the subject",
            "light 0.85 to 1.15, hue ±0.05, always",
            person,
            lambda g: composite(jitter(fgr, g, light=0.15, hue=0.05), grey, pha),
        ),
        ("blur", "radius 0 to 5 px of 512, 1 in 10", person, lambda g: focused(lambda x: soften(x, g, radius=max(1, round(5 * share)), chance=1))),
        ("sharpening", "one strength, 1 in 10", person, lambda g: focused(lambda x: sharpen(x, g, chance=0.5))),
        ("scale of the background", "1 to 2, always", scene, lambda g: warp(bgr, affine(g, DRAWS, scale=(1, 2)), size, "reflection")),
        ("shadow", "as dark as 0.3, 3 in 10", both, lambda g: composite(fgr, shadow(bgr, pha, g, blur=(20 * share, 39 * share), chance=1), pha)),
        ("noise", "deviation up to 0.03, 4 in 10", both, lambda g: grain(composite(fgr, bgr, pha), g, std=uniform(g, DRAWS, 0, 0.03))),
        ("light when captured", "light 0.82 to 1.18, hue ±0.1, 8 in 10", scene, lambda g: jitter(bgr, g, light=0.18, hue=0.1)),
        ("misalignment when captured", "1° and 1 % of the side, 3 in 10", scene, lambda g: misalign(bgr, g, degrees=1, shift=0.01, chance=1)),
    )
    return tuple(_ends(name, words, before[0], draw(Generator().manual_seed(number))) for number, (name, words, before, draw) in enumerate(every))


def _ends(name: str, words: str, before: Tensor, drawn: Tensor) -> Effect:
    away = (drawn - before).abs().mean((1, 2, 3))
    return Effect(name, words, before, drawn[int(away.argmin())], drawn[int(away.argmax())])


def captioned(shown: Sequence[Effect], columns: int, side: int = 150) -> np.ndarray:
    """Effects as (before, least, most) side by side, `columns` effects in a row, names and ranges beneath, heads above; uint8 (h, w, 3)."""
    from PIL import Image, ImageDraw, ImageFont

    width, height = 3 * side + 2 * _GAP, side + _CAPTION + 2 * _GAP
    rows = -(-len(shown) // columns)
    page = Image.new("RGB", (columns * width + (columns - 1) * 4 * _GAP, _HEAD + rows * height), "white")
    draw, bold, plain = ImageDraw.Draw(page), ImageFont.load_default(14), ImageFont.load_default(12)
    for place, effect in enumerate(shown):
        left, top = place % columns * (width + 4 * _GAP), _HEAD + place // columns * height
        for k, picture in enumerate((effect.before, effect.least, effect.most)):
            pixels = (picture.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
            if place < columns:
                draw.text((left + k * (side + _GAP), 1), _COLUMNS[k], "#555555", plain)
            page.paste(Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS), (left + k * (side + _GAP), top))
        draw.text((left, top + side + 1), effect.name, "#262626", bold)
        draw.text((left, top + side + 17), effect.words, "#555555", plain)
    return np.asarray(page)
