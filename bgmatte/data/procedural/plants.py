"""Plants: leafy twigs, grass and seed heads. NumPy only."""

import numpy as np

from bgmatte.data.procedural.canvas import blank, coverage, lay, painted, window
from bgmatte.data.procedural.noise import branch
from bgmatte.data.procedural.strands import bezier, deposit
from bgmatte.data.procedural.surfaces import hsv

Array = np.ndarray


def plant(rng: np.random.Generator, size: int) -> Array:
    """A bush, a tuft of grass or seed heads as a layer (4, size, size), rooted at or below the lower border."""
    kind, own = rng.random(), branch(rng)
    layer = blank(size)
    if kind < 0.55:
        _bush(layer, own)
    elif kind < 0.75:
        _grass(layer, own)
    else:
        _seed_heads(layer, own)
    return layer


def _stalk(layer: Array, start: Array, middle: Array, end: Array, thick: float, thin: float, colour: Array) -> Array:
    points = int(1.6 * layer.shape[-1] * (abs(end - start).sum())) + 8
    path = bezier(start[None], middle[None], end[None], points)
    strands = 5  # side by side, so that a thick stalk is opaque in its middle and round at its sides
    offset = np.linspace(-0.5, 0.5, strands, dtype=np.float32)[:, None, None] * np.array([1, 0], np.float32)
    width = np.linspace(thick, thin, points, dtype=np.float32)
    shade = colour[None] * np.linspace(1.2, 0.7, strands, dtype=np.float32)[:, None]
    deposit(layer, path + offset * width[None, :, None], 0.5 * width[None], np.clip(shade, 0, 1), 1)
    return path[0]


def _bush(layer: Array, rng: np.random.Generator) -> None:
    hue, loud, bright, long, slim = (
        0.2 + 0.17 * rng.random(),
        0.35 + 0.5 * rng.random(),
        0.3 + 0.4 * rng.random(),
        0.05 + 0.09 * rng.random(),
        0.18 + 0.35 * rng.random(),
    )
    root, number = np.array([0.2 + 0.6 * rng.random(), 1.02]), 5 + 6 * rng.random()
    for twig in range(11):
        bend, leaf = rng.standard_normal((2, 2)), rng.random((26, 5))
        if twig >= number:
            continue
        tip = root + np.array([0.24 * bend[0, 0], -0.5 - 0.3 * np.tanh(bend[0, 1])])
        middle = (root + tip) / 2 + np.array([0.1 * bend[1, 0], 0.04 * bend[1, 1]])
        path = _stalk(layer, root, middle, tip, 0.009, 0.002, hsv(hue - 0.06, 0.5, 0.6 * bright))
        for k, draw in enumerate(leaf):
            at = (0.2 + 0.8 * (k + 0.5) / len(leaf)) * (len(path) - 2)
            place, ahead = path[int(at)], path[int(at) + 1] - path[int(at)]
            angle = np.arctan2(ahead[1], ahead[0]) + (1 if k % 2 else -1) * (0.4 + 0.8 * draw[0])
            colour = hsv(hue + 0.05 * (draw[1] - 0.5), loud + 0.2 * (draw[2] - 0.5), bright * (0.6 + 0.8 * draw[3]))
            _leaf(layer, place, angle, long * (0.55 + 0.7 * draw[4]) * (1.2 - 0.5 * k / len(leaf)), slim, colour)


def _leaf(layer: Array, root: Array, angle: float, length: float, slim: float, colour: Array) -> None:
    """A pointed leaf with a bright rib and finer veins, half of it in shade."""
    size, half = layer.shape[-1], length / 2
    centre = root + half * np.array([np.cos(angle), np.sin(angle)])
    part, place = window(size, centre[0] - half, centre[1] - half, centre[0] + half, centre[1] + half)
    cos, sin = np.float32(np.cos(angle) / half), np.float32(np.sin(angle) / half)
    dx, dy = part.x - np.float32(centre[0]), part.y - np.float32(centre[1])
    u, v = dx * cos + dy * sin, dy * cos - dx * sin
    edge = np.abs(v) - np.float32(slim) * (1 - u * u)
    distance = np.where(np.abs(u) < 1, edge / np.sqrt(1 + (np.float32(2 * slim) * u) ** 2), np.float32(1)) * np.float32(half)
    rib = np.exp(-((v / np.float32(0.035)) ** 2))
    veins = np.float32(0.08) * np.cos((u - np.abs(v) * np.float32(0.9)) * np.float32(26))
    shade = np.clip(np.float32(0.95) + np.float32(0.18) * np.tanh(v * 12) + np.float32(0.3) * rib + veins - np.float32(0.2) * u, 0, 2)
    lay(layer[place], painted(coverage(distance, size), np.clip(colour[:, None, None] * shade, 0, 1)))


def _grass(layer: Array, rng: np.random.Generator) -> None:
    count, size = 420, layer.shape[-1]
    draw, lean = rng.random((count, 6)), rng.standard_normal((count, 2))
    middle, spread, tall = 0.2 + 0.6 * rng.random(), 0.05 + 0.25 * rng.random(), 0.35 + 0.5 * rng.random()
    hue = 0.14 + 0.2 * rng.random()
    foot = np.stack([middle + spread * (draw[:, 0] - 0.5) * 2, np.full(count, 1.01)], 1)
    height = tall * (0.35 + 0.65 * draw[:, 1])
    end = foot + np.stack([height * (0.35 * lean[:, 0] + 0.8 * (foot[:, 0] - middle)), -height * (1 - 0.12 * lean[:, 0] ** 2)], 1)
    knee = foot + np.stack([0.15 * height * lean[:, 1], -0.7 * height], 1)
    colours = np.stack([hsv(hue + 0.06 * (d[2] - 0.5), 0.3 + 0.5 * d[3], 0.3 + 0.55 * d[4]) for d in draw])
    points = int(1.1 * tall * size) + 8
    paths = bezier(foot, knee, end, points)
    taper = np.interp(np.linspace(0, 1, points), [0, 0.4, 1], [0.8, 1, 0.1])[None]
    deposit(layer, paths, (0.0012 + 0.005 * draw[:, 5:] ** 3) * taper, colours, 8)


def _seed_heads(layer: Array, rng: np.random.Generator) -> None:
    """Dandelion clocks: fine parasols on rays around a dark heart."""
    count, size, number = 230, layer.shape[-1], 1 + 3 * rng.random()
    for head in range(4):
        place, radius = np.array([0.15 + 0.7 * rng.random(), 0.18 + 0.4 * rng.random()]), 0.07 + 0.11 * rng.random()
        angle, depth, hairs, bend = 6.283 * rng.random(count), np.sqrt(rng.random(count)), rng.standard_normal((count, 12, 2)), rng.standard_normal(2)
        if head >= number:
            continue
        _stalk(
            layer, np.array([place[0] + 0.1 * bend[0], 1.02]), np.array([place[0] + 0.05 * bend[1], 0.8]), place, 0.007, 0.005, hsv(0.2, 0.4, 0.45)
        )
        ends = place + radius * depth[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
        starts = place + 0.14 * (ends - place)
        pale = hsv(0.12, 0.12, 0.85)
        rays = bezier(starts, (starts + ends) / 2, ends, int(1.2 * radius * size) + 4)
        deposit(layer, rays, np.full((1, rays.shape[1]), 0.0006, np.float32), np.tile(0.7 * pale, (count, 1)), 1)
        fan = np.repeat(ends, 12, 0).reshape(count, 12, 2)
        out = (ends - place)[:, None] / radius
        tips = fan + radius * (0.2 * out + 0.11 * hairs)
        parasols = bezier(fan.reshape(-1, 2), ((fan + tips) / 2).reshape(-1, 2), tips.reshape(-1, 2), int(0.35 * radius * size) + 4)
        deposit(layer, parasols, np.full((1, parasols.shape[1]), 0.0005, np.float32), np.tile(pale, (count * 12, 1)), 2)
        heart, where = window(size, *(place - 0.16 * radius), *(place + 0.16 * radius))
        distance = np.hypot(heart.x - np.float32(place[0]), heart.y - np.float32(place[1])) - np.float32(0.13 * radius)
        lay(layer[where], painted(coverage(distance, size, 0.004), hsv(0.09, 0.5, 0.3)))
