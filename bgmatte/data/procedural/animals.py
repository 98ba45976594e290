"""Animals with fur: a body of joined shapes, a coat, a face and thousands of hairs. NumPy only."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bgmatte.data.procedural import shapes
from bgmatte.data.procedural.canvas import Plane, coverage, lay, painted, plane
from bgmatte.data.procedural.noise import branch, fractal
from bgmatte.data.procedural.strands import bezier, deposit
from bgmatte.data.procedural.surfaces import Vector, blend, hsv, relief

Array = np.ndarray
_HAIRS = 34_000  # candidates all over the frame; those on the animal grow
_UNDER = 0.006  # the opaque skin ends this far inside the outline, so that the edge is hair alone


class Animal(NamedTuple):
    """A built animal: signed distance, and in shares of the side where eyes and nose are, how large the head is."""

    distance: Array
    eyes: Sequence[tuple[float, float]]
    nose: tuple[float, float]
    head: float
    flow: tuple[float, float]  # where hair lies along


def furry(rng: np.random.Generator, size: int) -> Array:
    """An animal as a layer (4, size, size): head and chest from the front, or standing, seen from the side."""
    pose, build, coat, hairs = rng.random(), branch(rng), branch(rng), branch(rng)
    on = plane(size)
    animal = _front(build, on) if pose < 0.55 else _standing(build, on)
    light = (2 * coat.random() - 1, -0.4 - 0.6 * coat.random(), 0.7)
    shading, _ = relief(animal.distance, size, light, 0.1 + 0.06 * coat.random(), 0.42)
    colour = _coat(coat, on, animal) * shading
    layer = painted(coverage(animal.distance + np.float32(_UNDER), size, 0.006), np.clip(colour * np.float32(0.7), 0, 1))
    _fur(layer, hairs, animal, np.clip(colour, 0, 1))
    _features(layer, animal, light)
    _whiskers(layer, hairs, animal)
    return layer


def _front(rng: np.random.Generator, on: Plane) -> Animal:
    draw = rng.random(14)
    r = 0.13 + 0.06 * draw[0]
    x, y = 0.3 + 0.4 * draw[1], 0.2 + 1.1 * r + 0.12 * draw[2]
    skull = shapes.ellipse(on, (x, y), (r, r * (0.85 + 0.2 * draw[3])))
    cheeks = shapes.ellipse(on, (x, y + 0.35 * r), (r * (0.95 + 0.25 * draw[4]), 0.62 * r))
    muzzle = shapes.ellipse(on, (x, y + (0.5 + 0.2 * draw[5]) * r), (r * (0.4 + 0.15 * draw[6]), 0.45 * r))
    lean = 0.5 * (draw[7] - 0.5) * r
    chest = shapes.capsule(on, (x + 0.4 * lean, y + 0.6 * r), (x + lean, 1.15), 0.8 * r, r * (1.5 + 0.7 * draw[8]))
    distance = shapes.smooth_union(shapes.smooth_union(shapes.smooth_union(skull, cheeks, 0.3 * r), muzzle, 0.2 * r), chest, 0.4 * r)
    hanging = draw[9] < 0.4
    for side in (-1, 1):
        root = (x + side * (0.62 + 0.2 * hanging) * r, y - (0.62 - 0.25 * hanging) * r)
        tip = (root[0] + side * (0.25 + 0.3 * draw[10]) * r, root[1] + (0.95 if hanging else -0.55 - 0.5 * draw[11]) * r)
        ear = shapes.capsule(on, root, tip, 0.3 * r, (0.24 if hanging else 0.07) * r)
        distance = shapes.smooth_union(distance, ear, 0.1 * r)
    eyes = [(x + side * (0.36 + 0.08 * draw[12]) * r, y + 0.02 * r) for side in (-1, 1)]
    return Animal(distance, eyes, (x, y + (0.42 + 0.2 * draw[5]) * r), r, (0.0, 1.0))


def _standing(rng: np.random.Generator, on: Plane) -> Animal:
    draw, legs = rng.random(14), rng.uniform(-1, 1, 4)
    way = -1 if draw[0] < 0.5 else 1
    s = 0.75 + 0.45 * draw[1]
    x, y = 0.5 + 0.2 * (draw[2] - 0.5), 0.52 + 0.14 * draw[3]
    long, tall = (0.17 + 0.08 * draw[4]) * s, (0.1 + 0.03 * draw[5]) * s
    r = (0.075 + 0.02 * draw[6]) * s
    hx, hy = x + way * (long + 0.5 * r), y - tall - (0.3 + 0.9 * draw[7]) * r
    distance = shapes.ellipse(on, (x, y), (long, tall))
    parts = [
        (shapes.ellipse(on, (x + way * 0.7 * long, y - 0.1 * tall), (0.45 * long, 1.05 * tall)), 0.05),
        (shapes.capsule(on, (x + way * 0.75 * long, y - 0.3 * tall), (hx, hy), 0.75 * tall, 0.7 * r), 0.04),
        (shapes.ellipse(on, (hx, hy), (1.05 * r, 0.95 * r)), 0.03),
        (shapes.capsule(on, (hx + way * 0.5 * r, hy + 0.25 * r), (hx + way * (1.25 + 0.5 * draw[8]) * r, hy + 0.4 * r), 0.45 * r, 0.3 * r), 0.02),
        (shapes.capsule(on, (hx - way * 0.5 * r, hy - 0.6 * r), (hx - way * 0.6 * r, hy - (1.2 + 0.7 * draw[9]) * r), 0.3 * r, 0.08 * r), 0.01),
        (
            shapes.capsule(
                on,
                (x - way * 0.9 * long, y - 0.3 * tall),
                (x - way * (1.5 + 0.4 * draw[10]) * long, y - (1.6 * draw[11] - 0.5) * 2 * tall),
                0.3 * tall,
                0.16 * tall,
            ),
            0.03,
        ),
    ]
    foot = min(y + tall + (0.1 + 0.13 * draw[12]) * s, 0.97)
    for place, step in zip((-0.78, -0.55, 0.58, 0.8), legs, strict=True):
        parts.append(
            (
                shapes.capsule(
                    on, (x + way * place * long, y + 0.2 * tall), (x + way * place * long + 0.03 * s * step, foot), 0.36 * tall, 0.2 * tall
                ),
                0.025,
            )
        )
    for part, seam in parts:
        distance = shapes.smooth_union(distance, part, seam * s)
    return Animal(distance, [(hx + way * 0.45 * r, hy - 0.1 * r)], (hx + way * (1.5 + 0.5 * draw[8]) * r, hy + 0.3 * r), r, (-0.8 * way, 0.55))


def _coat(rng: np.random.Generator, on: Plane, animal: Animal) -> Array:
    """Two natural colours in patches, stripes or a pale belly."""
    draw = rng.random(10)
    first = hsv(0.03 + 0.09 * draw[0], 0.1 + 0.6 * draw[1], 0.12 + 0.75 * draw[2])[:, None, None]
    second = hsv(0.03 + 0.09 * draw[3], 0.05 + 0.4 * draw[4], 0.08 + 0.88 * draw[5])[:, None, None]
    patches, fine = fractal(rng, on, 3 + 3 * draw[6], 4), fractal(rng, on, 30, 3, 0.7)
    stripes = np.sin(on.x * np.float32(90 + 60 * draw[7]) + patches * 3)
    mask = stripes if draw[8] < 0.25 else patches * 2 if draw[8] < 0.65 else (on.y - np.float32(animal.nose[1])) * 12
    colour = first * (1 + np.float32(0.07) * fine)
    blend(colour, np.clip(np.float32(0.5) + mask, 0, 1), second * (1 + np.float32(0.07) * fine))
    return colour


def _fur(layer: Array, rng: np.random.Generator, animal: Animal, colour: Array) -> None:
    size, distance = layer.shape[-1], animal.distance
    roots = rng.random((_HAIRS, 2), dtype=np.float32)
    vary = rng.standard_normal((_HAIRS, 4), dtype=np.float32)
    length, stiff, swirl = 0.018 + 0.06 * rng.random() ** 1.5, 0.3 + 0.7 * rng.random(), fractal(rng, plane(32), 3, 2)
    column, row = np.minimum((roots * size).astype(np.int32), size - 1).T
    keep = np.flatnonzero(distance[row, column] < np.float32(-0.002))
    if not len(keep):
        return
    roots, vary, column, row = roots[keep], vary[keep], column[keep], row[keep]
    inside = distance[row, column]
    step = max(1, size // 100)
    across = distance[row, np.minimum(column + step, size - 1)] - distance[row, np.maximum(column - step, 0)]
    down = distance[np.minimum(row + step, size - 1), column] - distance[np.maximum(row - step, 0), column]
    out = np.stack([across, down], 1) / np.float32(2 * step / size)
    edge = np.exp(inside / np.float32(0.05))[:, None]
    turn = swirl[row * 32 // size, column * 32 // size][:, None]
    flow = np.array(animal.flow, np.float32) + np.float32(0.35) * turn * np.array([1, 0.3], np.float32)
    aim = out * edge * np.float32(stiff + 0.5) + flow * np.float32(0.8) + np.float32(0.3) * vary[:, :2]
    aim /= np.linalg.norm(aim, axis=1, keepdims=True) + np.float32(1e-6)

    near_face = np.hypot(roots[:, 0] - np.float32(animal.nose[0]), roots[:, 1] - np.float32(animal.nose[1])) / np.float32(animal.head)
    reach = (np.float32(length) * np.clip(1 + 0.3 * vary[:, 2], 0.3, 2) * np.clip(0.2 + 0.45 * near_face, 0.25, 1))[:, None]
    middle = roots + aim * reach * np.float32(0.55)
    end = roots + (aim + flow * np.float32(0.35) + np.array([0, 0.15], np.float32)) * reach * np.float32(0.9)
    tone = np.clip(1 + 0.16 * vary[:, 3], 0.5, 1.6)[:, None]
    order = np.argsort(
        roots[:, 1] * np.float32(-flow[:, 1].mean()) - roots[:, 0] * np.float32(animal.flow[0]) - edge[:, 0] * np.float32(0.3), kind="stable"
    )
    points = max(6, int(0.9 * length * size))
    shade = np.linspace(0.72, 1.2, points, dtype=np.float32)[None, :, None]
    shades = np.clip((colour[:, row, column].T * tone)[order][:, None] * shade, 0, 1)
    widths = np.float32(0.0015) * np.clip(1 + 0.3 * vary[order, 2:3], 0.4, 1.6) * np.linspace(1, 0.15, points, dtype=np.float32)[None]
    deposit(layer, bezier(roots[order], middle[order], end[order], points), widths, shades, 6)


def _features(layer: Array, animal: Animal, light: Vector) -> None:
    """Eyes with lids and a glint, a nose and a mouth line."""
    on, r = plane(layer.shape[-1]), animal.head
    for x, y in animal.eyes:
        ball = shapes.ellipse(on, (x, y), (0.125 * r, 0.115 * r))
        lid = on.y - np.float32(y - 0.06 * r)
        lay(layer, painted(coverage(ball - np.float32(0.03 * r), on.size, 0.02 * r) * np.float32(0.8), np.array([0.05, 0.035, 0.03], np.float32)))
        iris = coverage(np.maximum(ball + np.float32(0.015 * r), -lid), on.size)
        lay(layer, painted(iris, np.array([0.36, 0.22, 0.09], np.float32)))
        lay(
            layer,
            painted(
                coverage(np.maximum(shapes.ellipse(on, (x, y), (0.07 * r, 0.075 * r)), -lid), on.size), np.array([0.02, 0.015, 0.015], np.float32)
            ),
        )
        glint = shapes.ellipse(on, (x + 0.03 * r * np.sign(light[0]), y - 0.035 * r), (0.02 * r, 0.02 * r))
        lay(layer, painted(coverage(glint, on.size) * np.float32(0.85), np.ones(3, np.float32)))
    nose = shapes.smooth_union(
        shapes.ellipse(on, animal.nose, (0.15 * r, 0.085 * r)),
        shapes.ellipse(on, (animal.nose[0], animal.nose[1] + 0.06 * r), (0.06 * r, 0.08 * r)),
        0.05 * r,
    )
    shading, shine = relief(nose, on.size, light, 0.08 * r, 0.4)
    lay(
        layer,
        painted(
            coverage(nose, on.size), np.clip(np.array([0.09, 0.065, 0.065], np.float32)[:, None, None] * shading + np.float32(0.3) * shine, 0, 1)
        ),
    )
    mouth = shapes.capsule(on, animal.nose, (animal.nose[0], animal.nose[1] + 0.26 * r), 0.012 * r)
    lay(layer, painted(coverage(mouth, on.size, 0.01 * r) * np.float32(0.7), np.array([0.06, 0.04, 0.04], np.float32)))


def _whiskers(layer: Array, rng: np.random.Generator, animal: Animal) -> None:
    count, r = 16, animal.head
    side = np.where(np.arange(count) % 2, 1.0, -1.0)[:, None]
    start = np.array(animal.nose) + np.concatenate([side * rng.uniform(0.1, 0.3, (count, 1)), rng.uniform(0.05, 0.25, (count, 1))], 1) * r
    end = start + np.concatenate([side * rng.uniform(0.7, 1.3, (count, 1)), rng.uniform(-0.3, 0.4, (count, 1))], 1) * r
    middle = (start + end) / 2 - np.array([0, 0.12 * r])
    points = max(12, int(2 * r * layer.shape[-1]))
    paths = bezier(start, middle, end, points)
    deposit(layer, paths, np.linspace(0.0014, 0.0004, points, dtype=np.float32)[None], np.full((count, 3), 0.88, np.float32), 1)
