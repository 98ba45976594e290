"""Calibration of the predicted error: how much of it is true, and whether it ranks patches as the true error does. No torch."""

from dataclasses import dataclass
from functools import cache

from bgmatte.records import ERROR_SHARES
from bgmatte.reporting.comparisons import level
from bgmatte.reporting.readings import Numbers, combined, lines, numbers, ratio, split
from bgmatte.reporting.study import Arm, Study
from bgmatte.statistics import Interval
from bgmatte.variants import BASELINE

TOLD = (1, 5, 20)  # of them in a sentence and in the table of all rows
_TABLE = "reliability"


@dataclass(frozen=True)
class Bin:
    """The patches whose predicted error lies between `low` and `high` (0–1): how many, and their mean predicted and true error.

    `true` and `apart` (true − predicted) are None where so few pictures have such patches that their mean number is not clearly above 0.
    """

    low: float
    high: float
    patches: float
    percent: float
    predicted: float
    true: Interval | None
    apart: Interval | None


@dataclass(frozen=True)
class Trust:
    """One row's predicted error in numbers.

    `gap` is the expected calibration error (0–1): the mean over patches of |mean predicted − mean true error of the patch's bin|. `share`
    is predicted / true over all patches. `rank` is Spearman's correlation within a picture. `recall` and `best` are, by per cent of the
    patches, the share of the true error in the first by predicted and by true error (0–1).
    """

    gap: Interval | None
    share: Interval | None
    rank: Interval | None
    recall: dict[int, Interval]
    best: dict[int, Interval]


@cache
def bins(study: Study, row: str = BASELINE) -> tuple[Bin, ...]:
    """The bins of a row in rising order; empty where none was recorded."""
    parts = split(study, row, _TABLE, "low", "high")
    total = sum(line["patches"] for line in lines(study, row, _TABLE))
    found = []
    for low, high in sorted(parts):
        members = parts[low, high]
        patches, predicted, true = (_filled(study, row, (low, high), column) for column in ("patches", "predicted", "true"))
        count, sums = sum(line["patches"] for line in members), sum(line["predicted"] for line in members)
        apart = combined(lambda real, told: real - told, true, predicted)
        found.append(Bin(low, high, count, 100 * count / total, sums / count, ratio(true, patches), ratio(apart, patches)))
    return tuple(found)


@cache
def trust(study: Study, row: str = BASELINE) -> Trust:
    """How far one row's predicted error may be trusted; what was not recorded is None or left out."""
    arm = Arm(row)
    shares = ERROR_SHARES if row == BASELINE else TOLD
    recalls, bests = (
        {share: found for share in shares if (found := level(study, arm, f"err_{kind}_{share}")) is not None} for kind in ("recall", "best")
    )
    return Trust(_gap(study, row), _share(study, row), level(study, arm, "err_rank"), recalls, bests)


@cache
def _gap(study: Study, row: str) -> Interval | None:
    """The expected calibration error: signs of the bins are each seed's own, so that one network's excess cannot hide another's lack."""
    signed: dict[tuple[int, float], float] = {}
    for line in lines(study, row, _TABLE):
        key = line["seed"], line["low"]
        signed[key] = signed.get(key, 0.0) + line["predicted"] - line["true"]
    parts: dict[tuple[int, str], tuple[str, float]] = {}
    for line in lines(study, row, _TABLE):
        key, sign = (line["seed"], str(line["image"])), 1 if signed[line["seed"], line["low"]] >= 0 else -1
        before = parts.get(key, ("", 0.0))[1]
        parts[key] = str(line["subject"]), before + sign * (line["predicted"] - line["true"])
    return ratio(parts, _total(study, row, "patches"))


def _share(study: Study, row: str) -> Interval | None:
    return ratio(_total(study, row, "predicted"), _total(study, row, "true"))


@cache
def _total(study: Study, row: str, column: str) -> Numbers:
    """A column summed over the bins of each picture."""
    found: dict[tuple[int, str], tuple[str, float]] = {}
    for line in lines(study, row, _TABLE):
        key = line["seed"], str(line["image"])
        found[key] = str(line["subject"]), found.get(key, ("", 0.0))[1] + line[column]
    return found


def _filled(study: Study, row: str, ends: tuple[float, float], column: str) -> Numbers:
    """A column of one bin, 0 for the pictures that have no patch in it."""
    nothing = {key: (subject, 0.0) for key, (subject, _) in _total(study, row, column).items()}
    return {**nothing, **numbers(split(study, row, _TABLE, "low", "high")[ends], column)}
