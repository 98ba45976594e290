"""Every row of two studies: its level and its difference to its own baseline in each, and what changed from one to the other. No torch."""

from dataclasses import dataclass, replace
from functools import cached_property

from bgmatte.figures.style import Figure
from bgmatte.figures.two_studies import Estimate, Twin, two_studies
from bgmatte.reporting.blocks import Cell, Table
from bgmatte.reporting.comparisons import BASE, Result, compare
from bgmatte.reporting.measures import MAD, REGIONS, chance
from bgmatte.reporting.readings import Numbers, adjusted, combined, paired
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.tables import estimate_cell, level_cell
from bgmatte.reporting.words import change, counted, listed, relative, verdict_of
from bgmatte.statistics import PairedDifference
from bgmatte.variants import KEY

MANNER = (
    "Each row’s paired difference to the baseline of its own study, in per cent of that baseline’s mean, with its 95 % interval: "
    "studies of other sizes have errors of other sizes."
)
_LACKING = Cell("–")
# How two readings agree, the better first.
WORDS = {"same": "same reading", "half": "one clear, one open", "opposite": "opposite readings", "lacking": "not in both"}
_SIGNS = {"worse": "higher", "better": "lower", "open": "no clear change"}


@dataclass(frozen=True)
class Change:
    """What changed from the first study to the second; `p` is adjusted over all rows, `tone` as of a `Result`."""

    difference: PairedDifference
    p: float
    tone: str


@dataclass(frozen=True)
class Twins:
    """Two studies by MAD over one region; `pairable` says whether a picture of the one may be held against its namesake of the other."""

    studies: tuple[Study, Study]
    names: tuple[str, str]
    region: str
    pairable: bool

    @cached_property
    def results(self) -> tuple[dict[Arm, Result], dict[Arm, Result]]:
        """Every arm of each study against its own baseline."""
        first, second = (compare(study, MAD.column + self.region) for study in self.studies)
        return first, second

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Every arm that either study has, in the plan's order as far as both have it."""
        return tuple(dict.fromkeys(arm for study in self.studies for arm in study.arms if any(arm in found for found in self.results)))

    @cached_property
    def levels(self) -> dict[Arm, Change]:
        """Second study − first, picture by picture."""
        column = MAD.column + self.region
        return self._changed({arm: [study.numbers(arm, column) for study in self.studies] for arm in self.arms})

    @cached_property
    def shifts(self) -> dict[Arm, Change]:
        """The difference to the baseline in the second study − that in the first, picture by picture."""
        column = MAD.column + self.region
        bases = [study.numbers(BASE, column) for study in self.studies]
        return self._changed(
            {
                arm: [
                    combined(lambda row, base: row - base, study.numbers(arm, column), base) for study, base in zip(self.studies, bases, strict=True)
                ]
                for arm in self.arms
                if arm != BASE
            }
        )

    def _changed(self, columns: dict[Arm, list[Numbers]]) -> dict[Arm, Change]:
        if not self.pairable:
            return {}
        found = {arm: change for arm, (first, second) in columns.items() if (change := paired(second, first)) is not None}
        return {arm: Change(found[arm], *told) for arm, told in adjusted(found).items()}


def table(twins: Twins) -> Table:
    """Levels, differences to each study's own baseline, what changed between the studies where pictures are shared, and how the readings agree."""
    first, second = twins.names
    columns = [
        ("row", ""),
        *((name, f"MAD ×10⁻³, {REGIONS[twins.region]}") for name in twins.names),
        *((name, "difference to its baseline") for name in twins.names),
    ]
    if twins.pairable:
        columns += [(f"{second} − {first}", "level"), (f"{second} − {first}", "difference to the baseline")]
    rows = []
    for arm in twins.arms:
        cells = [level_cell(found[arm], MAD) if arm in found else _LACKING for found in twins.results]
        cells += [_difference(found.get(arm)) for found in twins.results]
        if twins.pairable:
            cells += [_change(twins.levels.get(arm)), _change(twins.shifts.get(arm))]
        rows.append((Cell(arm.label), *cells, Cell("" if arm == BASE else WORDS[kind(twins, arm)])))
    caption = (
        f"MAD over the {REGIONS[twins.region]} in both studies, each mean over its 95 % interval; p after Holm’s correction, within the row’s "
        "ablation for a difference to the baseline, over all rows for a column of changes. Lower is better"
    )
    return Table(caption, (*columns, ("readings", "of the two differences")), tuple(rows))


def drawn(twins: Twins, name: str) -> Figure | None:
    """Both differences of every row but the difference key to its own baseline, in per cent; None where no row was compared in either."""
    rows = [Twin(arm.label, *(_estimate(found.get(arm)) for found in twins.results)) for arm in twins.arms if arm not in (BASE, Arm(KEY))]
    rows = [row for row in rows if row.first or row.second]
    if not rows:
        return None
    told = "; ".join(f"{row.label} {_both(row)}" for row in rows)
    alt = f"Difference in MAD ({REGIONS[twins.region]}) to each study’s baseline, {twins.names[0]} and then {twins.names[1]}: {told}."
    axis = f"row − baseline of its own study, MAD, {REGIONS[twins.region]} [% of that baseline’s mean]"
    return two_studies(name, "The same rows in both studies", alt, axis, twins.names, rows)


def tally(twins: Twins) -> str:
    """How many rows read alike by MAD over the region, and which do not; what changed between the studies where that can be told."""
    kinds: dict[str, list[str]] = {}
    for arm in twins.arms:
        if arm != BASE:
            kinds.setdefault(kind(twins, arm), []).append(arm.label)
    shared = sum(len(labels) for name, labels in kinds.items() if name != "lacking")
    if not shared:
        return f"No row can be compared in both studies by MAD over the {REGIONS[twins.region]}."
    said = f"By MAD over the {REGIONS[twins.region]} {len(kinds.get('same', []))} of {counted(shared, 'row')} read alike"
    said += f"; clear in one study and open in the other: {listed(kinds['half'], '; ', '; ')}" if "half" in kinds else ""
    said += f"; clearly worse in one and clearly better in the other: {listed(kinds['opposite'], '; ', '; ')}" if "opposite" in kinds else ""
    moved = [f"{arm.label} {change(found.difference)}" for arm, found in twins.shifts.items() if found.tone != "open"]
    if twins.shifts:
        said += ". The difference to the baseline changed clearly for " if moved else ". For no row did the difference to the baseline change clearly"
        said += f"{listed(moved, '; ', '; ')}, in ×10⁻³" if moved else ""
    return f"{said}."


def agreement(first: str, second: str) -> str:
    """How two tones agree: "same", "half" (one clear, one open), "opposite" or "lacking"."""
    if {"lacking", ""} & {first, second}:
        return "lacking"
    if first == second:
        return "same"
    return "half" if "open" in (first, second) else "opposite"


def kind(twins: Twins, arm: Arm) -> str:
    """How the readings of an arm's two differences to the baseline agree."""
    tones = [found[arm].tone if arm in found else "" for found in twins.results]
    return agreement(*tones)


def _difference(result: Result | None) -> Cell:
    if result is None or result.difference is None:
        return Cell("") if result is not None else _LACKING
    read = " · ".join(filter(None, (verdict_of(result.difference, result.tone), chance(result.p))))
    return replace(estimate_cell(result.difference, MAD.factor, True, read), tone=result.tone)


def _change(found: Change | None) -> Cell:
    if found is None:
        return Cell("")
    if found.difference.low == found.difference.high == 0:
        return Cell("0", ("equal in every picture",), value=0.0)
    return estimate_cell(found.difference, MAD.factor, True, f"{_SIGNS[found.tone]} · {chance(found.p)}")


def _estimate(result: Result | None) -> Estimate | None:
    if result is None or result.difference is None or (words := relative(result.difference)) is None:
        return None
    found = result.difference
    mean, low, high = (100 * (share or 0.0) for share in (found.relative, found.relative_low, found.relative_high))
    return Estimate(mean, low, high, f"{words[0]} % ({words[1]}), {verdict_of(found, result.tone)}")


def _both(row: Twin) -> str:
    return " and ".join(found.text if found else "not in this study" for found in (row.first, row.second))
