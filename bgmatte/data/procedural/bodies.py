"""Necks, shoulders and clothes. NumPy only."""

import numpy as np

from bgmatte.data.procedural import shapes
from bgmatte.data.procedural.canvas import Plane, coverage, painted, true_distance, window
from bgmatte.data.procedural.noise import fractal
from bgmatte.data.procedural.sitter import Sitter, illuminated
from bgmatte.data.procedural.surfaces import blend, lit, pattern, random_colour

Array = np.ndarray
Place = tuple[slice, slice, slice]

# The shoulder line: how far it lies below the pit of the neck, by distance from the middle, both in half head heights.
_LINE = np.array(
    [
        [0, 0.3, 0.45, 0.6, 0.8, 1.0, 1.2, 1.35, 1.48, 1.58, 1.66, 1.72, 1.76, 2.4],
        [-0.6, -0.45, -0.26, -0.12, 0.0, 0.07, 0.15, 0.24, 0.37, 0.55, 0.8, 1.15, 1.6, 9.0],
    ]
)


def body(who: Sitter, size: int) -> tuple[Array, Place]:
    """Neck, torso and upper arms, dressed, down to the lower border: a layer and its place in the picture."""
    rng, unit = who.streams["body"], who.unit
    on, place = window(size, 0, who.head[1], 1, 1)
    outline, height = _built(who, on, rng.random(10))
    worn, edge = _dressed(who, on, rng)
    folds = fractal(rng, on, 0.5 / unit, 4, 0.5)
    creases = np.abs(fractal(rng, on._replace(y=on.y * np.float32(0.5)), 0.6 / unit, 2))
    loose = np.float32(0.02 + 0.05 * rng.random())
    hem = np.exp(-((edge / np.float32(0.035 * unit)) ** 2))
    diffuse, shine = lit((height + (folds - creases) * loose * worn + np.float32(0.03) * hem) * np.float32(unit), size, who.lamp)

    cloth = _jacket(who, on, rng, pattern(rng, on))
    colour = who.skin[:, None, None] * (1 + np.float32(0.03) * fractal(rng, on, 1 / unit, 4, 0.6))
    blend(colour, worn, cloth * (1 - np.float32(0.25) * hem))
    colour = illuminated(who, colour, diffuse, shine, 0.04 + 0.2 * rng.random() ** 3)
    return painted(coverage(outline, size), colour * (1 - _chin_shadow(who, on))), place


def _built(who: Sitter, on: Plane, draw: Array) -> tuple[Array, Array]:
    """The outline as a distance, and the height in half head heights."""
    unit, wide = np.float32(who.unit), np.float32(who.build)
    level = np.float32(who.head[1] + (1.4 + 0.2 * draw[0]) * who.unit)
    slope, apart, gap = (
        np.float32(0.8 + 0.5 * draw[1]),
        np.float32(0.03 + 0.16 * draw[2] ** 2),
        np.float32(0.05 + 0.25 * (draw[3] - 0.45) if draw[3] > 0.45 else -1),
    )
    x, y = (on.x - np.float32(who.shoulders)) / unit, (on.y - level) / unit
    y = y - np.float32(0.14 * (draw[4] - 0.5)) * x  # one shoulder higher
    side = np.abs(x) / wide
    top = (np.interp(side, *_LINE) * slope).astype(np.float32)
    arm = np.float32(1.36) + apart * np.clip(y, 0, None)  # the middle of an upper arm
    outer = (side - arm) * wide - np.float32(0.37)
    pit = np.float32(1.35 + 0.5 * draw[5])
    between = np.maximum(np.abs(side - np.float32(1.06) - apart * y * np.float32(0.6)) * wide - gap * np.clip(y - pit, 0, 1.5), pit - y)
    frame = np.maximum(np.maximum(top - y, outer), -between) * unit
    neck = shapes.capsule(
        on,
        (who.head[0], who.head[1] + 0.3 * who.unit),
        (who.shoulders, float(level)),
        (0.36 + 0.1 * draw[6]) * who.unit,
        (0.42 + 0.1 * draw[6]) * who.unit,
    )
    outline = shapes.smooth_union(true_distance(frame, on.size), neck, 0.35 * who.unit)

    rounded = np.clip((y - top) / np.float32(0.7), 0, 1)
    rounded = np.sqrt(rounded * (2 - rounded))
    chest = np.float32(0.8) * np.sqrt(np.clip(1 - (side / np.float32(1.5)) ** 2, 0, 1))
    hills = (
        np.exp(-(((x / wide - np.float32(s * 0.55)) / np.float32(0.42)) ** 2) - ((y - np.float32(1.75)) / np.float32(0.5)) ** 2) for s in (-1, 1)
    )
    bust = np.float32(0.5 * max(0.0, draw[7] - 0.5)) * sum(hills)
    sleeve = np.float32(0.45) * np.sqrt(np.clip(1 - ((side - arm) * wide / np.float32(0.42)) ** 2, 0, 1)) + np.float32(0.12)
    trunk = np.maximum(chest + bust, sleeve) * (np.float32(0.25) + np.float32(0.75) * rounded)
    throat = (
        np.float32(0.55)
        * np.sqrt(np.clip(1 - ((on.x - np.float32(who.head[0])) / (np.float32(0.5) * unit)) ** 2, 0, 1))
        * np.clip(np.float32(1.2) - (y + np.float32(0.3)) * 2, 0, 1)
    )
    return outline, np.maximum(trunk, throat)


def _dressed(who: Sitter, on: Plane, rng: np.random.Generator) -> tuple[Array, Array]:
    """Where cloth is (0–1) and the distance from its neckline, positive on the skin."""
    kind, wide, deep, wave = rng.random(4)
    unit, middle = who.unit, 0.3 * who.head[0] + 0.7 * who.shoulders
    top = who.head[1] + 1.3 * unit
    ragged = np.float32(0.06 * wave**2 * unit) * fractal(rng, on, 1.5 / unit, 3)
    if kind < 0.5:  # round or boat neck
        bare = shapes.ellipse(on, (middle, top), ((0.6 + 0.9 * wide**1.5) * unit, (0.45 + 0.35 * deep) * unit))
    elif kind < 0.75:  # V
        tip = (middle, top + (0.5 + 0.6 * deep) * unit)
        bare = np.abs(on.x - np.float32(tip[0])) * np.float32(0.8) - (np.float32(tip[1]) - on.y) * np.float32(0.45 + 0.25 * wide)
    else:  # a collar high on the neck
        bend = np.float32(0.1 * unit) * np.cos((on.x - np.float32(who.head[0])) / np.float32(0.35 * unit))
        bare = on.y - np.float32(who.head[1] + (1.1 + 0.25 * deep) * unit) - bend
    bare = -bare - ragged
    return coverage(bare, on.size), bare


def _jacket(who: Sitter, on: Plane, rng: np.random.Generator, cloth: Array) -> Array:
    """What is worn, perhaps with an open jacket over it."""
    show, wide, lean = rng.random(3)
    colour = random_colour(rng)[:, None, None] * (1 + np.float32(0.06) * fractal(rng, on, 30, 2))
    if show > 0.22:
        return cloth
    unit = who.unit
    border = np.float32((0.45 + 0.4 * wide) * unit) - (on.y - np.float32(who.head[1] + 1.6 * unit)) * np.float32(0.12 + 0.2 * lean)
    inside = border - np.abs(on.x - np.float32(who.shoulders))
    cloth = cloth * (1 - np.float32(0.4) * np.exp(-((np.clip(inside, 0, None) / np.float32(0.12 * unit)) ** 2)))
    lapel = 1 - np.float32(0.3) * np.exp(-(((inside + np.float32(0.28 * unit)) / np.float32(0.02 * unit)) ** 2)) * (
        on.y < np.float32(who.head[1] + 3.2 * unit)
    )
    blend(cloth, coverage(inside, on.size), colour * lapel)
    return cloth


def _chin_shadow(who: Sitter, on: Plane) -> Array:
    """The soft shadow of the head on neck and chest, thrown away from the lamp."""
    away = -0.25 * who.lamp[0]
    x = (on.x - np.float32(who.head[0] + away * who.unit)) / np.float32(0.7 * who.unit)
    y = (on.y - np.float32(who.head[1] + 0.95 * who.unit)) / np.float32(0.5 * who.unit)
    return np.float32(0.45) * np.exp(-(x**4) - np.clip(y, 0, None) ** 2)
