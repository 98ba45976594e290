"""Where things that are not results live, and the names that content gives them. No torch."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bgmatte.config import DataConfig
from bgmatte.fingerprint import code_digest, file_digest
from bgmatte.jsonable import digest


def cache_root() -> Path:
    """The cache folder: `$BGMATTE_CACHE`, or `bgmatte` in the user's cache directory."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bgmatte"
    return Path(os.environ.get("BGMATTE_CACHE") or default)


def data_key(name: str, data: DataConfig) -> str:
    """What names one generated data set: its settings and the code that draws it."""
    return digest({"name": name, "data": digest(data), "code": code_digest("data.procedural", "data.store")})


def data_folder(name: str, data: DataConfig) -> Path:
    """Where one generated data set lives."""
    return cache_root() / "data" / f"{name}-{data_key(name, data)}"


def checkpoint_path(key: str) -> Path:
    """Where a finished phase's weights live; the JSON record stands beside it."""
    return cache_root() / "phases" / f"{key}.safetensors"


def partial_paths(key: str) -> tuple[Path, Path]:
    """The two places where an unfinished phase keeps, in turn, what it needs to go on: while one is written the other is whole."""
    return (cache_root() / "partial" / f"{key}-a.safetensors", cache_root() / "partial" / f"{key}-b.safetensors")


def record_path(checkpoint: Path) -> Path:
    """The JSON beside a checkpoint: its story and its hash, written last."""
    return checkpoint.with_suffix(".json")


def checkpoint_fault(path: Path) -> str | None:
    """What is wrong with a checkpoint, in a line that names the file; None when it is whole."""
    for file in (path, record_path(path)):
        if not file.exists():
            return f"{file}: missing"
    try:
        expected = json.loads(record_path(path).read_text())["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        return f"{record_path(path)}: cannot be read ({error})"
    seen = file_digest(path)
    return None if seen == expected else f"{path}: damaged; its hash is {seen[:12]}…, recorded {expected[:12]}…"


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield a temporary file (or a place for a folder) beside `path`; rename it to `path` only if all went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    holder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield holder / path.name
        if path.is_dir():
            shutil.rmtree(path)
        (holder / path.name).replace(path)
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with written_whole(path) as temporary:
        temporary.write_text(text)
