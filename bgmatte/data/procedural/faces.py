"""Heads with faces: a height field in a frame that turns with the head, coloured and lit. NumPy only."""

import numpy as np

from bgmatte.data.procedural.canvas import Plane, coverage, painted, window
from bgmatte.data.procedural.noise import fractal
from bgmatte.data.procedural.shapes import smooth_union, turned
from bgmatte.data.procedural.sitter import Sitter, illuminated
from bgmatte.data.procedural.surfaces import blend, hsv, inflated, lit

Array = np.ndarray
Place = tuple[slice, slice, slice]
_EYE, _EYE_LINE, _MOUTH_LINE = 0.3, -0.03, 0.56  # across and down from the middle of the head, in its half height


def head(who: Sitter, size: int, scalp: float) -> tuple[Array, Place]:
    """A head with ears as a layer and its place; `scalp` 0–1 is how much hair colour shows where hair grows."""
    rng, unit = who.streams["face"], who.unit
    build = rng.random(12)
    reach = 1.25 * unit
    on, place = window(size, who.head[0] - reach, who.head[1] - reach, who.head[0] + reach, who.head[1] + reach)
    u, v = (field / np.float32(unit) for field in turned(on, who.head, who.tilt))
    across = np.float32(0.76) * (np.arcsin(np.clip(u / np.float32(0.78), -1, 1)) - np.float32(who.yaw))
    skull, ears = _outline(u, v, who.yaw, build)
    outline = np.minimum(skull, ears)

    height = np.maximum(inflated(skull, 0.62), inflated(ears, 0.07)) + _features(across, v, build)
    diffuse, shine = lit(height * np.float32(unit), size, who.lamp)
    colour = _complexion(who, rng, on, across, v, build)
    _scalp(who, rng, on, across, v, colour, scalp)
    face = illuminated(who, colour, diffuse, shine, 0.1 + 0.25 * build[11] ** 2, bleed=0.3)
    _eyes(who, face, across, v, diffuse, rng, size)
    return painted(coverage(outline * np.float32(unit), size), face), place


def bump(across: Array, down: Array, x: float, y: float, wide: float, high: float) -> Array:
    """A smooth hill of height 1 at (x, y)."""
    return np.exp(-(((across - np.float32(x)) / np.float32(wide)) ** 2) - ((down - np.float32(y)) / np.float32(high)) ** 2)


def _ellipse(u: Array, v: Array, x: float, y: float, rx: float, ry: float) -> Array:
    value = np.hypot((u - np.float32(x)) / np.float32(rx), (v - np.float32(y)) / np.float32(ry))
    return (value - 1) * np.float32(min(rx, ry))


def _outline(u: Array, v: Array, yaw: float, build: Array) -> tuple[Array, Array]:
    jaw, chin = 0.47 + 0.12 * build[0], 0.93 + 0.07 * build[1]
    cranium = _ellipse(u, v, -0.05 * yaw, -0.22, 0.74, 0.78)
    lower = _ellipse(u, v, 0.16 * yaw, chin - 0.62, jaw, 0.62)
    ears = [_ellipse(u, v, 0.75 * np.sin(side * 1.45 + yaw), 0.08, 0.1 + 0.03 * abs(yaw), 0.19) for side in (-1, 1)]
    far = 0.5 if abs(yaw) > 0.2 else 0  # the ear on the far side is hidden by the head
    ears[0 if yaw < 0 else 1] = ears[0 if yaw < 0 else 1] + np.float32(far)
    return smooth_union(cranium, lower, 0.22), np.minimum(*ears)


def _features(a: Array, v: Array, build: Array) -> Array:
    """Brow, eye sockets, nose, cheeks, lips and chin as heights in half head heights."""
    nose, bridge = 0.11 + 0.05 * build[2], 0.07 + 0.03 * build[3]
    ridge = np.clip((v + np.float32(0.12)) / np.float32(0.42), 0, 1)
    height = (
        np.float32(nose)
        * ridge**1.3
        * np.exp(-((a / (np.float32(bridge) + np.float32(0.06) * ridge)) ** 2))
        / (1 + np.exp((v - np.float32(0.33)) * np.float32(40)))
    )
    for side in (-1, 1):
        height -= np.float32(0.075) * bump(a, v, side * _EYE, _EYE_LINE - 0.01, 0.19, 0.1)
        height += np.float32(0.035) * bump(a, v, side * _EYE, _EYE_LINE, 0.13, 0.07)
        height += np.float32(0.03 + 0.03 * build[4]) * bump(a, v, side * 0.27, -0.22, 0.22, 0.06)
        height += np.float32(0.03 + 0.04 * build[5]) * bump(a, v, side * 0.43, 0.24, 0.2, 0.16)
        height += np.float32(0.035) * bump(a, v, side * 0.095, 0.29, 0.05, 0.05)
    lips = 0.025 + 0.03 * build[6]
    height += np.float32(lips) * bump(a, v, 0, _MOUTH_LINE - 0.045, 0.19, 0.035) + np.float32(1.2 * lips) * bump(
        a, v, 0, _MOUTH_LINE + 0.055, 0.16, 0.045
    )
    height -= np.float32(0.03) * bump(a, v, 0, _MOUTH_LINE, 0.22, 0.014)
    height += np.float32(0.03 + 0.04 * build[7]) * bump(a, v, 0, 0.84, 0.17, 0.12)
    height -= np.float32(0.012) * (bump(a, v, 0, 0.42, 0.03, 0.06) + bump(a, v, 0, 0.7, 0.2, 0.05))
    return height


def _complexion(who: Sitter, rng: np.random.Generator, on: Plane, a: Array, v: Array, build: Array) -> Array:
    fine, blotch = fractal(rng, on, 14, 4, 0.7), fractal(rng, on, 5, 2)
    tint = np.array([0.05, -0.04, -0.04], np.float32)[:, None, None]
    colour = who.skin[:, None, None] * (1 + np.float32(0.025) * fine + tint * (np.float32(0.3) * blotch))
    rosy = sum(bump(a, v, side * 0.4, 0.26, 0.2, 0.16) for side in (-1, 1)) + bump(a, v, 0, 0.28, 0.12, 0.1)
    colour = colour * (1 + np.array([0.06, -0.1, -0.09], np.float32)[:, None, None] * rosy * np.float32(0.4 + 0.6 * build[8]))
    lip = np.array([0.92, 0.62, 0.6], np.float32)[:, None, None] * (1 - np.float32(0.2 * build[9]))
    top = np.float32(_MOUTH_LINE - 0.07) + np.float32(0.02) * np.exp(-((a / np.float32(0.05)) ** 2)) + np.float32(0.5) * a * a
    bottom = np.float32(_MOUTH_LINE + 0.09) - np.float32(1.6) * a * a
    mouth = np.clip(np.minimum(v - top, bottom - v) * np.float32(40), 0, 1) * np.clip((np.float32(0.25) - np.abs(a)) * np.float32(20), 0, 1)
    colour = colour * (1 - mouth * (1 - lip))
    line = np.exp(-(((v - np.float32(_MOUTH_LINE) - np.float32(0.15 * (build[10] - 0.6)) * a * a) / np.float32(0.013)) ** 2)) * np.clip(
        (np.float32(0.24) - np.abs(a)) * np.float32(12), 0, 1
    )
    nostrils = sum(bump(a, v, side * 0.065, 0.34, 0.028, 0.016) for side in (-1, 1))
    return np.clip(colour * (1 - np.float32(0.6) * np.clip(line + nostrils, 0, 1)), 0, 1)


def _scalp(who: Sitter, rng: np.random.Generator, on: Plane, a: Array, v: Array, colour: Array, amount: float) -> None:
    """Hair colour where hair grows, so that no skin shines through between strands."""
    line = np.float32(-0.5) + np.float32(0.5) * np.clip(np.abs(a) - np.float32(0.35), 0, 1) ** 1.2 + np.float32(0.03) * fractal(rng, on, 40, 2)
    blend(colour, np.clip((line - v) * np.float32(9), 0, 1) * np.float32(amount), (who.hair * np.float32(0.55))[:, None, None])


def _eyes(who: Sitter, face: Array, a: Array, v: Array, diffuse: Array, rng: np.random.Generator, size: int) -> None:
    iris = hsv([0.07, 0.08, 0.58, 0.3][int(rng.random() * 4)], 0.5, 0.12 + 0.3 * rng.random())
    gaze, lid, upward = 0.035 * (2 * rng.random() - 1), 0.75 + 0.35 * rng.random(), 0.01 * (2 * rng.random() - 1)
    light = (who.fill + who.key * np.float32(0.7))[:, None, None]
    pixel = np.float32(who.unit * size)
    for side in (-1, 1):
        x = (a - np.float32(side * _EYE)) * np.float32(side)
        y = v - np.float32(_EYE_LINE) + np.float32(0.1) * (x - np.float32(0.02))  # outer corners a little higher
        upper = np.float32(0.062 * lid) * (1 - (x / np.float32(0.135)) ** 2)
        lower = np.float32(0.038) * (1 - (x / np.float32(0.135)) ** 2)
        opening = np.minimum(y + upper, lower - y)
        inside = np.clip(opening * pixel + np.float32(0.5), 0, 1)
        shade = np.clip((y + upper) / np.float32(0.05), 0.35, 1) * (np.float32(0.5) + np.float32(0.5) * diffuse)
        blend(face, inside, np.array([0.8, 0.77, 0.74], np.float32)[:, None, None] * light * shade)
        distance = np.hypot(x - np.float32(side * gaze), y + np.float32(0.014 + upward))
        ball = np.clip((np.float32(0.056) - distance) * pixel + np.float32(0.5), 0, 1)
        pupil = np.clip((np.float32(0.024) - distance) * pixel + np.float32(0.5), 0, 1)
        blend(face, inside * ball, iris[:, None, None] * light * shade * (1 - np.float32(0.9) * pupil))
        glint = np.exp(-((np.hypot(x - np.float32(0.02 * np.sign(who.lamp[0]) * side), y + np.float32(0.035)) / np.float32(0.011)) ** 2))
        blend(face, inside * glint * np.float32(0.8), np.ones((3, 1, 1), np.float32))
        lash = np.exp(-(((y + upper) / np.float32(0.016)) ** 2)) * (np.abs(x) < 0.15) + np.float32(0.35) * np.exp(
            -(((y - lower) / np.float32(0.012)) ** 2)
        ) * (np.abs(x) < 0.135)
        fold = np.float32(0.3) * np.exp(-(((y + upper * np.float32(1.1) + np.float32(0.035)) / np.float32(0.012)) ** 2)) * (np.abs(x) < 0.14)
        face *= 1 - np.clip(np.float32(0.8) * lash + fold, 0, 0.9)
