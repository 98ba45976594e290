"""Pictures drawn from a seed: the stand-ins for the published data sets, their backgrounds, generic shapes. NumPy only."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bgmatte.config import DataConfig
from bgmatte.data.procedural.backgrounds import background
from bgmatte.data.procedural.canvas import quantised
from bgmatte.data.procedural.generic import generic
from bgmatte.data.procedural.noise import stream
from bgmatte.data.procedural.objects import person_maybe_with_thing
from bgmatte.data.procedural.portraits import portrait
from bgmatte.data.procedural.video import clip
from bgmatte.jsonable import require

Array = np.ndarray


@dataclass(frozen=True)
class Domain:
    """One generated set.

    `number` keeps its random streams apart from those of other sets; `groups` and `each` count groups and pictures
    per group; `draw(rng, size, each)` gives the pictures of one group, float32 (channels, size, size), subjects
    premultiplied.
    """

    number: int
    groups: Callable[[DataConfig], int]
    draw: Callable[[np.random.Generator, int, int], Iterable[Array]]
    each: Callable[[DataConfig], int] = lambda data: 1
    channels: int = 4


DOMAINS: dict[str, Domain] = {
    "proc-video": Domain(1, lambda data: data.video_identities, clip, each=lambda data: data.video_frames),
    "proc-portrait": Domain(2, lambda data: data.portraits, lambda rng, size, each: [portrait(rng, size)]),
    "proc-objects": Domain(3, lambda data: data.objects, lambda rng, size, each: [person_maybe_with_thing(rng, size)]),
    "proc-background": Domain(4, lambda data: data.backgrounds, lambda rng, size, each: [background(rng, size)], channels=3),
    "proc-generic": Domain(5, lambda data: data.generic, lambda rng, size, each: [generic(rng, size)]),
}


def domain(name: str) -> Domain:
    """The generated set called `name`; an unknown one raises `ConfigError` with the allowed names."""
    require(name in DOMAINS, "data set", name, ", ".join(DOMAINS))
    return DOMAINS[name]


def draw_group(name: str, data: DataConfig, group: int) -> Array:
    """All pictures of one group, uint8 (pictures, channels, size, size): straight colour, then alpha for subjects.

    They depend on the name, `data.seed`, `data.size`, the group and how many pictures it has, so any worker may draw
    them in any order.
    """
    kind = domain(name)
    pictures = kind.draw(stream(data.seed, kind.number, group), data.size, kind.each(data))
    return np.stack([quantised(picture) if kind.channels == 4 else _bytes(picture) for picture in pictures])


def draw_into(file: Path, name: str, data: DataConfig, group: int) -> None:
    """Draw one group and write it at its place into the open set `file`."""
    pictures = np.lib.format.open_memmap(file, mode="r+")
    each = domain(name).each(data)
    pictures[group * each : (group + 1) * each] = draw_group(name, data, group)
    pictures.flush()


def _bytes(picture: Array) -> Array:
    return (np.clip(picture, 0, 1) * 255 + np.float32(0.5)).astype(np.uint8)
