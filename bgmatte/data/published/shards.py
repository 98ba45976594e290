"""Tar files in the WebDataset convention, read at any place through an index of offsets.

Neighbouring members with one stem are a sample (`key.fgr.jpg`, `key.pha.png`, `key.json`), so the `webdataset` package and
anything else that knows the convention reads these shards as a stream. Here they are read with Python's `tarfile`: a tar
file is members one after the other, so an index of their offsets gives any picture with one seek, in an order that a seed
decides. The package reads streams only, shuffles in a buffer, and would be one dependency more.
"""

import io
import json
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from bgmatte.cache import write_text, written_whole
from bgmatte.data.published.entries import SPLITS, Entry, Index
from bgmatte.data.published.frames import frame
from bgmatte.data.published.parallel import Progress, in_order
from bgmatte.data.published.samples import Part, Sample
from bgmatte.data.readers import DataError
from bgmatte.manifest import Fault

PER_SHARD = 500  # samples: some 100 MB of HD frames, which a store sends in one piece
ROLES = ({"fgr", "pha"}, {"rgba"}, {"bgr"})
CONTENT = "shards.json"  # which copy the shards of a folder hold
_QUALITY = 95  # of frames stored as JPEG, with full chroma
_TOLD = ("set", "key", "split", "group")  # what a sample's JSON says


def tars(folder: Path) -> list[Path]:
    """The shards in a folder."""
    return sorted(path for path in folder.glob("*.tar") if not path.name.startswith("."))


def samples(name: str, root: Path, shards: Sequence[Path]) -> tuple[list[Sample], list[Fault]]:
    """All samples of the shards of `name` below `root`, by split and key, and everything that is wrong with them."""
    found: dict[str, Sample] = {}
    faults: list[Fault] = []
    for shard in shards:
        try:
            with tarfile.open(shard, "r:") as tar:
                grouped = _by_stem(tar.getmembers())
                for stem, members in grouped.items():
                    sample = _sample(name, shard, root, tar, stem, members)
                    if isinstance(sample, Fault):
                        faults.append(sample)
                    elif found.setdefault(sample.key, sample) is not sample:
                        faults.append(Fault(shard, f"{sample.key} a second time", "each sample once"))
        except (tarfile.TarError, OSError) as error:
            faults.append(Fault(shard, f"cannot be read ({error})", "a whole tar file, not compressed"))
    return sorted(found.values(), key=lambda sample: (sample.split, sample.key)), faults


def write_shards(index: Index, out: Path, per_shard: int = PER_SHARD, workers: int | None = None, progress: Progress | None = None) -> list[Path]:
    """Write a copy as shards `NAME-SPLIT-000000.tar` in `out`, each frame of a clip a sample of its own; gives their paths.

    Pictures go in as they are, byte for byte; frames as JPEG and their mattes as PNG. Shards that are there already are
    kept, so an interrupted call goes on. Raises `DataError` when `out` holds anything else.
    """
    root, place = index.root.resolve(), out.resolve()
    if place == root or place in root.parents or root in place.parents:
        raise DataError(f"{out}: holds or lies in the copy {index.root}, which would then be read as shards; allowed: a folder apart")
    plan = _plan(index, out, per_shard)
    _claim(index, out, per_shard, [path for path, _ in plan])
    missing = [(path, places) for path, places in plan if not path.exists()]
    total, done = sum(len(places) for _, places in missing), 0
    for written in in_order(partial(_write, index), missing, workers):
        done += written
        if progress:
            progress(done, total, f"writing shards of {index.name}")
    return [path for path, _ in plan]


Place = tuple[Entry, int, str]  # a sample, which of its pictures, and that picture's name


def _plan(index: Index, out: Path, per_shard: int) -> list[tuple[Path, list[Place]]]:
    plan = []
    for split in SPLITS:
        places = [(entry, number, name) for entry in index.entries(split) for number, name in enumerate(entry.names)]
        for shard, first in enumerate(range(0, len(places), per_shard)):
            plan.append((out / f"{index.name}-{split}-{shard:06d}.tar", places[first : first + per_shard]))
    return plan


def _claim(index: Index, out: Path, per_shard: int, wanted: Sequence[Path]) -> None:
    """Refuse a folder that holds other shards; else say in it what it is going to hold."""
    content = {"set": index.name, "digest": index.digest, "samples per shard": per_shard}
    noted = out / CONTENT
    seen = json.loads(noted.read_text()) if noted.is_file() else None
    others = [path.name for path in tars(out) if path not in wanted]
    if (seen is not None and seen != content) or others or (seen is None and tars(out)):
        allowed = "an empty folder, or one with an unfinished call's shards"
        raise DataError(str(Fault(out, f"other shards ({', '.join(others[:3]) or seen})", allowed)))
    write_text(noted, json.dumps(content) + "\n")


def _write(index: Index, shard: tuple[Path, Sequence[Place]]) -> int:
    path, places = shard
    with written_whole(path) as temporary, tarfile.open(temporary, "w", format=tarfile.PAX_FORMAT) as tar:
        for entry, number, name in places:
            stem = name.replace(".", "_")  # the convention ends a sample's name at its first dot
            for role in entry.files:
                kind, content = _picture(index.root, entry, role, number)
                _add(tar, f"{stem}.{role}{kind}", content)
            told = dict(zip(_TOLD, (index.name, name, entry.split, entry.group), strict=True))
            _add(tar, f"{stem}.json", json.dumps(told).encode())
    return len(places)


def _picture(root: Path, entry: Entry, role: str, number: int) -> tuple[str, bytes]:
    """The suffix and the bytes of one picture."""
    file = entry.files[role]
    if file.clip is None:
        return PurePosixPath(file.part.place).suffix.lower(), file.source(root).read_bytes()
    pixels = frame(root / file.part.path, file.clip, number)
    stored = io.BytesIO()
    if role == "pha":
        Image.fromarray(np.ascontiguousarray(pixels[..., 1])).save(stored, "PNG")
        return ".png", stored.getvalue()
    Image.fromarray(pixels).save(stored, "JPEG", quality=_QUALITY, subsampling=0)
    return ".jpg", stored.getvalue()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def _by_stem(members: Iterable[tarfile.TarInfo]) -> dict[str, dict[str, tarfile.TarInfo]]:
    grouped: dict[str, dict[str, tarfile.TarInfo]] = {}
    for member in members:
        folder, _, name = member.name.rpartition("/")
        stem, _, kind = name.partition(".")
        if member.isfile() and stem:
            grouped.setdefault(f"{folder}/{stem}" if folder else stem, {})[kind.partition(".")[0]] = member
    return grouped


def _sample(name: str, shard: Path, root: Path, tar: tarfile.TarFile, stem: str, members: Mapping[str, tarfile.TarInfo]) -> Sample | Fault:
    told = tar.extractfile(members["json"]) if "json" in members else None
    try:
        facts = json.loads(told.read()) if told else {}
        of, key, split, group = (facts[field] for field in _TOLD)
    except (ValueError, KeyError, TypeError):
        return Fault(shard, f"{stem} without a readable {stem}.json", f"one that tells {', '.join(_TOLD)}")
    roles = members.keys() - {"json"}
    if of != name or roles not in ROLES or split not in SPLITS:
        return Fault(shard, f"{stem} of {of}, {split}, with {', '.join(sorted(roles)) or 'no picture'}", f"{name} with fgr and pha, rgba, or bgr")
    below = shard.relative_to(root).as_posix()
    return Sample(key, split, group, {role: _part(below, members[role]) for role in sorted(roles)})


def _part(shard: str, member: tarfile.TarInfo) -> Part:
    return Part(shard, member.offset_data, member.size, member.name)
