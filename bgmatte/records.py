"""What a run leaves behind: one folder of plain files, each with its hash. No torch."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bgmatte.cache import write_text
from bgmatte.config import RunConfig
from bgmatte.fingerprint import PROJECT, file_digest
from bgmatte.jsonable import ConfigError, from_dict, to_dict

RECORD = "run.json"
TABLES = ("images.csv", "curves.csv")  # that every run leaves; others as it was asked for
NEEDED = ("config", "files")  # parts of its story without which nothing can be read
UNKNOWN_RADIUS = 1 / 64  # of a picture's side: half the width of the trimap's unknown band around a hard edge
ERROR_SHARES = (1, 2, 5, 10, 20)  # of a picture's patches, for which the recall of their error is recorded [%]


class RecordError(ValueError):
    """A record that is missing, damaged or of another making; the message names the file and what differs."""


@dataclass(frozen=True)
class RunRecord:
    """One run, read back: its configuration, its story and its numbers.

    `images` has one line per (weights, image); metrics are raw, over the whole frame, `_unknown` over the
    trimap's unknown region. `curves` has one line per recorded training step.
    """

    folder: Path
    config: RunConfig
    story: dict[str, Any]
    images: list[dict[str, Any]]
    curves: list[dict[str, Any]]

    def table(self, name: str) -> list[dict[str, Any]]:
        """A further table of the run, e.g. "budgets" for `budgets.csv`; empty where the run left none."""
        path = self.folder / f"{name}.csv"
        return read_table(path) if path.exists() else []


def reports_folder(profile: str) -> Path:
    """`reports/<profile>` of the project."""
    return PROJECT / "reports" / profile


def run_folder(run: RunConfig) -> Path:
    """`reports/<profile>/runs/<row>-seed<k>`."""
    return reports_folder(run.profile) / "runs" / run.name


def write_table(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows with equal keys as CSV, whole or not at all; floats keep every digit."""
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _spelled(value) for name, value in row.items()} for row in rows)
    write_text(path, text.getvalue())


def read_table(path: Path) -> list[dict[str, Any]]:
    """Rows of a CSV; numbers as float, the rest as text, an empty field as None."""
    with path.open(newline="") as file:
        return [{key: _value(text) for key, text in row.items()} for row in csv.DictReader(file)]


def seal(folder: Path, config: RunConfig, story: Mapping[str, Any]) -> None:
    """Write `run.json` last: configuration, story, and the hash of every other file in `folder`.

    The executed notebook is a rendering of the record, written after it, and has no hash in it.
    """
    kept = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != RECORD and path.suffix != ".ipynb"]
    files = {str(path.relative_to(folder)): file_digest(path) for path in kept}
    write_text(folder / RECORD, json.dumps({"config": to_dict(config), **story, "files": files}, indent=1) + "\n")


def faults(folder: Path) -> list[str]:
    """What is wrong with a run's folder, one line per file; empty when every hash agrees."""
    if not (folder / RECORD).exists():
        return [f"{folder / RECORD}: missing"]
    try:
        story = json.loads((folder / RECORD).read_text())
    except ValueError as error:
        return [f"{folder / RECORD}: cannot be read ({error})"]
    if misshapen := _misshapen(folder / RECORD, story):
        return misshapen
    files = story["files"]
    missing = [f"{folder / RECORD}: files: {name} is not listed" for name in TABLES if name not in files]
    missing += [f"{path}: {RECORD} does not list it" for path in sorted(folder.glob("*.csv")) if path.name not in {*files, *TABLES}]
    missing += [f"{folder / name}: missing" for name in files if not (folder / name).exists()]
    damaged = [
        f"{folder / name}: its hash differs from {RECORD}"
        for name, seen in files.items()
        if (folder / name).exists() and file_digest(folder / name) != seen
    ]
    return missing + damaged


def _misshapen(path: Path, story: Any) -> list[str]:
    """What a story lacks, or has of another kind, of the parts that others read."""
    if not isinstance(story, dict):
        return [f"{path}: {type(story).__name__} is not allowed; allowed: an object"]
    told = [f"{path}: {part}: missing; it must be an object" for part in NEEDED if part not in story]
    strange = [part for part in (*NEEDED, "held_out", "machine", "seconds") if not isinstance(story.get(part, {}), dict)]
    return told + [f"{path}: {part}: {story[part]!r} is not allowed; allowed: an object" for part in strange]


def read_run(folder: Path) -> RunRecord:
    """Read a run back; a missing or damaged file raises `RecordError` naming all of them."""
    problems = faults(folder)
    if problems:
        raise RecordError("\n".join(problems))
    story = json.loads((folder / RECORD).read_text())
    try:
        config = from_dict(RunConfig, story.pop("config"))
    except ConfigError as error:
        raise RecordError(f"{folder / RECORD}: {error}") from None
    return RunRecord(folder, config, story, read_table(folder / "images.csv"), read_table(folder / "curves.csv"))


def _spelled(value: Any) -> str:
    return "" if value is None else repr(float(value)) if isinstance(value, float) else str(value)


def _value(text: str | None) -> Any:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return text
