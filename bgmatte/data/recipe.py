"""The paper's augmentation (its section 4), from a subject and a background to what the network is shown.

Ranges stand here. Where the paper and the official code disagree, the code is followed: the captured background is
jittered in 8 of 10 pictures (paper: 3), and in the base phase subjects are scaled by 0.4–1 (paper: 0.3–1).
What differs from the code, always:
- every picture draws its own shadow, noise and blur, where the code draws one for the affected pictures of a batch;
- pictures are resampled once, from where they lie to the crop, and large ones shrunk by area first; the code resamples
  twice without antialiasing, so blur and sharpening happen here at the crop's resolution;
- hue turns in the plane of chroma (`augment.jitter`).
Only for stand-ins (`Recipe.strict` false):
- beyond a picture's edge the code is black. Drawn scenes go on instead, and a sitter who is cut below goes on downwards;
- the captured background's brightness is multiplied, as the paper has it; the code's library adds it.
"""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from bgmatte.augment import affine, covering, framed, grain, happens, jitter, misalign, shadow, sharpen, soften, uniform, warp, within
from bgmatte.images import composite

Size = tuple[int, int]  # height, width [px]
_PUBLISHED_SIDE = 512  # the smallest canvas of the official code [px]: smaller crops get shorter blurs


@dataclass(frozen=True)
class Recipe:
    """What differs between phases and between kinds of data."""

    scale: tuple[float, float]  # of the foreground
    strict: bool  # the official code to the letter; else what suits drawn stand-ins


def recipe(kind: str, *, strict: bool) -> Recipe:
    """The recipe of a phase ("base" or "joint")."""
    return Recipe(scale=(0.4, 1) if kind == "base" else (0.3, 1), strict=strict)


STAND_IN = recipe("base", strict=False)


def compose(rgba: Tensor, rgb: Tensor, size: Size, how: Recipe, generator: Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """`src`, captured `bgr`, `pha` and `fgr` (B, C, *size) of subjects `rgba` (B, 4, h, w) over backgrounds `rgb` (B, 3, h, w), 0–1.

    Each source covers a square, as in the official code, of which the crop is the middle.
    """
    share = min(1.0, max(size) / _PUBLISHED_SIDE)
    fgr, pha = foreground(rgba, size, how, share, generator)
    bgr = background(rgb, size, how, share, generator)
    src = composite(fgr, shadow(bgr, pha, generator, blur=(20 * share, 39 * share)), pha)
    src, captured = camera(src, bgr, how, generator)
    return src, captured, pha, fgr


def foreground(rgba: Tensor, size: Size, how: Recipe, share: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Colour and alpha of subjects, moved, softened or sharpened alike; the colour jittered."""
    theta = _placed(rgba, size, how.scale, generator)
    colour = warp(rgba[:, :3], theta, size, "border")
    alpha = warp(rgba[:, 3:], theta, size, "zeros", grounded=not how.strict)
    both = _focus(torch.cat([colour, alpha], 1), share, generator)
    return jitter(both[:, :3], generator, light=0.15, hue=0.05), both[:, 3:]


def background(rgb: Tensor, size: Size, how: Recipe, share: float, generator: Generator) -> Tensor:
    """Backgrounds, moved, softened or sharpened, and jittered."""
    theta = _placed(rgb, size, (1, 2), generator)
    moved = _focus(warp(rgb, theta, size, _beyond(how)), share, generator)
    return jitter(moved, generator, light=0.15, hue=0.05)


def camera(src: Tensor, bgr: Tensor, how: Recipe, generator: Generator) -> tuple[Tensor, Tensor]:
    """Noise on both shots; the captured background is also lit differently and slightly misaligned."""
    noisy = happens(generator, len(src), 0.4)
    src, bgr = (grain(x, generator, std=uniform(generator, len(src), 0, 0.03) * noisy) for x in (src, bgr))
    bgr = jitter(bgr, generator, light=0.18, hue=0.1, chance=0.8, added=how.strict)  # 0.8 in the official code, 0.3 in the paper
    return src, misalign(bgr, generator, degrees=1, shift=0.01, chance=0.3, border=_beyond(how))


def _placed(x: Tensor, size: Size, scale: tuple[float, float], generator: Generator) -> Tensor:
    reach = covering((x.shape[2], x.shape[3]))
    theta = affine(generator, len(x), degrees=5, shear=5, shift=0.1, scale=scale, flip=0.5, sides=reach)
    return framed(theta, reach, within(size))


def _beyond(how: Recipe) -> str:
    return "zeros" if how.strict else "reflection"


def _focus(x: Tensor, share: float, generator: Generator) -> Tensor:
    return sharpen(soften(x, generator, radius=max(1, int(5 * share)), chance=0.1), generator, chance=0.1)
