"""Signed distances of simple shapes, negative inside, in shares of the picture's side. NumPy only."""

import numpy as np

from bgmatte.data.procedural.canvas import Plane

Array = np.ndarray


def turned(on: Plane, centre: tuple[float, float], angle: float = 0.0) -> tuple[Array, Array]:
    """Coordinates (H, W) about `centre`, turned by `angle` [rad]."""
    x, y = on.x, on.y
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    dx, dy = x - np.float32(centre[0]), y - np.float32(centre[1])
    return dx * cos + dy * sin, dy * cos - dx * sin


def ellipse(on: Plane, centre: tuple[float, float], radii: tuple[float, float], angle: float = 0.0) -> Array:
    """Distance of an ellipse, to first order near its outline."""
    u, v = turned(on, centre, angle)
    rx, ry = np.float32(radii[0]), np.float32(radii[1])
    value = np.hypot(u / rx, v / ry)
    slope = np.hypot(u / rx**2, v / ry**2)
    return (value - 1) * value / np.maximum(slope, np.float32(1e-6))


def capsule(on: Plane, start: tuple[float, float], end: tuple[float, float], radius: float, end_radius: float | None = None) -> Array:
    """Distance of a line thickened to `radius`, tapering to `end_radius`."""
    x, y = on.x, on.y
    dx, dy = np.float32(end[0] - start[0]), np.float32(end[1] - start[1])
    px, py = x - np.float32(start[0]), y - np.float32(start[1])
    along = np.clip((px * dx + py * dy) / np.maximum(dx * dx + dy * dy, np.float32(1e-9)), 0, 1)
    taper = np.float32((radius if end_radius is None else end_radius) - radius)
    return np.hypot(px - along * dx, py - along * dy) - (np.float32(radius) + taper * along)


def rectangle(on: Plane, centre: tuple[float, float], half: tuple[float, float], angle: float = 0.0, corner: float = 0.0) -> Array:
    """Distance of a rectangle with rounded corners."""
    u, v = turned(on, centre, angle)
    du, dv = (np.abs(u) - np.float32(half[0] - corner), np.abs(v) - np.float32(half[1] - corner))
    return np.hypot(np.maximum(du, 0), np.maximum(dv, 0)) + np.minimum(np.maximum(du, dv), 0) - np.float32(corner)


def half_planes(on: Plane, centre: tuple[float, float], angles: Array, reaches: Array) -> Array:
    """A convex polygon: what lies within `reaches` of the centre in every direction of `angles`."""
    u, v = turned(on, centre)
    sides = [u * np.float32(np.cos(a)) + v * np.float32(np.sin(a)) - np.float32(r) for a, r in zip(angles, reaches, strict=True)]
    return np.maximum.reduce(sides)


def outline(angles: Array, waves: Array, turns: Array) -> Array:
    """The radius, about 1, of a closed curve at `angles`: waves of 2, 3, … periods with heights `waves` and phases `turns`."""
    radius = np.ones_like(angles)
    for k, (height, turn) in enumerate(zip(waves, turns, strict=True), start=2):
        radius += np.float32(height) * np.cos(k * angles + np.float32(turn))
    return radius


def wavy(on: Plane, centre: tuple[float, float], radii: tuple[float, float], waves: Array, turns: Array, angle: float = 0.0) -> Array:
    """A field, negative inside a closed wavy curve; its slope is not 1: use `true_distance` for sharp edges."""
    u, v = turned(on, centre, angle)
    u, v = u / np.float32(radii[0]), v / np.float32(radii[1])
    table = outline(np.linspace(-np.pi, np.pi, 2049, dtype=np.float32), waves, turns)
    place = (np.arctan2(v, u) + np.float32(np.pi)) * np.float32(2048 / (2 * np.pi))
    return (np.hypot(u, v) - table[place.astype(np.int32)]) * np.float32(min(radii[0], radii[1]))


def smooth_union(a: Array, b: Array, blend: float) -> Array:
    """The union of two distances with the seam rounded over `blend`."""
    share = np.clip(np.float32(0.5) + (b - a) * np.float32(0.5 / blend), 0, 1)
    return b + (a - b) * share - np.float32(blend) * share * (1 - share)
