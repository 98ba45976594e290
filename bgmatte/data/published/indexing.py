"""Making the index of a user's copy: every file with its hash, size and split, with all cores and resumable."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bgmatte.cache import write_text
from bgmatte.data.published import layouts, shards
from bgmatte.data.published.entries import Entry, File, as_document, as_file, file_document, files_in
from bgmatte.data.published.frames import scan
from bgmatte.data.published.parallel import Progress, in_order
from bgmatte.data.published.samples import Part, Sample
from bgmatte.data.readers import ANY, SUBJECT, DataError, header_fault, refuse, size_fault
from bgmatte.fingerprint import file_digest
from bgmatte.manifest import Fault
from bgmatte.sources import index_path

Wanted = tuple[Sample, str, Part]


def index(name: str, root: Path, workers: int | None = None, progress: Progress | None = None) -> Path:
    """Write the index of the copy of `name` at `root` into the cache; gives its path.

    Files are read by `workers` threads (all cores unless said). Files whose length and time are as in an earlier or an
    unfinished index are not read again. Raises `DataError` listing every file that cannot be used.
    """
    samples, faults = found(name, root)
    wanted = [(sample, role, part) for sample in samples for role, part in sample.parts.items()]
    path = index_path(name, root)

    facts: dict[tuple[str, str], File] = {}
    for done, ((sample, role, _), file) in enumerate(zip(wanted, _files(root, wanted, path, workers), strict=True), 1):
        if isinstance(file, Fault):
            faults.append(file)
        else:
            facts[sample.key, role] = file
        if progress:
            progress(done, len(wanted), f"indexing {name}")

    faults += pair_faults(root, samples, facts)
    refuse(faults)
    entries = [Entry(sample.key, sample.split, sample.group, {role: facts[sample.key, role] for role in sample.parts}) for sample in samples]
    write_text(path, json.dumps(as_document(name, root, entries), separators=(",", ":")) + "\n")
    unfinished(path).unlink()
    return path


def found(name: str, root: Path) -> tuple[list[Sample], list[Fault]]:
    """All samples of a copy, in folders or in shards, and what is wrong with how they lie there."""
    layouts.layout(name)
    tars = shards.tars(layouts.inner(root))
    return shards.samples(name, root, tars) if tars else layouts.samples(name, root)


def unfinished(path: Path) -> Path:
    """Where an index that is being made keeps what was read so far, a file a line."""
    return path.with_suffix(".unfinished")


def read_file(root: Path, role: str, part: Part) -> File | Fault:
    """What the index says of one file, read now; a `Fault` when it is none that can be used."""
    path = root / part.path
    try:
        stat = path.stat()
        if part.video:
            clip = scan(path)
            return File(part, stat.st_size, stat.st_mtime_ns, file_digest(path), clip.width, clip.height, clip)
        source = part.source(root)
        size = header_fault(source, SUBJECT if role == "rgba" else ANY)
        if isinstance(size, Fault):
            return size
        return File(part, part.length or stat.st_size, stat.st_mtime_ns, hashlib.sha256(source.read_bytes()).hexdigest(), *size)
    except OSError as error:
        return Fault(path, f"cannot be read ({error.strerror or error})", "a file that may be read")
    except DataError as error:
        seen, _, allowed = str(error).removeprefix(f"{path}: ").partition("; allowed: ")
        return Fault(path, seen, allowed)


def pair_faults(root: Path, samples: Iterable[Sample], facts: Mapping[tuple[str, str], File]) -> list[Fault]:
    """What does not match between colours and their alphas: sizes, or for clips the number of frames."""
    pairs = [(facts.get((sample.key, "fgr")), facts.get((sample.key, "pha"))) for sample in samples]
    return [fault for colour, alpha in pairs if colour and alpha for fault in [_pair_fault(root, colour, alpha)] if fault]


def _pair_fault(root: Path, colour: File, alpha: File) -> Fault | None:
    if colour.clip and alpha.clip and len(colour.clip) != len(alpha.clip):
        return Fault(root / alpha.part.place, f"{len(alpha.clip)} frames", f"{len(colour.clip)} frames as its colour {colour.part.place}")
    return size_fault(alpha.source(root), (alpha.width, alpha.height), colour.source(root), (colour.width, colour.height))


def _files(root: Path, wanted: Iterable[Wanted], path: Path, workers: int | None) -> Iterator[File | Fault]:
    """The facts of every wanted file; those that are new are kept at once, so that nothing is read twice."""
    known = {file.part: file for file in (*files_in(path), *_kept(unfinished(path)))}
    path.parent.mkdir(parents=True, exist_ok=True)
    with unfinished(path).open("a") as kept:
        kept.write("\n")  # ends a line that a kill has torn
        for file in in_order(lambda item: _if_new(root, item[1], item[2], known), wanted, workers):
            if isinstance(file, File) and known.get(file.part) != file:
                kept.write(json.dumps(file_document(file), separators=(",", ":")) + "\n")
                kept.flush()
            yield file


def _if_new(root: Path, role: str, part: Part, known: Mapping[Part, File]) -> File | Fault:
    old = known.get(part)
    if old:
        path = root / part.path
        stat = path.stat() if path.is_file() else None
        if stat and stat.st_mtime_ns == old.modified and (part.offset is not None or stat.st_size == old.length):
            return old
    return read_file(root, role, part)


def _kept(path: Path) -> list[File]:
    files = []
    for line in path.read_text().splitlines() if path.is_file() else ():
        try:
            files.append(as_file(json.loads(line)))
        except (ValueError, KeyError, TypeError):
            continue  # torn or empty
    return files
