"""Things one can see through by their matter: glass, sheer cloth, smoke. NumPy only."""

import numpy as np

from bgmatte.data.procedural import shapes
from bgmatte.data.procedural.canvas import Plane, blank, coverage, lay, painted, plane, true_distance
from bgmatte.data.procedural.noise import fractal
from bgmatte.data.procedural.surfaces import hsv, lit

Array = np.ndarray
_WHITE = np.ones(3, np.float32)


def glass(rng: np.random.Generator, size: int) -> Array:
    """A vase, tumbler, bottle or stemmed glass: clear in its middle, dense and bright at its sides, perhaps filled."""
    on, draw = plane(size), rng.random(24)
    top, bottom, middle = 0.08 + 0.22 * draw[0], 0.72 + 0.24 * draw[1], 0.3 + 0.4 * draw[2]
    scale = 0.08 + 0.1 * draw[3]
    t = np.clip((on.y - np.float32(top)) / np.float32(bottom - top), 0, 1)
    profiles = (
        [0.9, 0.95, 1.0, 0.95, 0.85, 0.8],
        [0.3, 0.28, 0.32, 0.9, 1.0, 0.95],
        [0.8, 1.0, 0.9, 0.12, 0.1, 0.75],
        [1.1, 0.75, 0.6, 0.9, 1.0, 0.7],
    )
    knots = np.array(profiles[int(draw[4] * 4)]) * (0.85 + 0.3 * draw[5:11])
    half = _smooth_profile(knots, t) * np.float32(scale)
    outer = true_distance(np.abs(on.x - np.float32(middle)) - half, size)
    outline = np.maximum(np.maximum(outer, np.float32(top) - on.y), on.y - np.float32(bottom))
    across = np.clip((on.x - np.float32(middle)) / np.maximum(half, np.float32(1e-3)), -1, 1)
    wall = (
        np.float32(0.05)
        + np.float32(0.6) * np.abs(across) ** 6
        + np.float32(0.25) * np.exp(-(((np.abs(across) - np.float32(0.92)) / np.float32(0.035)) ** 2))
    )
    base = np.float32(0.45) * np.exp(-(((on.y - np.float32(bottom)) / np.float32(0.022)) ** 2))
    level = top + (bottom - top) * (0.2 + 0.6 * draw[11])
    filled = np.clip((on.y - np.float32(level)) * size + np.float32(0.5), 0, 1) * (draw[12] < 0.6)
    alpha = coverage(outline, size) * np.clip(wall + base + filled * np.float32(0.12 + 0.5 * draw[13]), 0, 1)
    tint = hsv(draw[14], 0.45 * draw[15], 0.6 + 0.35 * draw[16])[:, None, None]
    drink = hsv(draw[17], 0.4 + 0.5 * draw[18], 0.3 + 0.6 * draw[19])[:, None, None]
    colour = (tint + (drink - tint) * filled) * (
        np.float32(0.55) + np.float32(0.35) * across * np.float32(np.sign(draw[20] - 0.5)) + np.float32(0.2) * np.abs(across)
    )
    layer = painted(alpha, np.clip(colour, 0, 1))
    _reflections(layer, rng, on, outline, across, (top, bottom))
    for y, strength in ((top, 0.8), (level, 0.35 * (draw[12] < 0.6)), (bottom, 0.5)):
        wide = float(half[min(int(y * size), size - 1)].max())
        ring = np.abs(shapes.ellipse(on, (middle, y), (wide, 0.12 * wide + 0.004))) - np.float32(0.0028)
        lay(layer, painted(coverage(ring, size) * np.float32(strength), np.array([0.92, 0.95, 0.97], np.float32)))
    return layer


def _smooth_profile(knots: Array, t: Array) -> Array:
    place = t * np.float32(len(knots) - 1)
    low = np.minimum(place.astype(int), len(knots) - 2)
    share = place - low
    share = share * share * (3 - 2 * share)
    return (knots[low] * (1 - share) + knots[low + 1] * share).astype(np.float32)


def _reflections(layer: Array, rng: np.random.Generator, on: Plane, outline: Array, across: Array, span: tuple[float, float]) -> None:
    draw = rng.random((4, 4))
    inside = coverage(outline + np.float32(0.004), on.size)
    for place, wide, strong, at in draw:
        streak = np.exp(-(((across - np.float32(1.6 * place - 0.8)) / np.float32(0.015 + 0.06 * wide)) ** 2))
        fade = np.exp(-(((on.y - np.float32(span[0] + (span[1] - span[0]) * at)) / np.float32(0.16)) ** 4))
        lay(layer, painted(inside * streak * fade * np.float32(0.25 + 0.6 * strong), _WHITE))


def sheer(rng: np.random.Generator, size: int) -> Array:
    """A hanging sheer cloth: a thread ground that folds make denser, hems at its borders."""
    on, draw = plane(size), rng.random(12)
    top, long, middle, wide = 0.05 + 0.2 * draw[0], 0.5 + 0.5 * draw[1], 0.3 + 0.4 * draw[2], 0.14 + 0.22 * draw[3]
    wave, slow = fractal(rng, on, 2, 3), fractal(rng, on, 3, 2)
    fall = np.clip((on.y - np.float32(top)) / np.float32(long), 0, 1)
    bent = (on.x - np.float32(middle)) + np.float32(0.05) * wave * fall
    half = np.float32(wide) * (np.float32(0.55 + 0.3 * draw[4]) + np.float32(0.5) * fall)
    hem = np.float32(top + long) + np.float32(0.02) * np.sin(bent * np.float32(40)) + np.float32(0.02) * slow
    outline = np.maximum(true_distance(np.abs(bent) - half, size), np.maximum(np.float32(top) - on.y, on.y - hem))
    phase = bent / half * np.float32(6 + 12 * draw[5]) + slow
    fold = np.float32(0.5) + np.float32(0.5) * np.sin(phase)
    alpha = np.float32(0.1 + 0.3 * draw[6]) + np.float32(0.5) * fold**3
    border = np.float32(0.35) * np.exp(-(((outline + np.float32(0.008)) / np.float32(0.006)) ** 2))
    weave = np.float32(0.05) * np.sin(on.x * np.float32(900)) * np.sin(on.y * np.float32(900))
    diffuse, shine = lit(np.float32(0.02) * np.sin(phase) * (np.float32(0.3) + fall), size, (2 * draw[7] - 1, -0.5, 0.7))
    cloth = hsv(draw[8], 0.7 * draw[9] ** 2, 0.45 + 0.55 * draw[10])[:, None, None]
    colour = np.clip(cloth * (np.float32(0.4) + np.float32(0.7) * diffuse) + np.float32(0.25) * shine, 0, 1)
    return painted(coverage(outline, size) * np.clip(alpha + border + weave, 0, 1), colour)


def smoke(rng: np.random.Generator, size: int) -> Array:
    """A rising plume, denser in its middle."""
    on, draw = plane(size), rng.random(10)
    swirl, fine, tone = fractal(rng, on, 3, 5, 0.6), fractal(rng, on, 5, 6, 0.6), fractal(rng, on, 4, 4)
    foot, lean, spread = 0.25 + 0.5 * draw[0], 0.5 * (draw[1] - 0.5), 0.1 + 0.16 * draw[2]
    rise = np.clip(np.float32(1.05) - on.y, 0, 1)
    across = (on.x - np.float32(foot) - np.float32(lean) * rise + np.float32(0.06) * swirl * rise) / (np.float32(0.05) + np.float32(spread) * rise)
    dense = np.exp(-across * across) * np.clip(np.float32(0.95 - 0.5 * draw[3]) - np.clip(rise - np.float32(0.55 + 0.3 * draw[4]), 0, 1) * 3, 0, 1)
    alpha = np.clip(dense * (np.float32(0.75) + np.float32(0.35) * fine), 0, 0.97)
    colour = hsv(draw[5], 0.25 * draw[6] ** 2, 0.35 + 0.6 * draw[7])[:, None, None] * (np.float32(0.85) + np.float32(0.14) * tone)
    layer = blank(size)
    lay(layer, painted(alpha * np.clip(dense * 20, 0, 1), np.clip(colour, 0, 1)))
    return layer
