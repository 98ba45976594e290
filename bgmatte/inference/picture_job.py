"""Matte one picture, or a folder of them; a bad one among many is named and the rest goes on."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from bgmatte.inference.job import Job, Outcome, Progress, same_size
from bgmatte.inference.pictures import SUFFIXES, read_picture, write_png
from bgmatte.inference.places import in_folder, kind, places, protect, whole
from bgmatte.inference.refusals import MatteError, refusal
from bgmatte.jsonable import ConfigError

BEHIND = "a picture, or a folder with the same names as the sources"


def matte_pictures(job: Job, progress: Progress) -> Outcome:
    """Matte `job.src` with one background for all, or with the backgrounds of the same names.

    A single bad picture raises; among many it becomes a line of `failed`. Raises `MatteError` before anything is written
    for what concerns all of them.
    """
    if kind(job.bgr, BEHIND) == "video":
        raise refusal(job.bgr, "a video behind pictures", BEHIND)
    outcome, alone = Outcome(), job.src.is_file()
    sources = {job.src.stem: job.src} if alone else _by_name(job.src, outcome)
    behind = _by_name(job.bgr, outcome) if job.bgr.is_dir() else dict.fromkeys(sources, job.bgr)
    named = in_folder(job.out, "picture" if alone else "folder")
    wanted = {name: places(job.out, job.layers, name if named else None) for name in sources}
    read = (*sources.values(), *behind.values(), *job.reads)
    protect(read, (file for files in wanted.values() for file in files.values()), job.existing)

    due = [name for name in sources if not (job.existing == "skip" and whole(wanted[name]))]
    outcome.kept = len(sources) - len(due)
    background = lru_cache(maxsize=1)(read_picture)
    if due and not job.bgr.is_dir():
        background(job.bgr)  # one that cannot be read concerns all of them
    for index, name in enumerate(due):
        path = sources[name]
        try:
            results = _matted(job, path, behind.get(name), background)
        except (MatteError, ConfigError) as error:
            line = str(error) if str(path) in str(error) else f"{path}: {error}"
            if alone:
                raise MatteError(line) from None
            outcome.failed.append(line)
        else:
            for layer, pixels in results.items():
                write_png(wanted[name][layer], pixels)
            outcome.done += 1
        progress(index + 1, len(due), "pictures")
    return outcome


def _matted(job: Job, path: Path, behind: Path | None, background: Callable[[Path], np.ndarray]) -> dict[str, np.ndarray]:
    if behind is None:
        raise refusal(path, f"no background of this name in {job.bgr}", f"{path.stem} with one of {', '.join(SUFFIXES)}")
    src, bgr = read_picture(path), background(behind)
    same_size(src.shape, bgr.shape, path, behind)
    return job.results(src, bgr)


def _by_name(folder: Path, outcome: Outcome) -> dict[str, Path]:
    """The pictures of a folder by their names without suffix, in order; what else lies there is noted."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    pictures = [path for path in files if path.suffix.lower() in SUFFIXES]
    if not pictures:
        raise refusal(folder, f"{len(files)} files, no picture among them", f"pictures ({', '.join(SUFFIXES)})")
    if len(pictures) < len(files):
        outcome.notes.append(f"{folder}: {len(files) - len(pictures)} files are no pictures ({', '.join(SUFFIXES)}) and were passed over")
    found: dict[str, Path] = {}
    for path in pictures:
        if path.stem in found:
            raise refusal(path, f"the same name as {found[path.stem].name}", "one picture of each name: results are named after them")
        found[path.stem] = path
    return found
