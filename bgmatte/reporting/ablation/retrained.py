"""Ablation 2 asks twice; here the two are set against each other: does a network that grew up with a rule use it better?"""

from dataclasses import dataclass
from functools import cache

from bgmatte.reporting.blocks import Cell, Finding, Table
from bgmatte.reporting.comparisons import compare, difference, family
from bgmatte.reporting.measures import GRAD, MAD, REGIONS, UNKNOWN, WHOLE, Measure
from bgmatte.reporting.readings import adjusted
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.tables import difference_cell, level_cell, reading_cell
from bgmatte.reporting.words import listed, reading, unclear
from bgmatte.statistics import PairedDifference

_VIEWS = ((MAD, WHOLE), (MAD, UNKNOWN), (GRAD, WHOLE))


@dataclass(frozen=True)
class Apart:
    """Retrained − swapped of one rule, in raw units; `p` is Holm-adjusted over the rules, `tone` says what retraining makes of it."""

    row: str
    found: PairedDifference
    p: float
    tone: str


@cache
def apart(study: Study, column: str) -> tuple[Apart, ...]:
    """Every rule whose two arms were both measured, in one column of the records."""
    rows = dict.fromkeys(arm.row for arm in family(study, 2))
    found = {row: seen for row in rows if (seen := difference(study, Arm(row), column, Arm(row, "swapped"))) is not None}
    return tuple(Apart(row, found[row], *told) for row, told in adjusted(found).items())


def retrained_finding(study: Study) -> Finding | None:
    """Whether training with a rule helps it; None where no rule has both arms."""
    every = apart(study, MAD.column)
    if not every:
        return None
    better, worse = ([one for one in every if one.tone == tone] for tone in ("better", "worse"))
    count = len(every)
    headline = {
        (True, False): f"Training with its rule makes the network better for {len(better)} of {count} rules, by MAD",
        (False, True): f"Training with its rule makes the network worse for {len(worse)} of {count} rules, by MAD",
        (True, True): f"Training with its rule makes the network better for {len(better)} and worse for {len(worse)} of {count} rules, by MAD",
    }.get((bool(better), bool(worse)), "Trained with a rule or given it at test time: no clear difference in MAD")
    verdict = ", ".join([f"{len(some)} of {count} {word}" for some, word in ((better, "better"), (worse, "worse")) if some]) or unclear(
        [one.found for one in every]
    )
    disputed = [one.row for one in every if {one.tone, _tone_of(study, one.row)} == {"better", "worse"}]
    warning = f"Grad says the opposite for {listed(disputed)}. " if disputed else ""
    points = tuple(
        f"{Arm(one.row).variant.title}: {reading(one.found, one.tone)}" for tone in ("better", "open", "worse") for one in every if one.tone == tone
    )
    sentence = (
        f"{warning}Retrained minus swapped, picture by picture, in MAD over the whole frame (×10⁻³, 95 % interval), negative where training helps:"
    )
    return Finding("open", verdict, headline, sentence, points, ablation=2)


def retrained_table(study: Study) -> Table | None:
    """Each rule both ways, and the direct paired difference; None where no rule has both arms."""
    views = [(measure, region, {one.row: one for one in apart(study, measure.column + region)}) for measure, region in _VIEWS]
    rows = []
    results = compare(study, MAD.column)
    for row in views[0][2]:
        levels = [level_cell(results[Arm(row, weights)], MAD) for weights in ("swapped", "own")]
        rows.append(
            (Cell(row, (Arm(row).variant.title,)), *levels, *(cell for measure, _, found in views for cell in _cells(found.get(row), measure)))
        )
    columns = [("rule", ""), ("swapped", "MAD ×10⁻³, whole frame"), ("retrained", "MAD ×10⁻³, whole frame")]
    for measure, region, _ in views:
        columns += [("difference", f"retrained − swapped, {measure.title} {measure.unit}, {REGIONS[region]}"), ("reading", "adjusted p")]
    caption = (
        "Swapped against retrained: the same rule, the baseline’s weights or a network trained with it; a family of its own for Holm’s correction"
    )
    return Table(caption, tuple(columns), tuple(rows)) if rows else None


def _cells(one: Apart | None, measure: Measure) -> tuple[Cell, Cell]:
    return (difference_cell(one.found, measure), reading_cell(one.found, one.tone, one.p)) if one else (Cell(""), Cell(""))


def _tone_of(study: Study, row: str) -> str:
    return next((one.tone for one in apart(study, GRAD.column) if one.row == row), "")
