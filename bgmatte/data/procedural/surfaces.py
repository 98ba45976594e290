"""Colours, textures and shading of what is drawn. NumPy only."""

import numpy as np

from bgmatte.data.procedural.canvas import Plane
from bgmatte.data.procedural.noise import fractal

Array = np.ndarray
Vector = tuple[float, float, float]


def hsv(hue: float, saturation: float, value: float) -> Array:
    """An RGB colour (3,) from hue (any number, period 1), saturation and value (0–1)."""
    saturation, value = min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0)
    wheel = np.abs((hue * 6 + np.array([0, 4, 2])) % 6 - 3) - 1
    return (value * (1 - saturation * (1 - np.clip(wheel, 0, 1)))).astype(np.float32)


def random_colour(rng: np.random.Generator) -> Array:
    """Any colour (3,), muted ones more often than loud ones, from three draws."""
    hue, saturation, value = rng.random(3)
    return hsv(hue, 0.95 * saturation**1.6, 0.04 + 0.94 * value)


def blend(below: Array, cover: Array, colour: Array) -> None:
    """Paint an opaque picture (3, H, W) with `colour` where `cover` (H, W) says, in place."""
    below += (colour - below) * cover


def pattern(rng: np.random.Generator, on: Plane) -> Array:
    """A texture (3, H, W) 0–1 of three colours: plain, mottled, striped, checked, dotted or a gradient."""
    first, second, third = (random_colour(rng)[:, None, None] for _ in range(3))
    kind, angle, period, contrast, sharp = rng.random(5)
    rough = fractal(rng, on, 3 + 9 * rng.random(), 5, 0.55)
    bend = rough * np.float32(0.012 * rng.random())
    cos, sin = np.float32(np.cos(angle * np.pi)), np.float32(np.sin(angle * np.pi))
    u, v = on.x * cos + on.y * sin + bend, on.y * cos - on.x * sin + bend
    pitch = np.float32(2 * np.pi / (0.015 + 0.1 * period**2))
    edge = np.float32(1 + 7 * sharp)
    kinds = {
        "plain": lambda: 0.12 * rough,
        "mottled": lambda: rough * edge * 0.4,
        "striped": lambda: np.sin(u * pitch) * edge,
        "checked": lambda: np.sin(u * pitch) * np.sin(v * pitch) * edge,
        "dotted": lambda: (np.cos(u * pitch) + np.cos(v * pitch) - 0.8) * edge,
        "gradient": lambda: (u - 0.5) * 2,
    }
    name = list(kinds)[min(int(kind * 8), 7) % 6]
    mix = np.clip(np.float32(0.5) + np.float32(0.5) * kinds[name](), 0, 1)
    base = first + (second - first) * (mix * np.float32(0.25 + 0.75 * contrast))
    stain = np.clip(rough * np.float32(0.25), 0, 1) * np.float32(0.5)
    return np.clip((base + (third - base) * stain) * (1 + np.float32(0.05) * rough), 0, 1)


def inflated(distance: Array, round_over: float) -> Array:
    """The height of a shape blown up like a cushion: round to `round_over` from its edge, flat farther in, all in shares of the side."""
    depth = np.clip(-distance, 0, np.float32(round_over))
    return np.sqrt(depth * (np.float32(2 * round_over) - depth))


def lit(height: Array, size: int, light: Vector) -> tuple[Array, Array]:
    """How much light a surface of this height gets (H, W) and how much of it shines back (H, W), 0–1.

    `light` points to the lamp: x right, y down, z to the viewer.
    """
    slope_y, slope_x = np.gradient(height, np.float32(1 / size))
    lx, ly, lz = np.array(light, np.float32) / np.float32(np.linalg.norm(light))
    norm = 1 / np.sqrt(slope_x * slope_x + slope_y * slope_y + 1)
    diffuse = np.clip((lz - slope_x * lx - slope_y * ly) * norm, 0, 1)
    half = np.array([lx, ly, lz + 1], np.float32) / np.sqrt(lx**2 + ly**2 + (lz + 1) ** 2)
    facing = np.clip((half[2] - slope_x * half[0] - slope_y * half[1]) * norm, 0, 1)
    return diffuse, facing**24


def relief(distance: Array, size: int, light: Vector, round_over: float = 0.08, ambient: float = 0.45) -> tuple[Array, Array]:
    """Shading (H, W) and highlight (H, W), 0–1, of a shape inflated from its signed distance, in `ambient` light and one lamp."""
    diffuse, shine = lit(inflated(distance, round_over), size, light)
    return np.float32(ambient) + np.float32(1 - ambient) * diffuse, shine
