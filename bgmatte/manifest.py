"""Data sets as data: what each is, where it is from, under which licence, and every file with its hash. No torch."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bgmatte.fingerprint import PROJECT, file_digest

FOLDER = PROJECT / "data_manifests"
PACKAGE = "datapackage.json"
SCHEMA = FOLDER / "schema.json"

_NEEDED = {"name": str, "title": str, "description": str, "role": str, "stands_in_for": list, "licenses": list, "sources": list, "resources": list}
_FILE_NEEDED = {"name": str, "path": str, "bytes": int, "hash": str, "role": str}
_PICTURE_NEEDED = {"split": str, "group": str}


class ManifestError(ValueError):
    """Manifests or files that are not what they should be; one line for each, naming the file, what was seen and what is allowed."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one file."""

    file: Path
    seen: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.file}: {self.seen}; allowed: {self.allowed}"


@dataclass(frozen=True)
class Entry:
    """One file of a data set. `split` and `group` are empty for files that are not pictures."""

    name: str
    path: Path
    length: int  # [bytes]
    sha256: str
    role: str
    split: str = ""
    group: str = ""
    licence: str = ""
    author: str = ""


@dataclass(frozen=True)
class Manifest:
    """One data set: `role` says what the study does with it, `stands_in_for` which published sets it replaces."""

    name: str
    title: str
    description: str
    role: str
    stands_in_for: tuple[str, ...]
    entries: tuple[Entry, ...]
    licence: str = ""
    obtain: str = ""
    layout: str = ""  # of published sets: where files lie below the root of a copy
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by split: file names that alone belong to the study

    def pictures(self, split: str) -> tuple[Entry, ...]:
        """The pictures of one split, in the order of the manifest."""
        return tuple(entry for entry in self.entries if entry.role == "picture" and entry.split == split)


def names() -> tuple[str, ...]:
    """Every data set that has a manifest."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob(f"*/{PACKAGE}")))


@cache
def read(name: str) -> Manifest:
    """The manifest called `name`; raises `ManifestError` listing all that is wrong with it."""
    path = FOLDER / name / PACKAGE
    if not path.is_file():
        raise ManifestError(f"{path}: no such data set {name!r}; allowed: {', '.join(names())}")
    try:
        document = json.loads(path.read_text())
    except ValueError as error:
        raise ManifestError(f"{path}: {error}; allowed: JSON") from None
    problems = structure_faults(document, path)
    if problems:
        raise ManifestError("\n".join(map(str, problems)))
    entries = tuple(_entry(resource, path.parent) for resource in document["resources"])
    said = {key: document.get(key, "") for key in ("obtain", "layout")}
    licence = ", ".join(kind.get("title") or kind["name"] for kind in document["licenses"])
    members = {split: tuple(names) for split, names in document.get("members", {}).items()}
    roles = document["title"], document["description"], document["role"], tuple(document["stands_in_for"])
    return Manifest(name, *roles, entries, licence, **said, members=members)


@cache
def manifest_digest(name: str) -> str:
    """SHA-256 of a data set's manifest, which holds the hashes of its files: what changes with any of them."""
    return file_digest(FOLDER / name / PACKAGE)


def structure_faults(document: Any, path: Path) -> list[Fault]:
    """What a manifest lacks or has of the wrong type, and groups that are in two splits."""
    if not isinstance(document, Mapping):
        return [Fault(path, f"a {type(document).__name__}", "an object")]
    problems = _lacking(document, _NEEDED, path, "")
    if problems:
        return problems
    if document["name"] != path.parent.name:
        problems.append(Fault(path, f"name {document['name']!r}", f"the folder's name {path.parent.name!r}"))
    splits: dict[str, str] = {}
    for number, resource in enumerate(document["resources"]):
        where = f"resources[{number}]."
        lacking = _lacking(resource, _FILE_NEEDED, path, where)
        lacking += _lacking(resource, _PICTURE_NEEDED, path, where) if not lacking and resource["role"] == "picture" else []
        problems += lacking
        if not lacking and resource["role"] == "picture" and splits.setdefault(resource["group"], resource["split"]) != resource["split"]:
            problems.append(Fault(path, f"group {resource['group']!r} in {splits[resource['group']]} and {resource['split']}", "one split per group"))
    return problems


def file_faults(manifest: Manifest) -> list[Fault]:
    """Every file of a data set that is missing or differs from its manifest, in one go."""
    return [fault for entry in manifest.entries for fault in [_file_fault(entry)] if fault]


def verified(name: str) -> Manifest:
    """The manifest called `name` after all its files were compared with their hashes; raises `ManifestError` listing all faults."""
    manifest = read(name)
    problems = file_faults(manifest)
    if problems:
        raise ManifestError("\n".join(map(str, problems)))
    return manifest


def _file_fault(entry: Entry) -> Fault | None:
    if not entry.path.is_file():
        return Fault(entry.path, "missing", f"a file of {entry.length} bytes")
    length = entry.path.stat().st_size
    if length != entry.length:
        return Fault(entry.path, f"{length} bytes", f"{entry.length} bytes")
    seen = file_digest(entry.path)
    return Fault(entry.path, f"sha256 {seen[:16]}…", f"sha256 {entry.sha256[:16]}…") if seen != entry.sha256 else None


def _lacking(document: Any, needed: Mapping[str, type], path: Path, where: str) -> list[Fault]:
    if not isinstance(document, Mapping):
        return [Fault(path, f"{where.rstrip('.')} is {document!r}", "an object")]
    return [
        Fault(path, f"{where}{key} is {document[key]!r}" if key in document else f"no {where}{key}", f"a value of type {kind.__name__}")
        for key, kind in needed.items()
        if type(document.get(key)) is not kind
    ]


def _entry(resource: Mapping[str, Any], folder: Path) -> Entry:
    licences = ", ".join(licence["name"] for licence in resource.get("licenses", ()))
    authors = ", ".join(source["title"] for source in resource.get("sources", ()))
    sha256 = resource["hash"].removeprefix("sha256:")
    split, group = resource.get("split", ""), resource.get("group", "")
    return Entry(resource["name"], folder / resource["path"], resource["bytes"], sha256, resource["role"], split, group, licences, authors)
