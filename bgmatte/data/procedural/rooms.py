"""Indoor backgrounds: walls, windows, shelves and things. NumPy only."""

import numpy as np

from bgmatte.data.procedural import shapes
from bgmatte.data.procedural.canvas import Plane, coverage, window
from bgmatte.data.procedural.noise import fractal
from bgmatte.data.procedural.surfaces import blend, hsv, random_colour

Array = np.ndarray


def plain(rng: np.random.Generator, on: Plane) -> Array:
    """A colour with weak stains and grain, (3, H, W)."""
    colour, other = random_colour(rng)[:, None, None], random_colour(rng)[:, None, None]
    strength = rng.random()
    stains = fractal(rng, on, 2 + 4 * rng.random(), 6, 0.6)
    mix = np.clip(0.5 + 0.3 * stains, 0, 1) * np.float32(0.5 * strength**2)
    return (colour + (other - colour) * mix) * (1 + np.float32(0.08 * strength) * stains)


def wall(rng: np.random.Generator, on: Plane) -> Array:
    """Bricks, planks or tiles with stains, or a plain wall."""
    picture = plain(rng, on)
    kind, pitch, flat = rng.random(), 0.04 + 0.14 * rng.random(), 0.3 + 2.5 * rng.random()
    tones, joint = rng.random((64, 64), dtype=np.float32), 0.5 + 0.7 * rng.random()
    strength = np.float32(0.1 + 0.4 * rng.random())
    if kind < 0.3:
        return picture
    row = np.floor(on.y / np.float32(pitch)).astype(np.int32)
    along = on.x / np.float32(pitch * flat) + (np.float32(0.5) * (row % 2) if kind < 0.65 else 0)
    column = np.floor(along).astype(np.int32)
    picture *= 1 + strength * (tones[row % 64, column % 64] - np.float32(0.5))
    to_row = np.float32(0.5) - np.abs(on.y / np.float32(pitch) - row - np.float32(0.5))
    to_column = (np.float32(0.5) - np.abs(along - column - np.float32(0.5))) * np.float32(flat)
    lines = np.clip(1 - np.minimum(to_row, to_column) * np.float32(pitch / 0.005), 0, 1)
    return picture * (1 - lines * np.float32(1 - joint))


def room(rng: np.random.Generator, on: Plane) -> Array:
    """A wall, perhaps a floor, a window, pictures, shelves with things on them."""
    picture = plain(rng, on)
    floor, colour = np.float32(0.62 + 0.5 * rng.random()), random_colour(rng)[:, None, None]
    seams = np.abs(np.sin((on.x - np.float32(0.5)) / np.maximum(on.y - floor + np.float32(0.35), np.float32(1e-3)) * np.float32(14))) < 0.06
    blend(picture, np.clip((on.y - floor) * on.size + np.float32(0.5), 0, 1) + 0 * on.x, colour * (1 - np.float32(0.25) * seams))
    _pane(picture, rng, on)
    for _ in range(5):
        _thing(picture, rng, on, 0.03, 0.2)
    levels, left, wide = rng.random(), rng.random(), 0.2 + 0.5 * rng.random()
    for level in range(4):
        _shelf(picture, rng, 0.12 + 0.2 * level + 0.06 * left, left * 0.7, wide, show=level < int(levels * 5))
    return picture


def _pane(picture: Array, rng: np.random.Generator, on: Plane) -> None:
    """A bright window with bars and something blurred behind it."""
    show, x, y, width, height = rng.random(5)
    glow = hsv(rng.random(), 0.3 * rng.random(), 0.85 + 0.15 * rng.random())[:, None, None]
    view = glow * np.clip(0.75 + 0.2 * fractal(rng, on, 5, 3, 0.5), 0.2, 1.2)
    if show > 0.55:
        return
    centre, half = (0.1 + 0.8 * x, 0.1 + 0.4 * y), (0.08 + 0.15 * width, 0.1 + 0.18 * height)
    pane = shapes.rectangle(on, centre, half)
    blend(picture, coverage(pane - np.float32(0.012), on.size), np.float32(0.9) * glow)
    bars = np.minimum(np.abs(on.x - np.float32(centre[0])), np.abs(on.y - np.float32(centre[1])))
    blend(picture, coverage(np.maximum(pane, np.float32(0.006) - bars), on.size), view)


def _thing(picture: Array, rng: np.random.Generator, on: Plane, least: float, most: float) -> None:
    """One framed or plain rectangle or ellipse, shaded across, or nothing."""
    cx, cy, w, h, kind, tilt, show = rng.random(7)
    colour, inner = random_colour(rng)[:, None, None], random_colour(rng)[:, None, None]
    if show > 0.6:
        return
    half = (least + (most - least) * w**2, least + (most - least) * h**2)
    part, place = window(on.size, cx - half[0], cy - half[1], cx + half[0], cy + half[1])
    u, v = (part.x - np.float32(cx)) / np.float32(half[0]), (part.y - np.float32(cy)) / np.float32(half[1])
    distance = (np.maximum(np.abs(u), np.abs(v)) if kind < 0.7 else np.hypot(u, v)) - 1
    scale = np.float32(min(half))
    shade = 1 + np.float32(0.3 * (tilt - 0.5)) * u + 0 * v
    blend(picture[place], coverage(distance * scale, on.size), colour * shade)
    if kind < 0.5:
        blend(picture[place], coverage((distance + np.float32(0.2)) * scale, on.size), inner * shade)


def _shelf(picture: Array, rng: np.random.Generator, top: float, left: float, wide: float, show: bool) -> None:
    """A board with book-like things standing on it."""
    size = picture.shape[-1]
    heights, widths, gaps = rng.random((3, 14))
    colours, board = [random_colour(rng) for _ in range(14)], random_colour(rng) * 0.7
    if not show:
        return
    foot, place = top + 0.16, left
    for height, width, gap, colour in zip(heights, widths, gaps, colours, strict=True):
        thick = 0.008 + 0.045 * width**2
        if gap > 0.2 and place + thick < left + wide:
            part, where = window(size, place, foot - 0.05 - 0.1 * height, place + thick, foot)
            picture[where] = colour[:, None, None] * np.linspace(1.15, 0.7, part.x.size, dtype=np.float32)
        place += thick * (1.1 + 3 * max(0.0, gap - 0.8))
    _, where = window(size, left, foot, left + wide, foot + 0.013)
    picture[where] = board[:, None, None]
