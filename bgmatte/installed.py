"""Held-out pictures that a Debian package brings: found where it is installed, compared with the manifest, left out otherwise. No torch."""

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from bgmatte.jsonable import require
from bgmatte.manifest import FOLDER, Entry, Manifest, file_faults

LIST = "pictures.csv"  # in the manifest's folder: what of the package belongs to the set, with hashes


@dataclass(frozen=True)
class Package:
    """What brings a set: the Debian package, and where its pictures lie below one of the system's data folders."""

    debian: str
    below: str


PACKAGES: Mapping[str, Package] = MappingProxyType(
    {
        "real-stamps": Package("tuxpaint-stamps-default", "tuxpaint/stamps"),
        "painted-portraits": Package("wesnoth-1.16-data", "games/wesnoth/1.16/data/core/images/portraits"),
    }
)


def present() -> tuple[str, ...]:
    """The sets that are installed whole."""
    return tuple(name for name in PACKAGES if absence(name) is None)


def absence(name: str) -> str | None:
    """Why a set is left out, in a line that says what brings it; None when it is there whole."""
    require(name in PACKAGES, "held-out set", name, ", ".join(PACKAGES))
    place = folder(name)
    if place is None:
        return f"{name}: not installed (Debian package {PACKAGES[name].debian})"
    faults = _faults(name, place)
    return f"{name}: {len(faults)} file(s) are not those of the manifest, e.g. {faults[0]}" if faults else None


def folder(name: str) -> Path | None:
    """Where a set's package is installed: below the first of the `XDG_DATA_DIRS` that has it, as the system's own programs look."""
    places = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    found = (Path(place) / PACKAGES[name].below for place in places.split(":") if place)
    return next((place for place in found if place.is_dir()), None)


def pictures(name: str) -> tuple[Entry, ...]:
    """The pictures of an installed set, each a group of its own; raises `ConfigError` when it is not there whole."""
    reason = absence(name)
    require(reason is None, "held-out set", reason, "a set that is installed whole")
    place = folder(name)
    return _listed(name, place) if place else ()


@lru_cache
def _faults(name: str, place: Path) -> tuple[str, ...]:
    """Files are hashed once a process: a study asks for every row."""
    return tuple(map(str, file_faults(Manifest(name, "", "", "test", (), _listed(name, place)))))


def _listed(name: str, place: Path) -> tuple[Entry, ...]:
    with (FOLDER / name / LIST).open(newline="") as file:
        return tuple(
            Entry(line["name"], place / line["path"], int(line["bytes"]), line["sha256"], "picture", "test", line["name"])
            for line in csv.DictReader(file)
        )
