"""Who sits before the camera: build, pose, colours and light of one person, from a fixed number of draws. NumPy only."""

from typing import NamedTuple

import numpy as np

from bgmatte.data.procedural.noise import branch
from bgmatte.data.procedural.surfaces import Vector, hsv

Array = np.ndarray

_SKIN = np.array([[0.95, 0.78, 0.68], [0.88, 0.67, 0.54], [0.78, 0.56, 0.42], [0.6, 0.41, 0.29], [0.42, 0.28, 0.2], [0.29, 0.19, 0.14]], np.float32)
_HAIR = (
    (0.07, 0.45, 0.07),
    (0.07, 0.5, 0.16),
    (0.065, 0.55, 0.3),
    (0.095, 0.5, 0.62),
    (0.11, 0.4, 0.8),
    (0.035, 0.7, 0.45),
    (0.1, 0.08, 0.6),
    (0.6, 0.03, 0.85),
)


class Sitter(NamedTuple):
    """One person. Lengths are shares of the picture's side; `unit` is half the height of the head, the measure of all parts.

    `tilt` leans the head sideways and `yaw` turns it [rad]; `lamp` points to the light; `key` and `fill` are the
    colours of lamp and shade. Each part draws from a stream of its own.
    """

    head: tuple[float, float]
    unit: float
    tilt: float
    yaw: float
    shoulders: float  # where their middle is, across
    build: float  # breadth, about 1
    skin: Array
    hair: Array
    lamp: Vector
    key: Array
    fill: Array
    streams: dict[str, np.random.Generator]


def sitter(rng: np.random.Generator) -> Sitter:
    """A person somewhere in the lower middle of the picture, shoulders cut by its lower border."""
    draw = rng.random(20)
    streams = {name: branch(rng) for name in ("body", "face", "hair", "beard", "wear", "extras", "veil", "motion")}
    unit = 0.115 + 0.06 * draw[0]
    head = (0.5 + 0.26 * (draw[1] - 0.5), 0.12 + 1.15 * unit + 0.16 * draw[2])
    tone = draw[3] * (len(_SKIN) - 1.001)
    low = int(tone)
    skin = _SKIN[low] + (_SKIN[low + 1] - _SKIN[low]) * np.float32(tone - low)
    hue, saturation, value = _HAIR[int(draw[4] ** 1.2 * len(_HAIR))]
    dyed = draw[5] < 0.03
    warm = 0.16 * (draw[6] - 0.5)
    strength, dim = 0.55 + 0.4 * draw[7], 0.3 + 0.3 * draw[8]
    return Sitter(
        head=head,
        unit=unit,
        tilt=0.3 * (draw[9] - 0.5),
        yaw=1.1 * (draw[10] - 0.5),
        shoulders=head[0] + 0.7 * unit * (draw[11] - 0.5),
        build=0.92 + 0.42 * draw[12],
        skin=skin * np.float32(0.94 + 0.1 * draw[13]),
        hair=hsv(draw[14], 0.7, 0.55)
        if dyed
        else hsv(hue + 0.02 * (draw[14] - 0.5), saturation * (0.7 + 0.5 * draw[15]), value * (0.8 + 0.4 * draw[16])),
        lamp=(2.2 * (draw[17] - 0.5), -0.25 - 0.8 * draw[18], 0.45 + 0.7 * draw[19]),
        key=np.array([1 + warm, 1, 1 - warm], np.float32) * np.float32(strength),
        fill=np.array([1 - 0.6 * warm, 1, 1 + 0.6 * warm], np.float32) * np.float32(dim),
        streams=streams,
    )


def illuminated(who: Sitter, colour: Array, diffuse: Array, shine: Array, gloss: float, bleed: float = 0.0) -> Array:
    """`colour` (3, H, W) in the sitter's light, 0–1; `bleed` makes the shade's border redder, as skin does."""
    powers = np.array([1 - bleed, 1, 1 + 0.4 * bleed], np.float32)[:, None, None]
    light = who.fill[:, None, None] + who.key[:, None, None] * (diffuse**powers if bleed else diffuse)
    return np.clip(colour * light + who.key[:, None, None] * (shine * np.float32(gloss)), 0, 1)
