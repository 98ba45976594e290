"""Premultiplied layers, their coverage and how they lie over each other. NumPy only.

Lengths and positions are shares of the picture's side (0–1, y down) unless marked [px], so a picture can be
drawn at any size. A layer is float32 (4, H, W): colour times coverage, then coverage, all 0–1.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

Array = np.ndarray


class Plane(NamedTuple):
    """Where the pixels of a (part of a) picture lie: x (1, W) and y (H, 1) of their centres, and the picture's side [px]."""

    x: Array
    y: Array
    size: int


@lru_cache(maxsize=8)
def plane(size: int) -> Plane:
    """The whole picture."""
    line = (np.arange(size, dtype=np.float32) + np.float32(0.5)) / np.float32(size)
    return Plane(line[None, :], line[:, None], size)


def window(size: int, left: float, top: float, right: float, bottom: float) -> tuple[Plane, tuple[slice, slice, slice]]:
    """The pixels of a picture between four borders, and their place in a layer (all channels); at least one pixel."""
    whole = plane(size)
    rows, columns = _span(top, bottom, size), _span(left, right, size)
    return Plane(whole.x[:, columns], whole.y[rows], size), (slice(None), rows, columns)


def _span(low: float, high: float, size: int) -> slice:
    first = min(max(int(low * size) - 1, 0), size - 1)
    return slice(first, max(min(int(high * size) + 2, size), first + 1))


def blank(size: int) -> Array:
    """An empty layer."""
    return np.zeros((4, size, size), np.float32)


def coverage(distance: Array, size: int, soft: float = 0.0) -> Array:
    """How much of each pixel lies inside a shape whose signed distance is negative inside, 0–1.

    The edge is one pixel wide (the box filter of a straight edge along an axis) plus `soft` shares of the side.
    """
    return np.clip(np.float32(0.5) - distance * np.float32(size / (1 + soft * size)), 0, 1)


def true_distance(field: Array, size: int) -> Array:
    """A signed distance near the zero line of any smooth field: the field divided by its slope."""
    slope_y, slope_x = np.gradient(field, np.float32(1 / size))
    return field / np.maximum(np.hypot(slope_x, slope_y), np.float32(1e-3))


def painted(cover: Array, colour: Array) -> Array:
    """A layer of `colour` ((3,), (3, 1, 1) or (3, H, W)) where `cover` (H, W) says."""
    layer = np.empty((4, *cover.shape), np.float32)
    np.multiply(colour.reshape(3, 1, 1) if colour.ndim == 1 else colour, cover, out=layer[:3])
    layer[3] = cover
    return layer


def lay(below: Array, above: Array) -> None:
    """Put the layer `above` over `below`, in place."""
    below *= 1 - above[3]
    below += above


def quantised(layer: Array) -> Array:
    """A finished layer as uint8 (4, H, W), straight colour; where alpha is 0 the nearest colours are continued."""
    alpha = np.clip(layer[3], 0, 1)
    known = alpha >= np.float32(0.5 / 255)
    colour = layer[:3] / np.maximum(alpha, np.float32(0.5 / 255))
    result = np.empty((4, *alpha.shape), np.uint8)
    filled = np.where(known, colour, continued(colour * known, known.astype(np.float32)))
    result[:3] = np.clip(filled, 0, 1) * 255 + np.float32(0.5)
    result[3] = alpha * 255 + np.float32(0.5)
    return result


def continued(colour: Array, weight: Array) -> Array:
    """`colour` (C, H, W), 0 where `weight` (H, W) is 0, filled there from ever coarser averages of what is known (push–pull)."""
    height, width = weight.shape
    if min(height, width) < 4:
        mean = colour.sum((1, 2)) / max(float(weight.sum()), 1e-6)
        return np.broadcast_to(mean[:, None, None], colour.shape).astype(np.float32)
    small_colour, small_weight = _halved(colour), _halved(weight[None])[0]
    known = (small_weight > 0).astype(np.float32)
    mean = small_colour / np.maximum(small_weight, np.float32(1e-6))
    coarse = np.where(small_weight > 0, mean, continued(mean * known, known))
    return coarse.repeat(2, axis=1).repeat(2, axis=2)[:, :height, :width]


def _halved(field: Array) -> Array:
    """Means over 2×2 pixels; an odd border counts as empty beyond."""
    field = np.pad(field, [(0, 0), (0, field.shape[1] % 2), (0, field.shape[2] % 2)])
    return (field[:, ::2, ::2] + field[:, 1::2, ::2] + field[:, ::2, 1::2] + field[:, 1::2, 1::2]) * np.float32(0.25)
