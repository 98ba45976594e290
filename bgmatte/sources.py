"""Real data sets in place of their stand-ins: where a user's copies lie, and what names their content. No torch."""

import json
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from bgmatte.cache import cache_root
from bgmatte.config import RunConfig, Source
from bgmatte.jsonable import ConfigError, digest, require

Found = TypeVar("Found")

VARIABLE = "BGMATTE_DATA"  # environment variable: a JSON object, name of a data set → folder
SCENERY = "backgrounds"  # what stands in a role's place where backgrounds are meant

# Which published set takes the place of each role's stand-in in training and validation.
PUBLISHED: Mapping[str, str] = MappingProxyType(
    {"videomatte": "videomatte240k", "photomatte": "photomatte13k", "distinctions": "distinctions-646", SCENERY: "backgrounds"}
)
# Published sets with a part that nothing is trained on: further held-out sets wherever they are given.
HELD_OUT: tuple[str, ...] = ("photomatte85", "distinctions-646", "aim")
NAMES: tuple[str, ...] = tuple(dict.fromkeys((*PUBLISHED.values(), *HELD_OUT)))


def roots() -> dict[str, Path]:
    """The folders of the real data sets that this process may use, in the order of `NAMES`; empty unless `BGMATTE_DATA` names some.

    Raises `ConfigError` for what is not a JSON object of folders, for an unknown name and for a folder that is not there.
    """
    text = os.environ.get(VARIABLE, "")
    return _roots(text) if text else {}


def checked(given: Mapping[str, str | Path]) -> dict[str, Path]:
    """Folders by name, absolute and in the order of `NAMES`; raises `ConfigError` for an unknown name and a missing folder."""
    unknown = [name for name in given if name not in NAMES]
    require(not unknown, "data", ", ".join(unknown), ", ".join(NAMES))
    missing = [f"{name}={folder}" for name, folder in given.items() if not Path(folder).is_dir()]
    require(not missing, "data", ", ".join(missing), "folders that are there")
    return {name: Path(given[name]).resolve() for name in NAMES if name in given}


def as_variable(folders: Mapping[str, Path]) -> str:
    """What `BGMATTE_DATA` holds to hand these folders to another process."""
    return json.dumps({name: str(folder) for name, folder in folders.items()})


def root_of(name: str) -> Path:
    """The folder of one real data set; raises `ConfigError`, with how to give it, when there is none."""
    require(name in NAMES, "data", name, ", ".join(NAMES))
    found = roots()
    if name not in found:
        how = f'study --data {name}=FOLDER, or in the environment {VARIABLE}=\'{{"{name}": "FOLDER"}}\''
        raise ConfigError(f"data {name}: no folder was given; give it with {how}")
    return found[name]


def given_sources() -> tuple[Source, ...]:
    """Every real data set that was given, with the digest of its index; raises `ConfigError` when one is not indexed yet."""
    return tuple(Source(name, index_digest(name, root)) for name, root in roots().items())


def source_of(run: RunConfig, role: str) -> Source | None:
    """The real set that a run uses for a role (or for "backgrounds"), None where something embedded serves."""
    return source_named(run, PUBLISHED[role]) if role in PUBLISHED else None


def source_named(run: RunConfig, name: str) -> Source | None:
    """The source of a run that has this data set's name, if any."""
    return next((source for source in run.sources if source.name == name), None)


def index_path(name: str, root: Path) -> Path:
    """Where the index of a user's copy lives: in the cache, one for each place where a copy lies."""
    return cache_root() / "indexes" / f"{name}-{digest(str(root.resolve()))}.json"


def index_digest(name: str, root: Path) -> str:
    """What names the content of a user's copy; raises `ConfigError`, with the command that makes it, where there is no index."""
    return from_index(name, root, _digest_in, ConfigError)


def from_index(name: str, root: Path, read: Callable[[Path, int], Found], refusal: type[ValueError]) -> Found:
    """What `read` finds in the index of a copy, of which it gets the path and when it was changed [ns].

    Raises `refusal`, with the command that makes the index, where there is none or `read` cannot read it.
    """
    path = index_path(name, root)
    how = f"make it with: python -m bgmatte data index {name} --root {root}"
    if not path.is_file():
        raise refusal(f"data {name}: {root} has no index yet; {how}")
    try:
        return read(path, path.stat().st_mtime_ns)
    except (ValueError, KeyError, TypeError) as error:
        raise refusal(f"data {name}: its index {path} cannot be read ({error}); {how}") from None


@lru_cache(maxsize=64)
def _digest_in(path: Path, changed: int) -> str:
    """The digest in an index once for each time it was `changed` [ns]: an index may be long and a study asks for every row."""
    return str(json.loads(path.read_text())["digest"])


def _roots(text: str) -> dict[str, Path]:
    allowed = 'a JSON object, e.g. {"videomatte240k": "/data/VM"}'
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    require(isinstance(given, dict) and all(isinstance(value, str) for value in given.values()), VARIABLE, text, allowed)
    return checked(given)
