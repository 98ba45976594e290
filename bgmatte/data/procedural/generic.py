"""Generic shapes for the starting weights: none of the study's domains, any edge from sharp to hairlike. NumPy only."""

import numpy as np

from bgmatte.data.procedural import shapes
from bgmatte.data.procedural.canvas import Plane, blank, coverage, lay, painted, plane, true_distance
from bgmatte.data.procedural.noise import branch, curves, fractal
from bgmatte.data.procedural.strands import bezier, deposit
from bgmatte.data.procedural.surfaces import pattern, random_colour, relief

Array = np.ndarray
_STRANDS, _TUFT = (260, 1500)  # loose strands of a bundle; strands growing from an outline


def generic(rng: np.random.Generator, size: int) -> Array:
    """One to three random shapes as a layer (4, H, W): sharp, soft, sheer or fringed, with holes, anywhere."""
    layer = blank(size)
    number = rng.random()
    for index in range(3):
        own = branch(rng)
        if index == 0 or number > (0.0, 0.45, 0.8)[index]:
            _shape(layer, own, index == 0)
    return layer


def _shape(layer: Array, rng: np.random.Generator, first: bool) -> None:
    on = plane(layer.shape[-1])
    kind, edge, sheer, fringe, grounded = rng.random(5)
    scale = (0.17 + 0.25 * rng.random()) if first else (0.06 + 0.24 * rng.random())
    centre = (0.12 + 0.76 * rng.random(), 0.12 + 0.76 * rng.random())
    if first and grounded < 0.4:  # as a sitter is cut by the lower edge of the picture
        centre = (0.3 + 0.4 * centre[0], 1.0 - scale * 0.4)
    if kind < 0.16:
        _bundle(layer, rng, centre, scale)
        return

    makers = (_lobed, _lobed, _angular, _joined, _joined, _ragged)
    distance = makers[int((kind - 0.16) / 0.84 * len(makers))](rng, on, centre, scale)
    light = (2 * rng.random() - 1, -rng.random(), 0.4 + rng.random())
    shading, shine = relief(distance, on.size, light, 0.02 + 0.15 * rng.random(), 0.3 + 0.4 * rng.random())
    colour = np.clip(pattern(rng, on) * shading + shine * np.float32(0.5 * rng.random() ** 2), 0, 1)
    soft = 0.0 if edge < 0.55 else 0.006 * (edge - 0.55) / 0.25 if edge < 0.8 else 0.01 + 0.07 * rng.random()
    cover = coverage(distance, on.size, soft)
    if sheer < 0.14:
        cover = cover * np.clip(0.55 + 0.5 * (rng.random() - 0.5) + 0.22 * fractal(rng, on, 3, 3), 0.05, 1)
    if fringe < 0.45:
        _fringe(layer, rng, distance, colour, back=True)
    lay(layer, painted(cover, colour))
    if fringe < 0.45:
        _fringe(layer, rng, distance, colour, back=False)


def _lobed(rng: np.random.Generator, on: Plane, centre: tuple[float, float], scale: float) -> Array:
    heights = rng.standard_normal(8) * (0.03 + 0.17 * rng.random()) / np.sqrt(np.arange(1, 9))
    radii = (scale * (0.7 + 0.6 * rng.random()), scale * (0.7 + 0.6 * rng.random()))
    turns, angle, inner, x, y = rng.uniform(0, 6.28, 8), *rng.random(4)
    distance = true_distance(shapes.wavy(on, centre, radii, heights, turns, 3.14 * angle), on.size)
    if inner < 0.3:  # a hole
        hole = shapes.ellipse(
            on, (centre[0] + 0.5 * scale * (x - 0.5), centre[1] + 0.5 * scale * (y - 0.5)), (0.45 * scale * x + 0.01, 0.45 * scale * y + 0.01)
        )
        distance = np.maximum(distance, -hole)
    return distance


def _angular(rng: np.random.Generator, on: Plane, centre: tuple[float, float], scale: float) -> Array:
    parts = []
    for _ in range(3):
        angles = np.arange(5) * 1.2566 + rng.uniform(-0.5, 0.5, 5)
        offset = rng.uniform(-0.6, 0.6, 2) * scale
        parts.append(shapes.half_planes(on, (centre[0] + offset[0], centre[1] + offset[1]), angles, scale * rng.uniform(0.3, 1.0, 5)))
    return np.maximum(np.minimum(parts[0], parts[1]), -parts[2] if rng.random() < 0.5 else parts[0] - 1)


def _joined(rng: np.random.Generator, on: Plane, centre: tuple[float, float], scale: float) -> Array:
    places = np.array(centre) + rng.uniform(-1, 1, (5, 2)) * scale
    radii, cut = rng.uniform(0.12, 0.5, (5, 2)) * scale, rng.random()
    distance = shapes.ellipse(on, tuple(places[0]), tuple(radii[0] * 1.4), 3 * radii[0, 0] / scale)
    for k in (1, 2, 3):
        part = shapes.capsule(on, tuple(places[0]), tuple(places[k]), radii[k, 0], radii[k, 1])
        distance = shapes.smooth_union(distance, part, 0.02 + 0.2 * scale)
    if cut < 0.4:
        distance = np.maximum(distance, -shapes.ellipse(on, tuple(places[4]), tuple(radii[4])))
    return distance


def _ragged(rng: np.random.Generator, on: Plane, centre: tuple[float, float], scale: float) -> Array:
    window = shapes.ellipse(on, centre, (scale * (0.8 + 0.7 * rng.random()), scale * (0.8 + 0.7 * rng.random())))
    field = window + fractal(rng, on, 4 + 8 * rng.random(), 5, 0.55) * np.float32(scale * (0.15 + 0.4 * rng.random()))
    return true_distance(field, on.size)


def _bundle(layer: Array, rng: np.random.Generator, centre: tuple[float, float], scale: float) -> None:
    """A loose sheaf of thin strands along a bent path."""
    size = layer.shape[-1]
    ends = np.array(centre) + rng.uniform(-1.8, 1.8, (3, 2)) * scale
    spread = scale * np.array([0.02, 0.1, 0.3]) * (0.3 + 1.4 * rng.random(3))
    own = [ends[k] + rng.standard_normal((_STRANDS, 2)) * spread[k] for k in range(3)]
    points = max(24, int(2.2 * scale * size * 2))
    paths = bezier(own[0], own[1], own[2], points)
    bend = np.stack([curves(rng, _STRANDS, points, 5), curves(rng, _STRANDS, points, 5)], -1)
    paths = paths + bend * np.float32(scale * 0.06 * rng.random())
    profile = np.interp(np.linspace(0, 1, points), [0, 0.1, 0.6, 1], [0.6, 1, 0.8, 0.2])
    widths = (0.0008 + 0.003 * rng.random() ** 2) * rng.uniform(0.4, 1.2, (_STRANDS, 1)) * profile[None]
    base, other = random_colour(rng), random_colour(rng)
    colours = base + (other - base) * rng.random((_STRANDS, 1)) * rng.random()
    deposit(layer, paths, widths, np.clip(colours * rng.uniform(0.7, 1.3, (_STRANDS, 1)), 0, 1), 3)


def _fringe(layer: Array, rng: np.random.Generator, distance: Array, colour: Array, back: bool) -> None:
    """Strands that start inside a shape and leave it: candidates all over the frame, those near the edge kept."""
    size = layer.shape[-1]
    roots = rng.random((_TUFT * 8, 2), dtype=np.float32)
    lengths, wind, chaos, width = (0.03 + 0.16 * rng.random() ** 1.5, rng.uniform(-1, 1, 2), 0.1 + 0.6 * rng.random(), 0.0007 + 0.0012 * rng.random())
    scatter, unequal, tone = (
        rng.standard_normal((_TUFT * 8, 2), dtype=np.float32),
        rng.random((_TUFT * 8, 1), dtype=np.float32),
        rng.random((_TUFT * 8, 1), dtype=np.float32),
    )
    column, row = (np.minimum((roots * size).astype(np.int32), size - 1)).T
    near = (distance[row, column] < 0) & (distance[row, column] > -0.035)
    keep = np.flatnonzero(near)[:_TUFT]
    if len(keep) < 2:
        return
    column, row, root = column[keep], row[keep], roots[keep]
    step = max(1, size // 128)
    across = distance[row, np.minimum(column + step, size - 1)] - distance[row, np.maximum(column - step, 0)]
    down = distance[np.minimum(row + step, size - 1), column] - distance[np.maximum(row - step, 0), column]
    out = np.stack([across, down], -1)
    out /= np.linalg.norm(out, axis=1, keepdims=True) + np.float32(1e-6)
    aim = out + np.float32(chaos) * scatter[keep] + 0.4 * wind.astype(np.float32)
    aim /= np.linalg.norm(aim, axis=1, keepdims=True) + np.float32(1e-6)
    reach = np.float32(lengths) * (0.4 + 0.8 * unequal[keep]) * (1.0 if back else 0.6)
    middle = root + aim * reach * 0.5
    end = middle + (aim + (0.8 * wind).astype(np.float32)) * reach * 0.5
    points = max(12, int(1.3 * lengths * size))
    taper = np.linspace(1, 0.2, points, dtype=np.float32)[None]
    shade = colour[:, row, column].T * (0.75 + 0.5 * tone[keep])
    deposit(layer, bezier(root, middle, end, points), np.float32(width) * taper, np.clip(shade, 0, 1), 3)
