"""Published sets as the sets of subjects and backgrounds that training and testing draw from, read when they are asked for."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from bgmatte.data.published.entries import SPLITS, Entry, read_index
from bgmatte.data.published.frames import frame
from bgmatte.data.published.layouts import layout
from bgmatte.data.readers import ANY, DataError, extended_coarsely, read_background, read_pair, read_subject
from bgmatte.data.sets import BackgroundSet, OnDemand, SubjectSet
from bgmatte.jsonable import require
from bgmatte.manifest import Fault

Place = tuple[Entry, int]  # a sample, and which of its pictures
Read = Callable[[Path, Entry, int], np.ndarray]


def open_published(name: str, root: Path, split: str) -> SubjectSet:
    """The subjects of one split ("train", "validation", "test") of the copy of `name` at `root`; a frame of a clip is a picture.

    Raises `DataError` when the copy is not indexed or has no such split, and `ConfigError` for a set without subjects.
    """
    require(layout(name).subjects, "subjects", name, "a set of foregrounds")
    return SubjectSet(*_opened(name, root, split, read_foreground))


def open_published_backgrounds(name: str, root: Path, split: str) -> BackgroundSet:
    """The backgrounds of one split of the copy of `name` at `root`; raises like `open_published`."""
    require(not layout(name).subjects, "backgrounds", name, "a set of backgrounds")
    return BackgroundSet(*_opened(name, root, split, read_scene))


def open_all(name: str, root: Path) -> dict[str, SubjectSet | BackgroundSet]:
    """Every split that the copy of `name` at `root` has; raises `DataError` when it is not indexed."""
    opened = open_published if layout(name).subjects else open_published_backgrounds
    index = read_index(name, root)
    return {split: opened(name, root, split) for split in SPLITS if index.entries(split)}


def read_foreground(root: Path, entry: Entry, number: int) -> np.ndarray:
    """A foreground, or frame `number` of a clip, as uint8 (4, H, W), its colour continued where alpha is 0."""
    if "rgba" in entry.files:
        return read_subject(entry.files["rgba"].source(root), coarse=True)
    colour, alpha = entry.files["fgr"], entry.files["pha"]
    if colour.clip is None or alpha.clip is None:
        return read_pair(colour.source(root), alpha.source(root))
    rgb = frame(root / colour.part.path, colour.clip, number).transpose(2, 0, 1)
    matte = frame(root / alpha.part.path, alpha.clip, number)[..., 1]  # grey: any channel; green has the least rounding
    return extended_coarsely(np.concatenate([rgb, matte[None]]))


def read_scene(root: Path, entry: Entry, number: int) -> np.ndarray:
    """A background as uint8 (3, H, W)."""
    return read_background(entry.files["bgr"].source(root), ANY)


def _as_indexed(root: Path, read: Read, place: Place) -> np.ndarray:
    """A picture, uint8 (C, H, W), of the size that its index has; any thread may ask. Raises `DataError` for another size."""
    entry, number = place
    picture = read(root, entry, number)
    file = next(iter(entry.files.values()))
    if picture.shape[1:] != (file.height, file.width):
        seen = f"{picture.shape[2]}×{picture.shape[1]} px"
        raise DataError(str(Fault(root / file.part.place, seen, f"{file.width}×{file.height} px, as indexed; index it again")))
    return picture


def _opened(name: str, root: Path, split: str, read: Read) -> tuple[OnDemand[Place], tuple[int, ...], tuple[str, ...], tuple[str, ...]]:
    require(split in SPLITS, f"{name} split", split, ", ".join(SPLITS))
    found = read_index(name, root)
    entries = found.entries(split)
    if not entries:
        there = ", ".join(dict.fromkeys(entry.split for entry in found.all))
        raise DataError(str(Fault(root, f"{name} without a {split} part (there is {there})", f"a copy with pictures for {split}")))
    named = [(entry, number, label) for entry in entries for number, label in enumerate(entry.names)]
    pictures = OnDemand([(entry, number) for entry, number, _ in named], partial(_as_indexed, root, read))
    return pictures, tuple(range(len(named))), tuple(label for _, _, label in named), tuple(entry.group for entry, _, _ in named)
