"""A study read back from its records: which rows are there, and their numbers side by side. No torch."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy

from bgmatte.config import RunConfig
from bgmatte.profiles import PROFILES, profile, run_config
from bgmatte.records import RECORD, RecordError, RunRecord, read_run, reports_folder
from bgmatte.sources import PUBLISHED
from bgmatte.variants import BASELINE, VARIANTS, Variant

MAIN = "rendered-people"  # the held-out set whose numbers answer the study's questions


@dataclass(frozen=True)
class Arm:
    """What one line of numbers stands for: a row with the weights it trained ("own") or the baseline's ("swapped")."""

    row: str
    weights: str = "own"

    @property
    def variant(self) -> Variant:
        """The row's entry in the plan."""
        return VARIANTS[self.row]

    @property
    def reference(self) -> bool:
        """Whether no user could deploy it."""
        return self.variant.reference

    @property
    def label(self) -> str:
        """How tables and figures call it."""
        if not self.row.startswith("select-"):
            return self.row
        return f"{self.row}, {'retrained' if self.weights == 'own' else 'swapped'}"


@dataclass(frozen=True)
class Sample:
    """The same numbers of one arm and of another, picture by picture; `base` equals `row` where there is no other."""

    row: numpy.ndarray
    base: numpy.ndarray
    subjects: list[str]
    seeds: list[int]

    @property
    def people(self) -> int:
        """How many independent subjects stand behind the numbers."""
        return len(set(self.subjects))


@dataclass(frozen=True, eq=False)
class Study:
    """All records of one profile, looked at through one held-out set. `timing` and `stages` are empty when that stage has not run."""

    profile: str
    folder: Path
    runs: Mapping[str, tuple[RunRecord, ...]]
    timing: Mapping[str, Any]
    stages: Mapping[str, Any]
    held_out: str = MAIN

    @property
    def real(self) -> bool:
        """Whether real data sets took the place of stand-ins."""
        return any(source.name in PUBLISHED.values() for records in self.runs.values() for record in records for source in record.config.sources)

    @property
    def further(self) -> tuple[str, ...]:
        """Held-out sets besides the main one that some row was judged on."""
        seen = {str(line["set"]) for records in self.runs.values() for record in records for line in record.images}
        return tuple(sorted(seen - {MAIN}))

    def on(self, held_out: str) -> "Study":
        """The same records looked at through another held-out set."""
        return replace(self, held_out=held_out)

    @property
    def missing(self) -> tuple[str, ...]:
        """Rows of the plan that have no run."""
        return tuple(row for row in VARIANTS if row not in self.runs)

    @property
    def seeds(self) -> tuple[int, ...]:
        """Every seed that some row has run with."""
        return tuple(sorted({seed for row in self.runs for seed in self.seeds_of(row)}))

    @property
    def commits(self) -> tuple[str, ...]:
        """The commits at which runs were made, in the order of each one's last run; "unknown" where no record knows."""
        every = sorted((record for records in self.runs.values() for record in records), key=lambda record: str(record.story.get("finished", "")))
        last = dict.fromkeys(str(record.story.get("machine", {}).get("commit", "unknown")) for record in reversed(every))
        return tuple(reversed(last))

    @property
    def trained_once(self) -> tuple[str, ...]:
        """Rows whose comparison with the baseline rests on a single seed, so that no interval holds the luck of their training."""
        base = set(self.seeds_of(BASELINE))
        return tuple(row for row in self.runs if not VARIANTS[row].reference and row != BASELINE and len(base & set(self.seeds_of(row))) == 1)

    def seeds_of(self, row: str) -> tuple[int, ...]:
        """The seeds that a row has run with."""
        return tuple(record.config.seed for record in self.runs.get(row, ()))

    @property
    def arms(self) -> tuple[Arm, ...]:
        """What there is to compare, in the order of the plan; a selector's retrained arm stands before its swapped one."""
        kinds = {
            (row, line["weights"])
            for row, records in self.runs.items()
            for record in records
            for line in record.images
            if line["set"] == self.held_out
        }
        return tuple(Arm(row, weights) for row in VARIANTS for weights in ("own", "swapped") if (row, weights) in kinds)

    def any_run(self) -> RunRecord:
        """The run that speaks for the study's setting: the baseline's if there is one."""
        return (self.runs.get(BASELINE) or next(iter(self.runs.values())))[0]

    def numbers(self, arm: Arm, column: str) -> dict[tuple[int, str], tuple[str, float]]:
        """One column of an arm on this held-out set: (seed, image) → (subject, number); what was not measured is left out."""
        found = {}
        for record in self.runs.get(arm.row, ()):
            for line in record.images:
                number = line.get(column)
                if line["set"] == self.held_out and line["weights"] == arm.weights and number is not None and math.isfinite(number):
                    found[record.config.seed, str(line["image"])] = (str(line["subject"]), float(number))
        return found

    def sample(self, arm: Arm, column: str, base: Arm | None = None) -> Sample | None:
        """One column of an arm, beside `base` where both measured; None when fewer than two subjects are shared.

        A subject that was not measured under every shared seed is left out, because seeds are resampled as a whole.
        """
        mine = self.numbers(arm, column)
        found = matched([mine, self.numbers(base, column) if base else mine])
        return Sample(found[0][0], found[0][1], *found[1:]) if found else None


def matched(columns: Sequence[Mapping[tuple[int, str], tuple[str, float]]]) -> tuple[numpy.ndarray, list[str], list[int]] | None:
    """Columns as `Study.numbers` gives them, side by side where all of them measured: values (columns, N), subjects (N,), seeds (N,).

    A subject that was not measured under every shared seed is left out, because seeds are resampled as a whole. None when fewer than
    two subjects are left.
    """
    first = columns[0]
    shared = sorted(first.keys() & set.intersection(*(set(column) for column in columns)))
    seeds = {seed for seed, _ in shared}
    seen: dict[str, set[int]] = {}
    for key in shared:
        seen.setdefault(first[key][0], set()).add(key[0])
    keys = [key for key in shared if seen[first[key][0]] == seeds]
    subjects = [first[key][0] for key in keys]
    if len(set(subjects)) < 2:
        return None
    return numpy.array([[column[key][1] for key in keys] for column in columns]), subjects, [seed for seed, _ in keys]


def read_study(name: str) -> Study:
    """Read a profile's records.

    Raises `ConfigError` for an unknown profile, `RecordError` for records that are damaged, missing altogether, made with other
    settings than the profile's, or with other real data sets than the rest (they could not be compared).
    """
    profile(name)
    folder = reports_folder(name)
    if not any((folder / "runs").glob(f"*/{RECORD}")):
        raise RecordError(f"{folder / 'runs'}: no finished run; `python -m bgmatte study --profile {name}` makes them")
    study = replace(read_folder(folder), profile=name)
    if strange := _strange(study):
        raise RecordError("\n".join(f"{folder}: made with other settings than profile {name!r} has now; run its row again" for folder in strange))
    if mixed := _mixed(study):
        told = f"made with other data sets or first weights than {_records(study)[0].folder.name}; make every row with the same"
        raise RecordError("\n".join(f"{folder}: {told}" for folder in mixed))
    return study


def read_folder(folder: Path) -> Study:
    """Read the records in `folder`/runs as they are, whatever code, profile or settings made them; see `departures`.

    Rows that the plan does not know are left out. Raises `RecordError` for records that are damaged or missing altogether.
    """
    runs: dict[str, list[RunRecord]] = {}
    for path in sorted((folder / "runs").glob(f"*/{RECORD}")):
        record = read_run(path.parent)
        runs.setdefault(record.config.row, []).append(record)
    ordered = {row: tuple(sorted(runs[row], key=lambda record: record.config.seed)) for row in VARIANTS if row in runs}
    if not ordered:
        raise RecordError(f"{folder / 'runs'}: no finished run of a row that the plan knows")
    name = next(iter(ordered.values()))[0].config.profile
    return Study(name, folder, ordered, _read(folder / "timing.json"), _read(folder / "stages.json"))


def departures(study: Study) -> tuple[str, ...]:
    """What a present-day study of its profile would not be: runs with other settings than the profile has now, or unlike each other."""
    if study.profile not in PROFILES:
        return (f"its profile, {study.profile!r}, is none of today’s",)
    told = []
    if strange := _strange(study):
        told.append(f"{len(strange)} of {len(_records(study))} runs have other settings than profile {study.profile!r} has now")
    if mixed := _mixed(study):
        told.append(f"{len(mixed)} of {len(_records(study))} runs have other data sets or first weights than the others")
    return tuple(told)


def _records(study: Study) -> list[RunRecord]:
    """Every run, in the order of the folders' names, so that it is always the same one that the others are held against."""
    return sorted((record for records in study.runs.values() for record in records), key=lambda record: record.folder.name)


def _strange(study: Study) -> list[Path]:
    return [record.folder for record in _records(study) if replace(record.config, sources=()) != _expected(study.profile, record)]


def _mixed(study: Study) -> list[Path]:
    every = _records(study)
    return [record.folder for record in every if _brought(record) != _brought(every[0])]


def _brought(record: RunRecord) -> tuple[Any, ...]:
    """What no profile decides: real data sets, first weights, and the held-out sets that were there."""
    return record.config.sources, record.config.start, record.story.get("held_out", {}).get("pictures")


def _expected(name: str, record: RunRecord) -> RunConfig:
    """What the profile says of a record's row now, whatever real data sets and first weights the user brought."""
    return replace(run_config(name, record.config.row, record.config.seed), sources=(), start=record.config.start)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text()) if path.exists() else {}
    except ValueError as error:
        raise RecordError(f"{path}: cannot be read ({error})") from None
    if not isinstance(found, dict):
        raise RecordError(f"{path}: {type(found).__name__} is not allowed; allowed: an object")
    return found
