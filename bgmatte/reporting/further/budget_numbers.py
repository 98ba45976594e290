"""Quality against budget: what every way of choosing patches makes of every number of them, in numbers. No torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import log2
from statistics import fmean

from bgmatte.reporting.measures import GRAD, MAD, UNKNOWN, WHOLE
from bgmatte.reporting.readings import Numbers, Reach, adjusted, combined, mean, numbers, paired, ratio, reach, split
from bgmatte.reporting.study import Study
from bgmatte.statistics import Interval, PairedDifference
from bgmatte.variants import BASELINE

VIEWS = ((MAD, WHOLE), (MAD, UNKNOWN), (GRAD, WHOLE), (GRAD, UNKNOWN))
NAMES = {
    "error": "predicted error",
    "random": "random",
    "grid": "regular grid",
    "edge": "edges of the coarse alpha",
    "edge-image": "edges of the source",
    "difference": "|I − B|",
    "oracle": "true error (oracle)",
}
PREDICTED, PERFECT = "error", "oracle"
_TABLE = "budgets"


@dataclass(frozen=True)
class Curve:
    """One selector in one measure: at each of the rising `budgets`, the first of them 0, the raw numbers picture by picture."""

    budgets: tuple[int, ...]
    columns: tuple[Numbers, ...]

    @property
    def start(self) -> Numbers:
        """The numbers without any refined patch."""
        return self.columns[0]

    def plain(self, place: int) -> float:
        """The mean over all pictures at one budget."""
        return fmean(value for _, value in self.columns[place].values())

    def changes(self, start: Numbers | None = None) -> tuple[Numbers, ...]:
        """What each budget above 0 changes against `start`, its own unless given."""
        return tuple(combined(lambda value, before: value - before, column, start or self.start) for column in self.columns[1:])

    def gain(self) -> Numbers:
        """The area between the curve and its start, divided by its width: the mean fall over budgets, each doubling counting alike.

        Trapezia on the logarithm of the budget, from the first above 0 to all patches; raw unit of the measure, positive where refining helps.
        """
        places = [log2(budget) for budget in self.budgets[1:]]
        widths = [after - before for before, after in pairwise(places)]
        weights = [0.5 * (left + right) / sum(widths) for left, right in zip([0.0, *widths], [*widths, 0.0], strict=True)]
        return combined(
            lambda start, *values: start - sum(weight * value for weight, value in zip(weights, values, strict=True)), self.start, *self.columns[1:]
        )


@dataclass(frozen=True)
class Worth:
    """What a selector makes of its budgets in one measure, raw: its gain, what it loses against predicted error, its share of the oracle's gain.

    `excess` is the mean over the same budgets of its error − predicted error's, positive where it is worse; `p` is Holm-adjusted over the
    selectors that a user could deploy (None for the others), `tone` as of a `comparisons.Result`. `share` is None where the oracle's own
    gain is not clearly above 0.
    """

    gain: Interval
    excess: PairedDifference | None
    p: float | None
    tone: str
    share: Interval | None


@cache
def curves(study: Study, column: str, row: str = BASELINE) -> dict[str, Curve]:
    """The curves of a row's own network by selector, in one column of the table; empty where fewer than three budgets were measured."""
    parts = split(study, row, _TABLE, "selector", "patches")
    found = {}
    for selector in NAMES:
        mine = {int(budget): members for (name, budget), members in parts.items() if name == selector}
        known = {budget: numbers(mine[budget], column) for budget in sorted(mine)}
        if len(known) >= 3 and min(known) == 0 and all(known.values()):
            found[selector] = Curve(tuple(known), tuple(known.values()))
    return found


@cache
def worths(study: Study, column: str) -> dict[str, Worth]:
    """What every selector is worth with the baseline's weights."""
    gains = {selector: curve.gain() for selector, curve in curves(study, column).items()}
    means = {selector: found for selector, gain in gains.items() if (found := mean(gain)) is not None}
    base = gains.get(PREDICTED, {})
    excesses = {selector: found for selector in means if selector != PREDICTED and (found := paired(base, gains[selector])) is not None}
    read = adjusted({selector: found for selector, found in excesses.items() if selector != PERFECT})
    best = means.get(PERFECT)
    shared = best is not None and best.low > 0
    return {
        selector: Worth(
            found,
            excesses.get(selector),
            read[selector][0] if selector in read else None,
            read[selector][1] if selector in read else "",
            ratio(gains[selector], gains[PERFECT]) if shared and selector != PERFECT else None,
        )
        for selector, found in means.items()
    }


def refined(study: Study, selector: str) -> float | None:
    """How many patches a selector really refines when all are allowed, on average; None without a curve."""
    curve = curves(study, "refined").get(selector)
    return curve.plain(-1) if curve else None


@cache
def moved(study: Study, column: str, selector: str) -> tuple[Interval | None, ...]:
    """What each budget above 0 changes against none, raw."""
    return tuple(mean(change) for change in curves(study, column)[selector].changes())


@cache
def everything(study: Study, column: str) -> Interval | None:
    """What refining every patch gains, raw and positive where it helps; None where no selector did."""
    found = _everything(study, column)
    return mean(found) if found else None


@cache
def reached(study: Study, column: str, share: float) -> Mapping[str, Reach]:
    """The budget at which each selector first has a share (0–1) of what refining everything gains, straight lines on a logarithmic axis.

    Empty where that gain is not clearly above 0.
    """
    every, whole = _everything(study, column), everything(study, column)
    if every is None or whole is None or whole.low <= 0:
        return {}
    found = {}
    for selector, curve in curves(study, column).items():
        above = [mean(combined(lambda change, gain: -change - share * gain, change, every)) for change in curve.changes()]
        if known := [one for one in above if one is not None]:
            place = reach([log2(budget) for budget in curve.budgets[1:]], known)
            found[selector] = Reach(*(None if end is None else 2**end for end in (place.at, place.low, place.high)))
    return found


def spent(study: Study) -> int | None:
    """The study's own budget in patches, where it has one."""
    refine = study.runs[BASELINE][0].config.network.refine if BASELINE in study.runs else None
    return refine.patches if refine else None


def retrained(study: Study) -> dict[str, tuple[str, Curve]]:
    """Rows that grew up with another selector: row → its selector and its curve in MAD over the frame."""
    found = {row: curves(study, MAD.column, row) for row in study.runs if row.startswith("select-")}
    return {row: next(iter(own.items())) for row, own in found.items() if own}


def _everything(study: Study, column: str) -> Numbers | None:
    """The gain of the selector that refines most when all is allowed, which is all but for a selector that leaves patches out."""
    most = {selector: count for selector in curves(study, column) if (count := refined(study, selector)) is not None}
    if not most:
        return None
    curve = curves(study, column)[max(most, key=lambda selector: most[selector])]
    return combined(lambda change: -change, curve.changes()[-1])
