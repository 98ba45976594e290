"""`proc-video`: few people in several frames, with motion blur. Layers are drawn once a person and moved. NumPy only."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bgmatte.data.procedural.canvas import blank, lay
from bgmatte.data.procedural.portraits import person
from bgmatte.data.procedural.sitter import sitter

Array = np.ndarray
_MARGIN = 0.12  # how far a layer may move or smear beyond where it was drawn, in shares of the side


class Motion(NamedTuple):
    """A small movement about a pivot: shift across and down in shares of the side, turn [rad], shear (hair that lags)."""

    across: float
    down: float
    turn: float
    shear: float

    def matrix(self, pivot: tuple[float, float], size: int) -> Array:
        """The movement as a 3×3 matrix on pixel coordinates."""
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        x, y = pivot[0] * size, pivot[1] * size
        about = np.array([[cos, -sin + self.shear, 0], [sin, cos, 0], [0, 0, 1]])
        there = np.array([[1, 0, x + self.across * size], [0, 1, y + self.down * size], [0, 0, 1]])
        return there @ about @ np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1]])


def clip(rng: np.random.Generator, size: int, frames: int) -> Iterator[Array]:
    """`frames` pictures of one person as layers (4, size, size); pose and speed differ, the person does not."""
    who = sitter(rng)
    behind, torso, face, before = person(who, size, adorned=False)
    neck, waist = (who.shoulders * 0.5 + who.head[0] * 0.5, who.head[1] + 1.1 * who.unit), (who.shoulders, 1.1)
    lower = _Moving(torso)
    upper = [(_Moving(behind), 1.0), (_Moving(face), 0.0), (_Moving(before), 1.0)]
    for _ in range(frames):
        pose, speed = who.streams["motion"].standard_normal((2, 7)).clip(-2, 2)
        sway, nod, lag = _motions(pose, 1.0, who.unit)
        sway_rate, nod_rate, lag_rate = _motions(speed, 0.6 * max(0.0, abs(speed[6]) - 0.5), who.unit)
        trunk, trunk_end = (_between(sway, sway_rate, side).matrix(waist, size) for side in (-0.5, 0.5))
        top, top_end = (_between(nod, nod_rate, side).matrix(neck, size) for side in (-0.5, 0.5))
        fall, fall_end = (Motion(0, 0, 0, lag + side * lag_rate).matrix(who.head, size) for side in (-0.5, 0.5))
        layers = [
            layer.blurred(trunk @ top @ (fall if hangs else np.eye(3)), trunk_end @ top_end @ (fall_end if hangs else np.eye(3)))
            for layer, hangs in upper
        ]
        picture = layers[0]
        for layer in (lower.blurred(trunk, trunk_end), *layers[1:]):
            lay(picture, layer)
        yield _soft(picture)


def _motions(draw: Array, strength: float, unit: float) -> tuple[Motion, Motion, float]:
    sway = Motion(0.04 * draw[0] * strength, 0.012 * abs(draw[1]) * strength, 0.03 * draw[2] * strength, 0.0)
    nod = Motion(0.1 * unit * draw[3] * strength, 0.06 * unit * draw[1] * strength, 0.08 * draw[4] * strength, 0.0)
    return sway, nod, 0.1 * draw[5] * strength


def _between(pose: Motion, rate: Motion, side: float) -> Motion:
    return Motion(*(p + side * r for p, r in zip(pose, rate, strict=True)))


class _Moving:
    """A layer that is drawn once and sampled again and again."""

    def __init__(self, layer: Array) -> None:
        self.size = layer.shape[-1]
        self.pixels = np.ascontiguousarray(layer.transpose(1, 2, 0))
        rows, columns = (np.flatnonzero(layer[3].max(axis)) for axis in (1, 0))
        self.empty = len(rows) == 0
        if not self.empty:
            edge = int(_MARGIN * self.size)
            self.top, self.bottom = max(rows[0] - edge, 0), min(rows[-1] + edge + 1, self.size)
            self.left, self.right = max(columns[0] - edge, 0), min(columns[-1] + edge + 1, self.size)

    def blurred(self, first: Array, last: Array) -> Array:
        """The layer (4, size, size) averaged while it moves steadily from one place to another.

        Averaging a picture with itself moved by 1, 2, 4, … steps gives 2, 4, 8, … evenly spaced samples.
        """
        result = blank(self.size)
        if self.empty:
            return result
        corners = np.array([[self.left, self.left, self.right, self.right], [self.top, self.bottom, self.top, self.bottom], [1, 1, 1, 1]], float)
        way = np.abs((last - first) @ np.linalg.inv(first) @ corners).max()
        halvings = int(np.ceil(np.log2(max(way / 1.5, 1))))
        picture = self._sampled(self.pixels, first, (0, 0))
        move = np.eye(3) + (last @ np.linalg.inv(first) - np.eye(3)) / 2**halvings
        for _ in range(halvings):
            picture = 0.5 * (picture + self._sampled(picture, move, (self.left, self.top)))
            move = move @ move
        result[:, self.top : self.bottom, self.left : self.right] = picture.transpose(2, 0, 1)
        return result

    def _sampled(self, pixels: Array, move: Array, origin: tuple[int, int]) -> Array:
        """The window of the layer after `move`, bilinear; `pixels` (h, w, 4) begin at `origin` [px]."""
        back = np.linalg.inv(move).astype(np.float32)
        x, y = (
            np.arange(self.left, self.right, dtype=np.float32)[None] + np.float32(0.5),
            np.arange(self.top, self.bottom, dtype=np.float32)[:, None] + np.float32(0.5),
        )
        height, width = pixels.shape[:2]
        at_x = np.clip(back[0, 0] * x + back[0, 1] * y + (back[0, 2] - np.float32(0.5 + origin[0])), 0, width - np.float32(1.001))
        at_y = np.clip(back[1, 0] * x + back[1, 1] * y + (back[1, 2] - np.float32(0.5 + origin[1])), 0, height - np.float32(1.001))
        column, row = at_x.astype(np.int32), at_y.astype(np.int32)
        right, down = (at_x - column)[..., None], (at_y - row)[..., None]
        flat, index = pixels.reshape(-1, 4), row * width + column
        upper = flat[index]
        upper += (flat[index + 1] - upper) * right
        lower = flat[index + width]
        lower += (flat[index + width + 1] - lower) * right
        upper += (lower - upper) * down
        return upper


def _soft(picture: Array) -> Array:
    """A video camera's softness: weights 1, 2, 1 both ways."""
    for axis in (1, 2):
        padded = np.pad(picture, [(1, 1) if a == axis else (0, 0) for a in range(3)], "edge")
        before, after = (np.take(padded, range(k, k + picture.shape[axis]), axis) for k in (0, 2))
        picture = np.float32(0.25) * (before + after) + np.float32(0.5) * picture
    return picture
