"""Hair that grows: strands start on a head, follow a comb, fall, slide over what is under them, then are lit and laid. NumPy only."""

from typing import NamedTuple

import numpy as np

from bgmatte.data.procedural.noise import curves

Array = np.ndarray
_STEPS = 14


class Cut(NamedTuple):
    """How hair is worn. Lengths in half head heights."""

    length: float
    lift: float  # how far strands stand off at the root
    weight: float  # how soon they hang
    curl: float  # radius of curls
    turns: float  # curls per unit of length
    frizz: float
    clump: float  # 0: single strands, 1: strict locks
    part: float  # where the parting is, across
    comb: tuple[float, float, float]  # direction at the root: away from the parting, down, to the front


def scalp(rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """`count` random directions (count, 3) on a unit ball in the frame of the face, and which of them bear hair."""
    axis = rng.standard_normal((count, 3), dtype=np.float32)
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    front = axis[:, 2]
    line = np.where(front > 0, 0.05 - 0.62 * np.clip(front, 0, 1) ** 0.8, 0.05 - 0.55 * front)  # forehead, temples, nape
    return axis, axis[:, 1] < line


def grown(rng: np.random.Generator, roots: Array, cut: Cut, lengths: Array, wind: float) -> Array:
    """Centre lines (steps, n, 3) of strands from `roots` (n, 3) on the ball, in the frame of the face."""
    count = len(roots)
    scatter = rng.standard_normal((count, 3), dtype=np.float32)
    away = np.sign(roots[:, 0] - cut.part + 0.05 * scatter[:, 0])
    comb = np.array(cut.comb, np.float32) * np.stack([away, np.ones_like(away), np.ones_like(away)], 1)
    course = roots * cut.lift + comb + 0.16 * scatter
    course /= np.linalg.norm(course, axis=1, keepdims=True)
    step = (lengths / (_STEPS - 1))[:, None]
    point = roots * 1.0
    path = [point]
    for _ in range(_STEPS - 1):
        course = course + np.array([wind, 1, 0], np.float32) * np.float32(cut.weight) * step
        course = course / np.linalg.norm(course, axis=1, keepdims=True)
        point = _outside(point + course * step, away)
        path.append(point)
    return np.stack(path)


def _outside(point: Array, away: Array) -> Array:
    """Push points out of the head, and aside from the face."""
    reach = np.linalg.norm(point * np.array([1, 0.95, 1], np.float32), axis=1, keepdims=True)
    point = point * np.maximum(1, 1.02 / np.maximum(reach, 1e-6))
    low = np.clip((point[:, 1] + 0.35) * 4, 0, 1) * np.clip(point[:, 2] * 5, 0, 1) * (point[:, 1] < 1.6)
    least = 0.95 * low
    short = np.maximum(least - np.abs(point[:, 0]), 0)
    return np.stack([point[:, 0] + 0.9 * short * np.where(np.abs(point[:, 0]) > 0.3, np.sign(point[:, 0]), away), point[:, 1], point[:, 2]], 1)


def gathered(rng: np.random.Generator, path: Array, amount: float, locks: int) -> tuple[Array, Array]:
    """Draw strands together towards the nearest of `locks` guides, more towards their tips; also each strand's lock."""
    guides = np.minimum((rng.random(locks) * path.shape[1]).astype(int), path.shape[1] - 1)
    gap = ((path[0][:, None] - path[0][guides][None]) ** 2).sum(-1)
    lock = np.argmin(gap, 1)
    pull = (amount * np.linspace(0, 1, _STEPS, dtype=np.float32) ** 0.8)[:, None, None]
    return path + (path[:, guides[lock]] - path) * pull, lock


def curled(rng: np.random.Generator, path: Array, cut: Cut, lengths: Array, lock: Array, points: int) -> Array:
    """`path` (steps, n, 3) refined to (points, n, 3) with curls and frizz."""
    count = path.shape[1]
    phases, speeds = rng.random((locks := 4096, 2), dtype=np.float32), rng.standard_normal((count, 2), dtype=np.float32)
    fine = _refined(path, points)
    t = np.linspace(0, 1, points, dtype=np.float32)[:, None]
    turn = np.float32(6.283) * (phases[lock % locks, 0] + 0.12 * speeds[:, 0] + cut.turns * lengths * (1 + 0.08 * speeds[:, 1]) * t)
    swell = cut.curl * np.clip(6 * t, 0, 1) * (0.7 + 0.6 * phases[lock % locks, 1])
    fine[..., 0] += swell * np.cos(turn)
    fine[..., 1] += 0.6 * swell * np.sin(turn)
    fine[..., 2] += 0.6 * swell * np.sin(turn)
    loose = np.where(rng.random(count) < 0.05, np.float32(4), np.float32(1)) * np.float32(cut.frizz) * np.minimum(lengths, 1.2)
    for axis in (0, 1):
        fine[..., axis] += curves(rng, count, points, 5).T * loose * t
    return fine


def _refined(path: Array, points: int) -> Array:
    place = np.linspace(0, len(path) - 1.001, points, dtype=np.float32)
    index = place.astype(int)
    t = (place - index.astype(np.float32))[:, None, None]
    ends = np.concatenate([path[:1] * 2 - path[1:2], path, path[-1:] * 2 - path[-2:-1]])
    result = (-0.5 * t + t**2 - 0.5 * t**3) * ends[index]
    for k, weight in enumerate((1 - 2.5 * t**2 + 1.5 * t**3, 0.5 * t + 2 * t**2 - 1.5 * t**3, -0.5 * t**2 + 0.5 * t**3), start=1):
        result += weight * ends[index + k]
    return result


def strand_light(path: Array, lamp: Array) -> tuple[Array, Array]:
    """Diffuse light and gloss (points, n) on thin cylinders along `path` (points, n, 3) (Kajiya and Kay, 1989)."""
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=2, keepdims=True) + 1e-6
    to_lamp = lamp / np.linalg.norm(lamp)
    half = to_lamp + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    toward, glance = along @ to_lamp, along @ half
    return np.sqrt(np.clip(1 - toward**2, 0, 1)), np.clip(1 - glance**2, 0, 1) ** 18
