"""Augmentations on batches (B, C, H, W), 0–1; each takes the `torch.Generator` it draws from.

What is drawn never depends on what the pictures hold, so one seed means one batch; each picture draws for itself.
Ranges are the paper's (as in the official code) and come from the caller: `bgmatte.data.recipe`.
"""

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from bgmatte.images import LUMA, box_blur, resize, shrink

Extent = tuple[float, float]  # how far a picture reaches across and down, where a square of side 2 reaches 1 and 1
SQUARE: Extent = (1.0, 1.0)


def uniform(generator: Generator, count: int, low: float, high: float) -> Tensor:
    """`count` numbers between `low` and `high`, shaped (count, 1, 1, 1) to ride on a batch."""
    return torch.rand(count, 1, 1, 1, generator=generator) * (high - low) + low


def happens(generator: Generator, count: int, chance: float) -> Tensor:
    """`count` booleans, each true with `chance`, shaped (count, 1, 1, 1)."""
    return torch.rand(count, 1, 1, 1, generator=generator) < chance


def covering(size: tuple[int, int]) -> Extent:
    """How far a picture of height × width `size` reaches (across, down) when its shorter side fills the square −1–1."""
    least = min(size)
    return size[1] / least, size[0] / least


def within(size: tuple[int, int]) -> Extent:
    """How far a picture of height × width `size` reaches (across, down) when its longer side fills the square −1–1."""
    most = max(size)
    return size[1] / most, size[0] / most


def affine(
    generator: Generator,
    count: int,
    *,
    degrees: float = 0,
    shear: float = 0,
    shift: float = 0,
    scale: tuple[float, float] = (1, 1),
    flip: float = 0,
    sides: Extent = SQUARE,
) -> Tensor:
    """`count` random maps (count, 2, 3) from output to input positions, both in the square −1–1.

    `degrees` and `shear` [°] and `shift` [share of the picture's `sides`] are largest deviations; `scale` magnifies; `flip` is a chance.
    A picture is sheared, turned, scaled and moved, then flipped.
    """
    angle, slant = (uniform(generator, count, -most, most).flatten() * math.pi / 180 for most in (degrees, shear))
    moves = [uniform(generator, count, -shift, shift).flatten() * 2 * side for side in sides]
    size = uniform(generator, count, *scale).flatten()
    side = 1 - 2 * happens(generator, count, flip).flatten().float()

    turn = torch.stack([angle.cos(), angle.sin(), -angle.sin(), angle.cos()], 1).view(count, 2, 2)
    slide = torch.stack([torch.ones(count), slant.tan(), torch.zeros(count), torch.ones(count)], 1).view(count, 2, 2)
    linear = slide @ turn / size.view(count, 1, 1)
    offset = -(linear @ torch.stack(moves, 1)[:, :, None])
    flips = torch.stack([side, torch.ones(count)], 1)[:, None]
    return torch.cat([linear * flips, offset], 2)


def framed(theta: Tensor, source: Extent, crop: Extent) -> Tensor:
    """Maps of the square as maps from a crop of it, reaching as far as `crop`, to a picture that reaches as far as `source`; both in −1–1."""
    return theta * theta.new_tensor([*crop, 1]) / theta.new_tensor(source)[:, None]


def warp(x: Tensor, theta: Tensor, size: tuple[int, int], border: str, *, grounded: bool = False) -> Tensor:
    """(B, C, h, w) seen through the maps `theta` (B, 2, 3) as (B, C, *size); `border`: zeros, border or reflection.

    `grounded` continues the picture below its lower edge: a sitter who is cut there does not end in mid-air.
    """
    grid = F.affine_grid(theta.to(x), [len(x), x.shape[1], *size], align_corners=False)
    if grounded:
        grid[..., 1].clamp_(max=1 - 1 / x.shape[2])
    return F.grid_sample(x, grid, mode="bilinear", padding_mode=border, align_corners=False)


def jitter(x: Tensor, generator: Generator, *, light: float, hue: float, chance: float = 1, added: bool = False) -> Tensor:
    """Brightness, contrast and saturation times 1 ± `light` and hue turned by ± `hue` of a circle, with a `chance` each picture.

    Contrast is about the picture's mean luma. With `added`, brightness is a summand of ± `light` and contrast is about
    black, as in the library that the official code gives its captured backgrounds to. All four are linear in the colour
    (hue turns in the chroma plane of YIQ, which keeps luma, where the official code turns it in HSV) and applied in
    one order, so they are one 3×3 matrix and an offset; the result is clamped once.
    """
    count = len(x)
    brightness, contrast, saturation = (uniform(generator, count, 1 - light, 1 + light).view(count, 1, 1) for _ in range(3))
    turn = uniform(generator, count, -hue, hue).flatten() * 2 * math.pi
    do = happens(generator, count, chance)

    to_gray = torch.tensor(LUMA).expand(3, 3)
    # gray + (hue · (colour − gray)) · saturation, after brightness and contrast around the picture's mean luma
    chroma = to_gray + saturation * (_hue_matrix(turn) @ (torch.eye(3) - to_gray))
    if added:  # chroma keeps greys, so what is added to all channels stays as it is
        matrix, offset = chroma * contrast, (brightness - 1) * contrast
    else:
        matrix = chroma * brightness * contrast
        mean = (x.mean((2, 3)) @ torch.tensor(LUMA)).view(count, 1, 1) * brightness
        offset = mean * (1 - contrast)

    def turned(one: Tensor, which: Tensor) -> Tensor:
        flat = torch.baddbmm(offset[which].expand(-1, 3, 1), matrix[which], one.flatten(2))
        return flat.clamp_(0, 1).view(one.shape)

    return _where_it_happens(x, do, turned)


def _hue_matrix(turn: Tensor) -> Tensor:
    to_yiq = torch.tensor([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
    cos, sin, one, nil = turn.cos(), turn.sin(), torch.ones_like(turn), torch.zeros_like(turn)
    rotation = torch.stack([one, nil, nil, nil, cos, -sin, nil, sin, cos], 1).view(-1, 3, 3)
    return torch.linalg.inv(to_yiq) @ rotation @ to_yiq


def _where_it_happens(x: Tensor, do: Tensor, change: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """`x` with `change(pictures, their indices)` in place of the pictures where `do` is true; the others cost nothing."""
    which = do.flatten().nonzero().flatten()
    if len(which) == 0:
        return x
    return change(x[which], which) if len(which) == len(x) else x.index_copy(0, which, change(x[which], which))


def soften(x: Tensor, generator: Generator, *, radius: int, chance: float) -> Tensor:
    """Box blur with a radius drawn from 0 to `radius` [px], with a `chance` each picture; colour and alpha alike."""
    radii = torch.randint(0, radius + 1, (len(x),), generator=generator)
    do = happens(generator, len(x), chance)
    return _where_it_happens(x, do, lambda some, which: torch.cat([box_blur(one[None], int(r)) for one, r in zip(some, radii[which], strict=True)]))


def sharpen(x: Tensor, generator: Generator, *, chance: float) -> Tensor:
    """Twice each pixel less the mean of its eight neighbours (Pillow's SHARPEN), with a `chance` each picture; colour and alpha alike."""
    do = happens(generator, len(x), chance)
    # (9 · mean of nine − pixel) / 8 is the mean of the eight
    return _where_it_happens(x, do, lambda some, which: (some * (17 / 8) - box_blur(some, 1) * (9 / 8)).clamp(0, 1))


def shadow(bgr: Tensor, pha: Tensor, generator: Generator, *, blur: tuple[float, float], chance: float = 0.3, darkest: float = 0.3) -> Tensor:
    """The background (B, 3, H, W) darkened by a moved, blurred copy of the alpha (B, 1, H, W), as the paper's code does.

    The copy is taken times 0 to `darkest`, turned and sheared by up to 5°, moved by up to 20 %, scaled by 0.5–1.5 and
    box-blurred over a square whose side is drawn from `blur` [px]; as nothing sharp is left of it, it is made at a
    quarter of the size, its blur rounded to what that resolution has.
    """
    count, (height, width) = len(bgr), bgr.shape[2:]
    extent, small = within((height, width)), (height // 4, width // 4)
    theta = framed(affine(generator, count, degrees=5, shear=5, shift=0.2, scale=(0.5, 1.5), sides=extent), extent, extent)
    depth = uniform(generator, count, 0, darkest)
    radii = [max(1, round((side / 4 - 1) / 2)) for side in uniform(generator, count, *blur).flatten().tolist()]
    do = happens(generator, count, chance)

    def darkened(some: Tensor, which: Tensor) -> Tensor:
        moved = warp(shrink(pha[which], small), theta[which], small, "zeros")
        cast = torch.cat([box_blur(one[None], radii[i]) for one, i in zip(moved, which.tolist(), strict=True)])
        return (some - resize(cast, (height, width)) * depth[which]).clamp(0, 1)

    return _where_it_happens(bgr, do, darkened)


def grain(x: Tensor, generator: Generator, *, std: Tensor) -> Tensor:
    """Gaussian noise of standard deviation `std` (B, 1, 1, 1), 0–1 units, clamped to 0–1."""

    def noisy(some: Tensor, which: Tensor) -> Tensor:
        return torch.randn(some.shape, generator=generator).mul_(std[which]).add_(some).clamp_(0, 1)

    return _where_it_happens(x, std > 0, noisy)


def misalign(x: Tensor, generator: Generator, *, degrees: float, shift: float, chance: float, border: str = "reflection") -> Tensor:
    """A rotation of up to ± `degrees` and a translation of up to ± `shift` of the sides, with a `chance` each picture."""
    size = (x.shape[2], x.shape[3])
    extent = within(size)
    theta = framed(affine(generator, len(x), degrees=degrees, shift=shift, sides=extent), extent, extent)
    do = happens(generator, len(x), chance)
    return _where_it_happens(x, do, lambda some, which: warp(some, theta[which], size, border))


def perturb_background(bgr: Tensor, generator: Generator, *, shift: float, gamma: float, noise: float) -> Tensor:
    """What a second shot of the background (B, 3, H, W) would differ by (paper, section 5).

    Translation of up to ± `shift` px each way (bilinear, replicate border), gamma from 1 ± `gamma`, Gaussian noise
    of standard deviation `noise` in 0–1 units.
    """
    count, _, height, width = bgr.shape
    dx, dy = (uniform(generator, count, -shift, shift).flatten() for _ in range(2))
    power = uniform(generator, count, 1 - gamma, 1 + gamma)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = 1
    theta[:, 0, 2], theta[:, 1, 2] = 2 * dx / width, 2 * dy / height
    grid = F.affine_grid(theta, [count, 3, height, width], align_corners=False)
    moved = F.grid_sample(bgr, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return grain(moved.clamp(0, 1) ** power, generator, std=torch.full((count, 1, 1, 1), noise))
