"""Backgrounds without photographs, from nearly flat to busy, as a lens and a camera would see them. NumPy only."""

import numpy as np

from bgmatte.data.procedural.canvas import Plane, plane
from bgmatte.data.procedural.noise import branch
from bgmatte.data.procedural.rooms import room, wall
from bgmatte.data.procedural.scenery import hills, leaves, lights

Array = np.ndarray
_KINDS = ((0.3, room), (0.5, leaves), (0.7, hills), (0.86, wall), (1.0, lights))  # shares, summed up


def background(rng: np.random.Generator, size: int) -> Array:
    """One background (3, size, size), float32 0–1."""
    kind, blur, amount = rng.random(3)
    scene, light, lens, grain = (branch(rng) for _ in range(4))
    on = plane(size)
    picture = next(maker for limit, maker in _KINDS if kind < limit)(scene, on)
    if blur < 0.5:
        picture = blurred(picture, max(1, round(0.02 * amount**2 * size)))
    picture = _exposed(picture, on, light, lens)
    noise = grain.standard_normal((3, size, size), dtype=np.float32)
    return np.clip(picture + noise * np.float32(0.004 + 0.012 * amount), 0, 1)


def blurred(picture: Array, radius: int) -> Array:
    """`picture` (C, H, W) averaged twice over squares of side 2·`radius`+1 [px], borders continued."""
    for axis in (1, 2, 1, 2):
        pads = [(radius + 1, radius) if a == axis else (0, 0) for a in range(3)]
        total = np.cumsum(np.pad(picture, pads, "edge"), axis=axis, dtype=np.float32)
        width = 2 * radius + 1
        upper, lower = (slice(None),) * axis + (slice(width, None),), (slice(None),) * axis + (slice(None, -width),)
        picture = (total[upper] - total[lower]) * np.float32(1 / width)
    return picture


def _exposed(picture: Array, on: Plane, light: np.random.Generator, lens: np.random.Generator) -> Array:
    x, y = on.x - np.float32(0.5), on.y - np.float32(0.5)
    tilt, warmth, gamma, dark = light.uniform(-1, 1, 2), light.uniform(-1, 1), lens.uniform(-0.25, 0.25), lens.random()
    shade = 1 + np.float32(0.25 * tilt[0]) * x + np.float32(0.25 * tilt[1]) * y - np.float32(0.5 * dark**2) * (x**2 + y**2)
    tint = np.array([1 + 0.1 * warmth, 1, 1 - 0.1 * warmth], np.float32)[:, None, None]
    return np.clip(picture * shade * tint, 0, 1) ** np.float32(1 + gamma)
