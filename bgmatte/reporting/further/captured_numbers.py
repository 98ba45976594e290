"""How much a captured background may be wrong: error by shift, gamma, noise and shadow, each alone, in numbers. No torch."""

from dataclasses import dataclass
from functools import cache

from bgmatte.reporting.measures import MAD
from bgmatte.reporting.readings import Numbers, Reach, adjusted, combined, mean, numbers, paired, ratio, reach, split
from bgmatte.reporting.study import Study
from bgmatte.statistics import Interval, PairedDifference
from bgmatte.variants import BASELINE

_TABLE = "captured"


@dataclass(frozen=True)
class Disturbance:
    """One thing that can be wrong: its name in the records, the amount that changes nothing, and the step in which a slope is told.

    `unit` stands behind an amount, `across` under a figure.
    """

    name: str
    none: float
    step: float
    unit: str
    across: str
    per: str


DISTURBANCES = {
    one.name: one
    for one in (
        Disturbance("shift", 0, 1, " px", "shift [px, log]", "per px"),
        Disturbance("gamma", 1, 0.1, "", "gamma (exponent)", "per 0.1"),
        Disturbance("noise", 0, 0.01, "", "noise, st. dev. [0–1]", "per 0.01"),
        Disturbance("shadow", 0, 0.1, "", "shadow, darkest [0–1]", "per 0.1"),
    )
}


@dataclass(frozen=True)
class Side:
    """The amounts of one disturbance on one side of none (gamma has two), from none outward."""

    what: Disturbance
    title: str
    amounts: tuple[float, ...]


@dataclass(frozen=True)
class Course:
    """One row under one side of a disturbance, MAD raw over one region.

    `differences` to the undisturbed pictures and their readings (`p` and `tones`) are by amount, Holm-adjusted over the amounts of the
    disturbance. `clear` is the amount from which on every measured one is clearly worse (None: the largest is not). `doubled` is where the
    mean is twice the undisturbed one. `slope` is the mean rise for each `step` (least squares through the undisturbed pictures), `factor`
    the largest amount's MAD as a multiple of the undisturbed one.
    """

    side: Side
    undisturbed: Interval
    differences: dict[float, PairedDifference]
    p: dict[float, float]
    tones: dict[float, str]
    clear: float | None
    doubled: Reach
    slope: Interval
    factor: Interval | None


@cache
def sides(study: Study) -> tuple[Side, ...]:
    """What was measured; empty where nothing was."""
    measured: dict[str, set[float]] = {}
    for name, amount in split(study, BASELINE, _TABLE, "disturbance", "amount"):
        measured.setdefault(name, set()).add(amount)
    found = []
    for name, what in DISTURBANCES.items():
        below, above = (
            tuple(sorted((amount for amount in measured.get(name, ()) if sign * (amount - what.none) >= 0), reverse=sign < 0)) for sign in (-1, 1)
        )
        both = len(below) > 1 and len(above) > 1
        for amounts, word in ((below, "below"), (above, "above")):
            if len(amounts) > 1 and amounts[0] == what.none:
                found.append(Side(what, f"{name} {word} {what.none:g}" if both else name, amounts))
    return tuple(found)


def column(study: Study, row: str, name: str, amount: float, region: str) -> Numbers:
    """The MAD of a row under one amount of a disturbance, picture by picture; empty where it was not measured."""
    return numbers(split(study, row, _TABLE, "disturbance", "amount").get((name, amount), ()), MAD.column + region)


@cache
def level(study: Study, row: str, name: str, amount: float, region: str) -> Interval | None:
    """The mean of such a column with its interval; None where it was not measured."""
    return mean(column(study, row, name, amount, region))


@cache
def course(study: Study, row: str, side: Side, region: str) -> Course | None:
    """One row under one side of a disturbance; None where it was not measured."""
    name, outward = side.what.name, side.amounts[1:]
    start = column(study, row, name, side.what.none, region)
    columns = {amount: column(study, row, name, amount, region) for amount in outward}
    undisturbed = level(study, row, name, side.what.none, region)
    if undisturbed is None or not all(columns.values()):
        return None
    changes = differences(study, row, name, region)
    readings = adjusted(changes)
    tones = {amount: tone for amount, (_, tone) in readings.items()}
    away = {amount: abs(amount - side.what.none) for amount in side.amounts}
    doubles = [mean(combined(lambda value, before: value - 2 * before, columns.get(amount, start), start)) for amount in side.amounts]
    slope = mean(
        combined(lambda before, *values: _slope([value - before for value in values], [away[amount] for amount in outward]), start, *columns.values())
    )
    place = reach([away[amount] for amount in side.amounts], [one for one in doubles if one is not None])
    sign = 1 if outward[0] > side.what.none else -1
    doubled = Reach(*(None if end is None else side.what.none + sign * end for end in (place.at, place.low, place.high)))
    clear = None
    for amount in reversed(outward):
        if tones.get(amount) != "worse":
            break
        clear = amount
    if slope is None:
        return None
    step = side.what.step
    rise = Interval(step * slope.mean, step * slope.low, step * slope.high, slope.subjects, slope.seeds)
    mine = {amount: changes[amount] for amount in outward if amount in changes}
    p = {amount: p for amount, (p, _) in readings.items()}
    return Course(side, undisturbed, mine, p, tones, clear, doubled, rise, ratio(columns[outward[-1]], start))


@cache
def differences(study: Study, row: str, name: str, region: str) -> dict[float, PairedDifference]:
    """Disturbed − undisturbed MAD of a row by amount, all amounts of one disturbance but none."""
    what = DISTURBANCES[name]
    start = column(study, row, name, what.none, region)
    amounts = dict.fromkeys(amount for side in sides(study) if side.what is what for amount in side.amounts[1:])
    found = {amount: paired(column(study, row, name, amount, region), start) for amount in amounts}
    return {amount: one for amount, one in found.items() if one is not None}


def _slope(rises: list[float], away: list[float]) -> float:
    """The least squares line through none."""
    return sum(rise * far for rise, far in zip(rises, away, strict=True)) / sum(far**2 for far in away)
