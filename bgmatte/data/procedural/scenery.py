"""Outdoor backgrounds: leaves and stones, hills and sky, lights at night. NumPy only."""

import numpy as np

from bgmatte.data.procedural.canvas import Plane, coverage, window
from bgmatte.data.procedural.noise import fractal
from bgmatte.data.procedural.rooms import plain
from bgmatte.data.procedural.surfaces import blend, hsv, random_colour

Array = np.ndarray
_LEAVES, _LAMPS = 420, 46


def leaves(rng: np.random.Generator, on: Plane) -> Array:
    """Leaves or stones of every size over each other, far ones first: the statistics of natural pictures."""
    hue, spread, stone = rng.random(), 0.02 + 0.1 * rng.random(), rng.random()
    hue, loud = (0.16 + 0.2 * hue, 0.55) if stone < 0.65 else (hue, 0.2)
    picture = plain(rng, on) * np.float32(0.5)
    smallest = 0.006 + 0.02 * rng.random()
    draws = rng.random((_LEAVES, 9))
    lengths = np.minimum(smallest / np.sqrt(1 - 0.999 * draws[:, 0]), 0.3)
    texture = fractal(rng, on, 20, 4, 0.7) * np.float32(0.1)
    tones = (draws[:, 5] - 0.5 + np.linspace(-0.4, 0.25, _LEAVES)) * 0.8
    for k in np.argsort(-lengths + 0.08 * draws[:, 8], kind="stable"):
        colour = hsv(hue + spread * (draws[k, 4] - 0.5) * 2, loud + 0.4 * (draws[k, 6] - 0.5), 0.45 + 0.55 * tones[k])
        _leaf(picture, texture, draws[k, 1:3] * 1.1 - 0.05, float(lengths[k]), 0.3 + 0.6 * draws[k, 7], 6.28 * draws[k, 3], colour)
    return picture


def _leaf(picture: Array, texture: Array, centre: Array, length: float, slim: float, angle: float, colour: Array) -> None:
    part, place = window(picture.shape[-1], centre[0] - length, centre[1] - length, centre[0] + length, centre[1] + length)
    dx, dy = part.x - np.float32(centre[0]), part.y - np.float32(centre[1])
    cos, sin = np.float32(np.cos(angle) / length), np.float32(np.sin(angle) / length)
    u, v = dx * cos + dy * sin, (dy * cos - dx * sin) * np.float32(1 / slim)
    cover = coverage((np.hypot(u, v) - 1) * np.float32(length * slim), part.size)
    shade = 1 + np.float32(0.25) * u + np.float32(0.2) * np.sign(v) + texture[place[1:]]
    blend(picture[place], cover, colour[:, None, None] * shade)


def hills(rng: np.random.Generator, on: Plane) -> Array:
    """A sky with clouds and three ridges, each nearer, darker and rougher."""
    day, horizon, haze = rng.random(), np.float32(0.25 + 0.45 * rng.random()), rng.random()
    high = hsv(0.55 + 0.1 * rng.random(), 0.6 * rng.random(), 0.4 + 0.6 * day)[:, None, None]
    low = hsv(0.05 + 0.1 * rng.random(), 0.4 * rng.random(), 0.5 + 0.5 * day)[:, None, None]
    ramp = np.clip(on.y / horizon, 0, 1)
    picture = (high + (low - high) * ramp) * np.ones_like(on.x)
    clouds = np.clip(fractal(rng, on, 3, 6, 0.55) * np.float32(0.6) - np.float32(0.2), 0, 1) * (1 - ramp * np.float32(0.5))
    blend(picture, clouds * np.float32(rng.random()), np.full((3, 1, 1), 0.6 + 0.4 * day, np.float32))
    for ridge in range(3):
        profile = fractal(rng, on._replace(y=on.y[:1]), 3 + 2 * ridge, 6, 0.5)
        edge = horizon + np.float32(0.14 * ridge) + profile * np.float32(0.06)
        rough = fractal(rng, on, 8 + 8 * ridge, 5, 0.75)
        colour = hsv(0.08 + 0.27 * rng.random(), 0.15 + 0.5 * rng.random(), 0.25 + 0.4 * rng.random())[:, None, None]
        far = np.float32(0.6 * haze * (2 - ridge) / 2)
        ground = colour * np.clip(1 + 0.22 * rough, 0.1, 2) * (1 - far) + low * far
        blend(picture, coverage(edge - on.y, on.size), ground)
    return picture


def lights(rng: np.random.Generator, on: Plane) -> Array:
    """Out-of-focus lights before a dim place."""
    picture = plain(rng, on) * np.float32(0.25 + 0.4 * rng.random())
    picture += np.float32(0.12) * np.clip(fractal(rng, on, 3, 3), -1, 2) * random_colour(rng)[:, None, None]
    draws, colours = rng.random((_LAMPS, 4)), [hsv(*rng.random(3)) for _ in range(_LAMPS)]
    number, largest = 8 + 38 * rng.random(), 0.02 + 0.08 * rng.random()
    for k in range(int(number)):
        cx, cy, radius = draws[k, 0], draws[k, 1] ** 1.3, largest * (0.4 + 0.6 * draws[k, 2])
        part, place = window(on.size, cx - radius, cy - radius, cx + radius, cy + radius)
        distance = np.hypot(part.x - np.float32(cx), part.y - np.float32(cy)) / np.float32(radius)
        disc = np.clip((1 - distance) * np.float32(6), 0, 1) * (np.float32(0.6) + np.float32(0.4) * distance**4)
        picture[place] += disc * (0.35 + 0.65 * colours[k])[:, None, None] * np.float32(0.2 + 0.8 * draws[k, 3])
    return np.clip(picture, 0, 1)
