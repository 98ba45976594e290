"""How much a captured background may differ from the true one: shift, gamma, noise and shadow, each alone."""

import math
from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from bgmatte.augment import shadow
from bgmatte.data.test_pictures import Picture, TestPictures
from bgmatte.images import composite
from bgmatte.variants import BASELINE, COARSE, KEY

ROWS = (BASELINE, COARSE, KEY)  # the method, without its second network, and what learns nothing
# Disturbance → amounts; the first changes nothing.
AMOUNTS: MappingProxyType[str, tuple[float, ...]] = MappingProxyType(
    {
        "shift": (0, 0.5, 1, 2, 4, 8),  # of the captured background [px]
        "gamma": (1, 0.7, 0.85, 1.15, 1.4),  # its exponent
        "noise": (0, 0.02, 0.05, 0.1),  # its standard deviation, 0–1 units
        "shadow": (0, 0.15, 0.3, 0.5),  # what the darkest visible part of the background loses, 0–1 units; the captured one has no shadow
    }
)
_DRAWS = 50  # of a shadow at most: about one place in eight hides most of it
_BLUR = (20 / 512, 39 / 512)  # sides of a shadow's blur, as shares of the picture's (the official code's pixels on its smallest canvas)


def disturbed(picture: Picture, seed: int) -> Iterator[tuple[tuple[tuple[str, float], ...], Picture]]:
    """A picture with an exact background under every disturbance: the (disturbance, amount) it stands for, and the picture.

    The first is undisturbed and stands for every disturbance. Directions, noise and the shadow's place are drawn from `seed`.
    """
    yield tuple((name, amounts[0]) for name, amounts in AMOUNTS.items()), picture
    for name, amounts in AMOUNTS.items():
        for amount in amounts[1:]:
            yield ((name, amount),), _DISTURB[name](picture, amount, Generator().manual_seed(seed))


def exact(pictures: TestPictures) -> TestPictures:
    """The same compositions with a captured background that is the true one."""
    return TestPictures(pictures.table, pictures.stock, replace(pictures.test, shift=0.0, gamma=0.0, noise=0.0))


def _shifted(picture: Picture, amount: float, generator: Generator) -> Picture:
    """The captured background moved by `amount` px in a drawn direction; what comes in repeats its border."""
    angle = 2 * math.pi * float(torch.rand(1, generator=generator))
    height, width = picture.bgr.shape[2:]
    theta = torch.tensor([[[1, 0, 2 * amount * math.cos(angle) / width], [0, 1, 2 * amount * math.sin(angle) / height]]])
    grid = F.affine_grid(theta, list(picture.bgr.shape), align_corners=False)
    moved = F.grid_sample(picture.bgr, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return picture._replace(bgr=moved.clamp(0, 1))


def _curved(picture: Picture, amount: float, generator: Generator) -> Picture:
    return picture._replace(bgr=picture.bgr**amount)


def _grainy(picture: Picture, amount: float, generator: Generator) -> Picture:
    noise = torch.randn(picture.bgr.shape, generator=generator)
    return picture._replace(bgr=(picture.bgr + amount * noise).clamp(0, 1))


def _shaded(picture: Picture, amount: float, generator: Generator) -> Picture:
    """The person throws a shadow of the training recipe's shape on the scene; where the darkest part that shows is, it takes `amount` away."""
    cast = _cast(picture.pha, generator)
    return picture._replace(src=composite(picture.fgr, (picture.bgr - amount * cast).clamp(0, 1), picture.pha))


def _cast(pha: Tensor, generator: Generator) -> Tensor:
    """A moved, blurred copy of the alpha, 0–1, 1 at the darkest part that the person does not hide.

    A place where most of it is hidden is drawn anew: there a faint rim would be made as dark as a whole shadow.
    """
    side = min(pha.shape[2:])
    white = torch.ones_like(pha).expand(-1, 3, -1, -1)
    for _ in range(_DRAWS):
        dark = 1 - shadow(white, pha, generator, blur=(_BLUR[0] * side, _BLUR[1] * side), chance=1, darkest=1)
        seen = (dark * (1 - pha)).max()
        if seen >= 0.5 * dark.max() > 0:
            break
    return (dark / seen.clamp(min=1e-6)).clamp(0, 1)


_DISTURB = MappingProxyType({"shift": _shifted, "gamma": _curved, "noise": _grainy, "shadow": _shaded})
