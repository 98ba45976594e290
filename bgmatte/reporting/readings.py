"""The further tables of a study's records: columns picture by picture, what the intervals over them say, where a curve reaches a level. No torch."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from bgmatte import statistics
from bgmatte.figures.spans import Point
from bgmatte.reporting.comparisons import RESAMPLES, SEED, tone
from bgmatte.reporting.measures import MAD, Measure
from bgmatte.reporting.study import Study, matched
from bgmatte.statistics import Interval, PairedDifference

Numbers = Mapping[tuple[int, str], tuple[str, float]]  # (seed, image) → (subject, number), as `Study.numbers` gives them


@dataclass(frozen=True)
class Reach:
    """Where a curve first reaches a level, and from where to where that may be; None: not within what was measured."""

    at: float | None
    low: float | None
    high: float | None


@cache
def lines(study: Study, row: str, table: str) -> tuple[dict[str, Any], ...]:
    """The lines of a further table of all runs of a row on the study's held-out set, each with the `seed` of its run."""
    return tuple(
        {**line, "seed": record.config.seed} for record in study.runs.get(row, ()) for line in record.table(table) if line["set"] == study.held_out
    )


@cache
def split(study: Study, row: str, table: str, *by: str) -> dict[tuple[Any, ...], tuple[dict[str, Any], ...]]:
    """The same, by the values of the columns `by`, in the order in which they first appear."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for line in lines(study, row, table):
        found.setdefault(tuple(line[name] for name in by), []).append(line)
    return {key: tuple(members) for key, members in found.items()}


def numbers(members: Sequence[Mapping[str, Any]], column: str) -> Numbers:
    """One column of lines that hold a picture of a run once each; what was not measured is left out."""
    known = [line for line in members if line.get(column) is not None and math.isfinite(line[column])]
    return {(line["seed"], str(line["image"])): (str(line["subject"]), float(line[column])) for line in known}


def combined(found: Callable[..., float], *columns: Numbers) -> Numbers:
    """`found(number of the first column, of the second, …)` for every picture that all columns have."""
    shared = columns[0].keys() & set.intersection(*(set(column) for column in columns))
    return {key: (columns[0][key][0], found(*(column[key][1] for column in columns))) for key in columns[0] if key in shared}


def mean(column: Numbers) -> Interval | None:
    """The mean over pictures with its interval; None for fewer than two subjects."""
    found = matched([column]) if column else None
    return statistics.mean_interval(found[0][0], found[1], found[2], resamples=RESAMPLES, rng_seed=SEED) if found else None


def paired(column: Numbers, base: Numbers) -> PairedDifference | None:
    """Column − base picture by picture; None where they share fewer than two subjects."""
    found = matched([column, base]) if column and base else None
    return statistics.paired(found[0][0], found[0][1], found[1], found[2], resamples=RESAMPLES, rng_seed=SEED) if found else None


def ratio(parts: Numbers, wholes: Numbers) -> Interval | None:
    """Mean of parts / mean of wholes; None where they share fewer than two subjects or the wholes are not clearly above 0."""
    found = matched([parts, wholes]) if parts and wholes else None
    return statistics.ratio(found[0][0], found[0][1], found[1], found[2], resamples=RESAMPLES, rng_seed=SEED) if found else None


def adjusted(differences: Mapping[Any, PairedDifference]) -> dict[Any, tuple[float, str]]:
    """One family of comparisons: its p-values after Holm's correction, and "worse", "better" or "open" as the interval and they allow."""
    p = dict(zip(differences, statistics.holm([found.p for found in differences.values()]), strict=True))
    return {name: (p[name], tone(found, p[name])) for name, found in differences.items()}


def point(x: float, found: Interval, measure: Measure = MAD) -> Point:
    """An estimate as it is drawn over `x`, in the measure's printed unit."""
    return Point(x, *(measure.factor * value for value in (found.low, found.mean, found.high)))


def reach(places: Sequence[float], found: Sequence[Interval]) -> Reach:
    """Where the means `found` at rising `places` first come up to 0, straight lines between them.

    The ends are where the upper ends of the intervals do and where the lower ones do: every place between them is one at which a mean
    of 0 would not be refused (a test of each place, turned round).
    """
    return Reach(*(_first(places, [getattr(one, end) for one in found]) for end in ("mean", "high", "low")))


def _first(places: Sequence[float], heights: Sequence[float]) -> float | None:
    for number, (place, height) in enumerate(zip(places, heights, strict=True)):
        if height >= 0:
            if number == 0:
                return place
            before, below = places[number - 1], heights[number - 1]
            return before + (place - before) * below / (below - height)
    return None
