"""Smooth random fields from fixed numbers of draws. NumPy only."""

import numpy as np

from bgmatte.data.procedural.canvas import Plane

Array = np.ndarray
_CUBIC_STD = 0.72  # standard deviation of Catmull-Rom interpolated unit normals, averaged over a cell (two directions)


def stream(seed: int, *place: int) -> np.random.Generator:
    """The random numbers of one picture: the same for the same seed and place, whoever draws it and when."""
    return np.random.Generator(np.random.PCG64([seed, *place]))


def branch(rng: np.random.Generator) -> np.random.Generator:
    """A stream of its own for one part, so that parts may differ in how much they draw."""
    return np.random.Generator(np.random.PCG64(rng.integers(0, 2**62, 2).tolist()))


def fractal(rng: np.random.Generator, on: Plane, cells: float = 4, octaves: int = 4, gain: float = 0.5) -> Array:
    """A field (H, W) of about unit variance: `cells` bumps across the picture, `octaves` of halving size, each `gain` as strong.

    The number of draws depends on `cells` and `octaves` alone, not on which part of the picture is asked for.
    """
    field = np.zeros((on.y.size, on.x.size), np.float32)
    strength, power = 1.0, 0.0
    for octave in range(octaves):
        count = max(1, round(cells * 2**octave))
        knots = rng.standard_normal((count + 3, count + 3), dtype=np.float32)
        across = _interpolated(knots, on.x.ravel())  # (W, count + 3)
        field += np.float32(strength) * _interpolated(np.ascontiguousarray(across.T), on.y.ravel())
        power += strength**2
        strength *= gain
    field *= np.float32(1 / (_CUBIC_STD * power**0.5))
    return field


def curves(rng: np.random.Generator, count: int, points: int, cells: int = 4) -> Array:
    """`count` smooth random functions (count, points) of about unit variance with `cells` bumps along each."""
    knots = rng.standard_normal((cells + 3, count), dtype=np.float32)
    return _interpolated(knots, (np.arange(points, dtype=np.float32) + np.float32(0.5)) / np.float32(points)).T / np.float32(_CUBIC_STD**0.5)


def _interpolated(knots: Array, place: Array) -> Array:
    """Catmull-Rom interpolation of (cells + 3, n) knots at places (m,) 0–1 along the first axis, as (m, n)."""
    cells = knots.shape[0] - 3
    place = place * np.float32(cells)
    index = np.clip(place.astype(np.int64), 0, cells - 1)
    t = (place - index).astype(np.float32)[:, None]
    weights = (-0.5 * t + t**2 - 0.5 * t**3, 1 - 2.5 * t**2 + 1.5 * t**3, 0.5 * t + 2 * t**2 - 1.5 * t**3, -0.5 * t**2 + 0.5 * t**3)
    result = weights[0] * knots[index]
    for k in (1, 2, 3):
        result += weights[k] * knots[index + k]
    return result
