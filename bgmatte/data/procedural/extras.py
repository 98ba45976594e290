"""What people wear besides clothes: glasses, head scarves, veils, fur collars. NumPy only."""

import numpy as np

from bgmatte.data.procedural import shapes
from bgmatte.data.procedural.canvas import coverage, lay, painted, window
from bgmatte.data.procedural.noise import fractal
from bgmatte.data.procedural.sitter import Sitter, illuminated
from bgmatte.data.procedural.strands import bezier, deposit
from bgmatte.data.procedural.surfaces import hsv, inflated, lit, pattern, random_colour

Array = np.ndarray


def glasses(who: Sitter, layer: Array) -> None:
    """A frame before the eyes with a bridge and temples, in place; the glass adds a faint shine."""
    rng, unit, size = who.streams["extras"], who.unit, layer.shape[-1]
    wide, high, thick, square, dark = (
        0.2 + 0.05 * rng.random(),
        0.15 + 0.08 * rng.random(),
        0.012 + 0.022 * rng.random() ** 2,
        rng.random(),
        rng.random(),
    )
    colour = hsv(rng.random(), 0.6 * rng.random(), 0.05 + 0.4 * rng.random() ** 2)
    on, place = window(size, who.head[0] - unit, who.head[1] - unit, who.head[0] + unit, who.head[1] + unit)
    u, v = (field / np.float32(unit) for field in shapes.turned(on, who.head, who.tilt))
    across = np.float32(0.82) * (np.arcsin(np.clip(u / np.float32(0.84), -1, 1)) - np.float32(who.yaw))
    power = np.float32(2 + 3 * square)
    frame = np.full(np.broadcast_shapes(u.shape, v.shape), np.inf, np.float32)
    for side in (-1, 1):
        x, y = np.abs(across - np.float32(side * 0.31)) / np.float32(wide), np.abs(v - np.float32(0.0)) / np.float32(high)
        rim = ((x**power + y**power) ** (1 / power) - 1) * np.float32(min(wide, high))
        lens = coverage(rim * np.float32(unit), size)
        lay(
            layer[place],
            painted(lens * layer[place][3] * np.float32(0.06 if dark < 0.85 else 0.6), np.full(3, 0.9 if dark < 0.85 else 0.04, np.float32)),
        )
        frame = np.minimum(frame, np.abs(rim) - np.float32(thick))
        temple = np.maximum(np.abs(v + np.float32(0.06)) - np.float32(thick), np.float32(0.31 + wide) - across * np.float32(side))
        frame = np.minimum(frame, np.maximum(temple, np.abs(across) - np.float32(1.15)))
    bridge = np.maximum(np.abs(v + np.float32(0.04) - across * across) - np.float32(thick), np.abs(across) - np.float32(0.33 - wide))
    seen = coverage(np.minimum(frame, bridge) * np.float32(unit), size) * (np.abs(u) < 0.84)
    lay(layer[place], painted(seen, np.clip(colour * (who.fill + who.key * np.float32(0.6)), 0, 1)))


def head_scarf(who: Sitter, layer: Array) -> None:
    """A cloth around head and neck that leaves the face free, in place."""
    rng, unit, size = who.streams["extras"], who.unit, layer.shape[-1]
    draw = rng.random(6)
    on, place = window(size, who.head[0] - 2.2 * unit, who.head[1] - 1.4 * unit, who.head[0] + 2.2 * unit, who.head[1] + 2.6 * unit)
    (x, y), low = who.head, (0.6 * who.shoulders + 0.4 * who.head[0], who.head[1] + (1.5 + 0.4 * draw[0]) * unit)
    crown = shapes.ellipse(on, (x, y - 0.12 * unit), ((0.86 + 0.08 * draw[1]) * unit, 1.02 * unit), who.tilt)
    drape = shapes.capsule(on, (x, y + 0.3 * unit), low, 0.8 * unit, (0.95 + 0.3 * draw[2]) * unit)
    cloth = shapes.smooth_union(crown, drape, 0.35 * unit) + np.float32(0.02 * unit) * fractal(rng, on, 0.8 / unit, 3)
    face = shapes.ellipse(on, (x + 0.14 * who.yaw * unit, y + 0.12 * unit), (0.54 * unit, (0.7 + 0.06 * draw[3]) * unit), who.tilt)
    outline = np.maximum(cloth, -face)
    around = np.hypot(on.x - np.float32(x), on.y - np.float32(y)) / np.float32(unit)
    folds = np.sin(around * np.float32(11 + 8 * draw[4]) + 2 * fractal(rng, on, 0.6 / unit, 3)) * np.clip(around - np.float32(0.7), 0, 1)
    height = inflated(outline, 0.4 * unit) + np.float32(0.02 * unit) * folds
    diffuse, shine = lit(height, size, who.lamp)
    worn = pattern(rng, on) if draw[5] < 0.5 else random_colour(rng)[:, None, None] * np.ones((3, *outline.shape), np.float32)
    lay(layer[place], painted(coverage(outline, size), illuminated(who, worn, diffuse, shine, 0.08)))


def veil(who: Sitter, layer: Array, front: bool) -> None:
    """Half of a sheer veil, in place: what falls behind the person, or what lies over the hair before the face is left free."""
    rng, unit, size = who.streams["veil"], who.unit, layer.shape[-1]
    draw = rng.random(8)
    pale = hsv(draw[0], 0.35 * draw[1] ** 2, 0.75 + 0.25 * draw[2])
    on, place = window(size, who.head[0] - 2.6 * unit, who.head[1] - 1.5 * unit, who.head[0] + 2.6 * unit, 1)
    wave = fractal(rng, on, 0.5 / unit, 3)
    x, y = (on.x - np.float32(who.head[0])) / np.float32(unit), (on.y - np.float32(who.head[1])) / np.float32(unit)
    fall = np.clip(y + np.float32(0.1), 0, None)
    half = np.float32(1.1) + (np.float32(0.3 + 0.4 * draw[3]) + np.float32(0.06) * wave) * fall / (fall + np.float32(0.6))
    outline = np.where(y < -0.1, np.hypot(x / np.float32(1.1), (y + np.float32(0.1)) / np.float32(1.14)) - 1, np.abs(x) - half)
    outline = np.maximum(outline, y - np.float32(2.4 + 1.6 * draw[4]) - np.float32(0.12) * wave)
    if front:  # open before face and chest
        opening = np.where(
            y < 0.1,
            np.hypot(x / np.float32(0.74), (y - np.float32(0.1)) / np.float32(0.95)) - 1,
            np.abs(x) - np.float32(0.74) - np.float32(0.2) * fall,
        )
        outline = np.maximum(outline, -opening)
    folds = np.float32(0.5) + np.float32(0.5) * np.sin(x / half * np.float32(9 + 8 * draw[5]) + np.float32(1.5) * wave)
    density = np.float32(0.08 + 0.14 * draw[6]) + np.float32(0.3) * folds**3 * np.clip(fall, 0.15, 1)
    hem = np.float32(0.3) * np.exp(-(((outline + np.float32(0.04)) / np.float32(0.03)) ** 2))
    colour = pale[:, None, None] * (who.fill + who.key)[:, None, None] * (np.float32(0.6) + np.float32(0.4) * folds)
    lay(layer[place], painted(coverage(outline * np.float32(unit), size) * np.clip(density + hem, 0, 0.9), np.clip(colour, 0, 1)))


def fur_collar(who: Sitter, layer: Array) -> None:
    """Long fur around neck and shoulders, in place."""
    rng, unit, size, count = who.streams["extras"], who.unit, layer.shape[-1], 9000
    draw, place, vary = rng.random(6), rng.random((count, 2), dtype=np.float32), rng.standard_normal((count, 4), dtype=np.float32)
    turn = (place[:, 0] - np.float32(0.5)) * np.float32(2.3 + 0.6 * draw[0])  # 0 hangs before the chest, ± goes up to the shoulders
    ring = np.float32(1.1 + 0.25 * draw[1]) + (place[:, 1] - np.float32(0.5)) * np.float32(0.5 + 0.3 * draw[2])
    middle = np.array([0.5 * (who.head[0] + who.shoulders), who.head[1] + 1.15 * unit], np.float32)
    out = np.stack([np.sin(turn), np.cos(turn)], 1)
    roots = middle + out * np.array([1.05, 0.8], np.float32) * (ring * np.float32(unit))[:, None]
    reach = (np.float32((0.18 + 0.25 * draw[3]) * unit) * np.clip(1 + np.float32(0.25) * vary[:, 0], 0.4, 1.8))[:, None]
    aim = out * np.float32(0.7) + np.array([0, 0.35], np.float32) + np.float32(0.45) * vary[:, 1:3]
    tips = roots + aim * reach + np.array([0, 0.35], np.float32) * reach
    order = np.argsort(-ring + np.float32(0.1) * vary[:, 0], kind="stable")
    base = hsv(0.05 + 0.06 * draw[4], 0.5 * rng.random(), 0.1 + 0.85 * draw[5])
    facing = np.clip(np.float32(0.6) + np.float32(0.4) * np.sign(who.lamp[0]) * np.sin(turn), 0.2, 1)[:, None]
    colour = np.clip(base * (who.fill + who.key * facing) * np.clip(1 + np.float32(0.18) * vary[:, 3:], 0.5, 1.6), 0, 1)
    points = max(8, int(0.5 * unit * size))
    shade = np.linspace(0.7, 1.15, points, dtype=np.float32)[None, :, None]
    width = 0.012 * unit * np.linspace(1, 0.2, points)[None]
    deposit(layer, bezier(roots, roots + aim * reach * 0.5, tips, points)[order], width, np.clip(colour[order][:, None] * shade, 0, 1), 5)
