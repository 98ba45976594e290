"""Generated sets on disk: made once with all cores, checked by hash, opened as tensors."""

import itertools
import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bgmatte.cache import data_folder, written_whole
from bgmatte.config import DataConfig
from bgmatte.data.procedural import DOMAINS, domain, draw_into
from bgmatte.data.procedural.noise import stream
from bgmatte.data.readers import DataError
from bgmatte.data.sets import BackgroundSet, SubjectSet, embedded_backgrounds, embedded_subjects
from bgmatte.fingerprint import PROJECT, file_digest
from bgmatte.jsonable import canonical, require, to_dict

__all__ = ["SETS", "BackgroundSet", "DataError", "SubjectSet", "faults", "make_set", "open_backgrounds", "open_subjects"]

SETS: tuple[str, ...] = tuple(DOMAINS)
EMBEDDED_SUBJECTS, EMBEDDED_BACKGROUNDS = ("rendered-people",), ("photo-backgrounds",)
PICTURES, INDEX = "pictures.npy", "index.json"
_WORTH_WORKERS = 24 * 128**2  # fewer pixels than this are drawn before other processes have started

log = logging.getLogger(__name__)


def make_set(name: str, data: DataConfig, workers: int | None = None) -> Path:
    """The folder of a generated set, drawn with `workers` processes (all cores unless said) if it is not there whole.

    Damaged or missing files are named in a warning and the set is drawn again; the same `data` gives the same bits.
    """
    folder = data_folder(name, data)
    problems = faults(name, data)
    if not problems:
        return folder
    if folder.exists():
        log.warning("%s is damaged and is made again:\n%s", name, "\n".join(problems))
    with written_whole(folder) as temporary:
        temporary.mkdir()
        _draw(temporary / PICTURES, name, data, workers or os.cpu_count() or 1)
        index = {**_contents(name, data), "sha256": file_digest(temporary / PICTURES)}
        (temporary / INDEX).write_text(json.dumps(index, indent=1) + "\n")
    return folder


def faults(name: str, data: DataConfig) -> list[str]:
    """What is wrong with a generated set on disk, one line per file; empty when all is as it should be."""
    folder = data_folder(name, data)
    missing = [f"{folder / file}: missing" for file in (PICTURES, INDEX) if not (folder / file).is_file()]
    if missing:
        return missing
    try:
        index = json.loads((folder / INDEX).read_text())
        seen = index.pop("sha256")
    except (ValueError, AttributeError, KeyError) as error:
        return [f"{folder / INDEX}: cannot be read ({error})"]
    if index != _contents(name, data):
        return [f"{folder / INDEX}: lists other pictures than {name} has"]
    stat = (folder / PICTURES).stat()
    if _hash_of(folder / PICTURES, stat.st_mtime_ns, stat.st_size) != seen:
        return [f"{folder / PICTURES}: its hash differs from {INDEX}"]
    return []


def open_subjects(name: str, data: DataConfig, split: str) -> SubjectSet:
    """The subjects of one split: "train" or "validation" of a generated set, "test" of `rendered-people`.

    Raises `DataError` when the set was not made or is damaged (`make_set` makes it again) and `ConfigError` for an
    unknown set or split.
    """
    require(name in (*_drawn(4), *EMBEDDED_SUBJECTS), "subjects", name, ", ".join((*_drawn(4), *EMBEDDED_SUBJECTS)))
    return embedded_subjects(name, split) if name in EMBEDDED_SUBJECTS else SubjectSet(*_opened(name, data, split))


def open_backgrounds(name: str, data: DataConfig, split: str) -> BackgroundSet:
    """The backgrounds of one split: "train" or "validation" of a generated set, "train" or "test" of `photo-backgrounds`.

    Photographs come as fixed square views of `data.size` px. Raises like `open_subjects`.
    """
    require(name in (*_drawn(3), *EMBEDDED_BACKGROUNDS), "backgrounds", name, ", ".join((*_drawn(3), *EMBEDDED_BACKGROUNDS)))
    if name in EMBEDDED_BACKGROUNDS:
        return embedded_backgrounds(name, split, data.size)
    return BackgroundSet(*_opened(name, data, split))


def _drawn(channels: int) -> tuple[str, ...]:
    return tuple(name for name in SETS if domain(name).channels == channels)


def _opened(name: str, data: DataConfig, split: str) -> tuple[np.ndarray, tuple[int, ...], tuple[str, ...], tuple[str, ...]]:
    require(split in ("train", "validation"), f"{name} split", split, "train, validation")
    problems = faults(name, data)
    if problems:
        raise DataError("\n".join([*problems, f"make it with: python -m bgmatte data make {name}"]))
    listed = _contents(name, data)["pictures"]
    chosen = tuple(index for index, row in enumerate(listed) if row["split"] == split)
    pictures = np.load(data_folder(name, data) / PICTURES, mmap_mode="r" if listed else None)
    return (pictures, chosen, tuple(listed[i]["name"] for i in chosen), tuple(listed[i]["group"] for i in chosen))


def _contents(name: str, data: DataConfig) -> dict[str, Any]:
    """What the index of a set says: every picture's name, group and split follow from the settings."""
    kind = domain(name)
    count = kind.groups(data)
    held = min(max(count - 1, 0), max(1, round(data.validation * count)))
    order = np.argsort(stream(data.seed, kind.number, 2**31).random(count), kind="stable")
    validation = set(order[:held].tolist())
    pictures = [_row(name, group, picture, kind.each(data), group in validation) for group in range(count) for picture in range(kind.each(data))]
    return {"name": name, "data": to_dict(data), "pictures": pictures}


def _row(name: str, group: int, picture: int, each: int, held_out: bool) -> Mapping[str, str]:
    label = f"{name}-{group:04d}"
    return {"name": f"{label}-{picture:03d}" if each > 1 else label, "group": label, "split": "validation" if held_out else "train"}


def _draw(file: Path, name: str, data: DataConfig, workers: int) -> None:
    kind = domain(name)
    count, each = kind.groups(data), kind.each(data)
    shape = (count * each, kind.channels, data.size, data.size)
    pictures = np.lib.format.open_memmap(file, mode="w+", dtype=np.uint8, shape=shape) if count else np.empty(shape, np.uint8)
    if not count:
        np.save(file, pictures)
    del pictures
    _reserve(file)
    if workers == 1 or shape[0] * data.size**2 < _WORTH_WORKERS:
        for group in range(count):
            draw_into(file, name, data, group)
        return
    bounds = [count * k // workers for k in range(workers + 1)]
    started = [_start_worker(file, name, data, first, last) for first, last in itertools.pairwise(bounds) if last > first]
    try:
        failed = [worker for worker in started if worker.wait() != 0]
    finally:
        for worker in started:
            worker.kill()
            worker.communicate()
    if failed:
        raise DataError(f"{name}: a drawing process ended with code {failed[0].returncode}; what it said stands above")


def _start_worker(file: Path, name: str, data: DataConfig, first: int, last: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bgmatte.data.procedural", str(file), name, canonical(data), str(first), str(last)]
    path = os.pathsep.join([str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    # A session of its own: Ctrl-C reaches this process alone, which then ends its workers in silence.
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, start_new_session=True)


def _reserve(file: Path) -> None:
    """Take the disk space now: a full disk is an `OSError` here, and would be a killed process in a mapped file."""
    if hasattr(os, "posix_fallocate"):  # not on every system
        with file.open("r+b") as opened:
            os.posix_fallocate(opened.fileno(), 0, file.stat().st_size)


@lru_cache(maxsize=64)
def _hash_of(path: Path, modified: int, length: int) -> str:
    """The file's hash, computed once per process as long as its time and length stay."""
    return file_digest(path)
