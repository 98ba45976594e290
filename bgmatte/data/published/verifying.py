"""Everything that is wrong with a user's copy, in one go: every picture and every frame is decoded, every file hashed."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from bgmatte.data.published.entries import File, files_in
from bgmatte.data.published.frames import every
from bgmatte.data.published.indexing import found, pair_faults, read_file
from bgmatte.data.published.parallel import Progress, in_order
from bgmatte.data.published.samples import Sample
from bgmatte.data.readers import ANY, GREY, SUBJECT, DataError, matte_fault, picture_fault
from bgmatte.manifest import Fault
from bgmatte.sources import index_path

Checked = tuple[list[Fault], dict[str, File]]


@dataclass(frozen=True)
class Verified:
    """What was found in a copy: how many samples, whether there was an index to compare with, and all faults."""

    samples: int
    indexed: bool
    faults: tuple[Fault, ...]


def verify(name: str, root: Path, workers: int | None = None, progress: Progress | None = None) -> Verified:
    """Read a copy of `name` from beginning to end and compare it with its index, if it has one.

    Raises `DataError` only where the folder is not laid out as the set is published.
    """
    samples, faults = found(name, root)
    index = index_path(name, root)
    indexed = {file.part.place: file for file in files_in(index)}
    facts: dict[tuple[str, str], File] = {}
    for done, (sample, (wrong, files)) in enumerate(zip(samples, in_order(partial(_checked, root, indexed), samples, workers), strict=True), 1):
        faults += wrong
        facts |= {(sample.key, role): file for role, file in files.items()}
        if progress:
            progress(done, len(samples), f"verifying {name}")

    faults += pair_faults(root, samples, facts)
    faults += _doubled(root, samples, facts)
    faults += _gone(root, indexed, samples, {fault.file for fault in faults})
    return Verified(len(samples), bool(indexed), tuple(faults))


def _checked(root: Path, indexed: Mapping[str, File], sample: Sample) -> Checked:
    faults, files = [], {}
    for role, part in sample.parts.items():
        file = read_file(root, role, part)
        if isinstance(file, Fault):
            faults.append(file)
            continue
        files[role] = file
        known = indexed.get(part.place)
        if known and known.sha256 != file.sha256:
            faults.append(Fault(root / part.place, f"sha256 {file.sha256[:16]}…", f"sha256 {known.sha256[:16]}… as indexed"))
        faults += _content_faults(root, role, file)
    return faults, files


def _content_faults(root: Path, role: str, file: File) -> list[Fault]:
    """What decoding a whole file brings to light."""
    source = file.source(root)
    if file.clip is not None:
        return list(itertools.islice(_clip_faults(root / file.part.path, role, file), 1))
    fault = matte_fault(source) if role == "pha" else picture_fault(source, SUBJECT if role == "rgba" else ANY)
    return [fault] if fault else []


def _clip_faults(path: Path, role: str, file: File) -> Iterator[Fault]:
    count = 0
    try:
        for count, pixels in enumerate(every(path), 1):
            if pixels.shape[:2] != (file.height, file.width):
                yield Fault(path, f"frame {count - 1} of {pixels.shape[1]}×{pixels.shape[0]} px", f"{file.width}×{file.height} px as the first")
            apart = int(np.ptp(pixels.astype(np.int16), axis=2).max()) if role == "pha" else 0
            if apart > GREY:
                yield Fault(path, f"frame {count - 1} whose channels differ by {apart}", "a grey video")
    except DataError as error:
        yield Fault(path, f"cannot be read after {count} frames ({error})", "a whole video")
    if file.clip is not None and count != len(file.clip):
        yield Fault(path, f"{count} frames can be decoded", f"{len(file.clip)} frames as it says")


def _doubled(root: Path, samples: list[Sample], facts: Mapping[tuple[str, str], File]) -> list[Fault]:
    """Pictures that are in two splits: what is judged would be known from training."""
    places: dict[str, dict[str, File]] = defaultdict(dict)
    for sample in samples:
        for role in sample.parts:
            file = facts.get((sample.key, role))
            if role != "pha" and file:
                places[file.sha256].setdefault(sample.split, file)
    return [
        Fault(root / other.part.place, f"in {split}, and the same content in {first} ({file.part.place})", "each picture in one split")
        for splits in places.values()
        for (first, file), (split, other) in itertools.combinations(sorted(splits.items(), reverse=True), 2)
    ]


def _gone(root: Path, indexed: Mapping[str, File], samples: list[Sample], named: Set[Path]) -> list[Fault]:
    """Files of the index that no sample has now and nothing was said of."""
    there = {part.place for sample in samples for part in sample.parts.values()}
    gone = [root / place for place in indexed if place not in there]
    return [Fault(path, "missing, or without its counterpart", "a file that is indexed") for path in gone if path not in named]
