"""What an index holds and how it stands in its file."""

import gc
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bgmatte.data.published.frames import Clip, as_clip, clip_table
from bgmatte.data.published.samples import Part
from bgmatte.data.readers import DataError, Source
from bgmatte.jsonable import digest
from bgmatte.sources import from_index

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class File:
    """One file of a sample as it was indexed."""

    part: Part
    length: int  # [bytes]
    modified: int  # [ns], of the file or of the tar file around it
    sha256: str
    width: int  # [px]
    height: int  # [px]
    clip: Clip | None = None

    def source(self, root: Path) -> Source:
        """Where to read it."""
        return self.part.source(root)


@dataclass(frozen=True, slots=True)
class Entry:
    """One sample of a copy: a foreground (`fgr` and `pha`, or `rgba`), a clip of them, or a background (`bgr`)."""

    key: str
    split: str
    group: str
    files: Mapping[str, File]

    @property
    def clip(self) -> bool:
        """Whether it holds frames."""
        return any(file.clip is not None for file in self.files.values())

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each of its pictures: its own, or for a clip its own and the frame's number."""
        frames = [len(file.clip) for file in self.files.values() if file.clip is not None]
        return tuple(f"{self.key}/{number:05d}" for number in range(min(frames))) if frames else (self.key,)


@dataclass(frozen=True)
class Index:
    """A user's copy of one set; `digest` names its content, wherever it lies."""

    name: str
    root: Path
    digest: str
    all: tuple[Entry, ...]

    def entries(self, split: str) -> tuple[Entry, ...]:
        """The samples of one split, by key."""
        return tuple(entry for entry in self.all if entry.split == split)


def read_index(name: str, root: Path) -> Index:
    """The index of the copy of `name` at `root`; raises `DataError`, with the command that makes it, when there is none or it is damaged."""
    return from_index(name, root, lambda path, changed: _read(path, changed, root), DataError)


def as_document(name: str, root: Path, entries: Sequence[Entry]) -> dict[str, Any]:
    """An index as JSON values.

    The digest is that of keys, splits and hashes, not of where files lie: shards of pictures have the digest of their source.
    """
    content = [[entry.key, entry.split, entry.group, {role: file.sha256 for role, file in entry.files.items()}] for entry in entries]
    listed = [
        {"key": entry.key, "split": entry.split, "group": entry.group, "files": {role: file_document(file) for role, file in entry.files.items()}}
        for entry in entries
    ]
    return {"name": name, "root": str(root.resolve()), "digest": digest([name, content]), "entries": listed}


def file_document(file: File) -> dict[str, Any]:
    """A file as JSON values."""
    document: dict[str, Any] = {"path": file.part.path, "bytes": file.length, "modified": file.modified, "sha256": file.sha256}
    document |= {"width": file.width, "height": file.height}
    document |= {"offset": file.part.offset, "member": file.part.member} if file.part.offset is not None else {}
    return document | (clip_table(file.clip) if file.clip else {})


def as_file(document: Mapping[str, Any]) -> File:
    """A file from its JSON values; raises `KeyError`, `TypeError` or `ValueError` where they are none."""
    offset = document.get("offset")
    part = Part(document["path"]) if offset is None else Part(document["path"], offset, document["bytes"], document["member"])
    clip = as_clip(document["width"], document["height"], document) if "times" in document else None
    return File(part, document["bytes"], document["modified"], document["sha256"], document["width"], document["height"], clip)


def files_in(path: Path) -> list[File]:
    """The files that an index lists, of whatever was read before; none where there is no index that can be read."""
    try:
        return [as_file(file) for entry in json.loads(path.read_text())["entries"] for file in entry["files"].values()]
    except (OSError, ValueError, KeyError, TypeError):
        return []


@lru_cache(maxsize=16)
def _read(path: Path, changed: int, root: Path) -> Index:
    """An index once for each time it was `changed` [ns]."""
    with _uncollected():
        document = json.loads(path.read_text())
        entries = tuple(
            Entry(entry["key"], entry["split"], entry["group"], {role: as_file(file) for role, file in entry["files"].items()})
            for entry in document["entries"]
        )
    return Index(document["name"], root, document["digest"], entries)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for garbage meanwhile: among a million objects that all stay, that takes as long as making them."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()
