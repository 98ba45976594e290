"""The tables of numbers: every cell names its difference to the baseline, its interval and its adjusted p."""

from collections.abc import Sequence
from dataclasses import replace

from bgmatte.reporting.blocks import Cell, Table
from bgmatte.reporting.comparisons import BASE, Result, compare, family, gained, level
from bgmatte.reporting.measures import MEASURES, REGIONS, WHOLE, Measure, chance, number
from bgmatte.reporting.study import COARSE, ORACLE, Arm, Study
from bgmatte.reporting.timings import sizes, speed_cell, timed_as
from bgmatte.reporting.words import VERDICTS, counted, percents, relative, scaled
from bgmatte.statistics import Interval
from bgmatte.variants import ABLATIONS


def results_table(study: Study, region: str) -> Table:
    """Every arm in every metric over one region, whole-frame tables with frames a second where timed."""
    timed = [size["name"] for size in sizes(study.timing)] if region == WHOLE else []
    spent = [("patches refined", "of 4×4 px")] if region != WHOLE else []
    columns = [
        ("row", ""),
        *((measure.title, measure.unit) for measure in MEASURES),
        *spent,
        *((f"fps {name}", "full width") for name in timed),
    ]
    by_measure = [compare(study, measure.column + region) for measure in MEASURES]
    arms = [arm for arm in study.arms if any(arm in results for results in by_measure)]
    rows = []
    for arm in arms:
        cells = [number_cell(results.get(arm), measure, flat=True) for results, measure in zip(by_measure, MEASURES, strict=True)]
        refined = level(study, arm, "patches")
        budget = [Cell(f"{refined.mean:,.0f}" if refined and refined.mean else "none")] if spent else []
        rates = [speed_cell(study, arm.row, name) if arm.weights == "own" else Cell("") for name in timed]
        rows.append((Cell(arm.label), *cells, *budget, *rates))
    caption = (
        f"All rows, {REGIONS[region]}. Under each mean: difference to the baseline with its 95 % interval, in colour where it stays clear of 0 after "
        "Holm’s correction within the row’s ablation. Lower is better"
    )
    return Table(caption, tuple(columns), tuple(rows), frozenset(_breaks(arms)))


def replaced_table(study: Study, ablation: int) -> Table:
    """The rows of one of the ablations 3 to 5 against the baseline, with speed where the network differs."""
    arms = [BASE, *family(study, ablation)]
    by_measure = [(compare(study, measure.column + region), measure, region) for measure in (MEASURES[0], MEASURES[3]) for region in REGIONS]
    results, beside = by_measure[0][0], by_measure[1:]
    timed = [size["name"] for size in sizes(study.timing)] if any(timed_as(study, arm.row) == arm.row for arm in arms[1:]) else []
    rows = []
    for arm in (arm for arm in arms if arm in results):
        cells = [Cell(arm.row, (arm.variant.title,)), Cell(number(1e3 * results[arm].level.mean), (_level_span(results[arm], MEASURES[0]),))]
        cells += _short_difference(results[arm])
        cells += [_without_chance(number_cell(found.get(arm), measure)) for found, measure, _ in beside]
        rows.append((*cells, *(speed_cell(study, arm.row, name) for name in timed)))
    columns = (
        ("row", ""),
        ("MAD", "×10⁻³, whole frame"),
        ("difference", "to the baseline"),
        ("reading", "adjusted p"),
        *((measure.title, f"{measure.unit}, {REGIONS[region]}") for _, measure, region in beside),
        *((f"fps {name}", "full width") for name in timed),
    )
    return Table(f"Ablation {ablation}, {ABLATIONS[ablation]}. Lower is better", columns, tuple(rows))


def sets_table(study: Study) -> Table | None:
    """MAD of every row on the further held-out sets; None where there are none."""
    if not study.further:
        return None
    views = {name: study.on(name) for name in study.further}
    found = {name: compare(view, MEASURES[0].column) for name, view in views.items()}
    arms = [arm for arm in dict.fromkeys(arm for view in views.values() for arm in view.arms) if arm.weights == "own"]
    rows = tuple((Cell(arm.label), *(number_cell(results.get(arm), MEASURES[0]) for results in found.values())) for arm in arms)
    columns = [("row", "")]
    for name, view in views.items():
        seen = view.sample(arms[0], MEASURES[0].column)
        columns.append((name, f"MAD ×10⁻³{', ' + counted(seen.people, 'subject') if seen else ''}"))
    caption = (
        "Further held-out sets, MAD over the whole frame; under each mean the difference to the baseline with its interval and adjusted p. "
        "No sentence of this report rests on them"
    )
    return Table(caption, tuple(columns), rows, frozenset(_breaks(arms)))


def two_stage_table(study: Study) -> Table:
    """Ablation 1: every metric and region with and without the refinement network."""
    rows = []
    for measure in MEASURES:
        for region, words in REGIONS.items():
            results = compare(study, measure.column + region)
            base, coarse = results.get(BASE), results.get(Arm(COARSE))
            if base is None or coarse is None or coarse.difference is None:
                continue
            cells = [Cell(number(measure.factor * result.level.mean), (_level_span(result, measure),)) for result in (base, coarse)]
            rows.append((Cell(f"{measure.title} {measure.unit}", (words,)), *cells, *_difference_cells(coarse, measure)))
    columns = (("metric", "region"), ("baseline", "mean (95 % interval)"), (COARSE, "mean (95 % interval)"), *_DIFFERENCE)
    return Table("With and without the refinement network", columns, tuple(rows))


def selection_table(study: Study) -> Table:
    """Ablation 2: each way of choosing patches, retrained and swapped side by side."""
    results, edges = compare(study, "mad"), compare(study, "grad")
    members = [BASE, *family(study, 2), Arm(ORACLE)]
    rows = []
    for arm in dict.fromkeys(members):
        if arm not in results:
            continue
        result, share = results[arm], gained(study, arm) if arm.weights == "swapped" or arm in (BASE, Arm(ORACLE)) else None
        seen = level(study, arm, "covered")
        rows.append(
            (
                Cell(arm.label, ("the baseline’s weights",) if arm.row == ORACLE else ()),
                Cell(number(1e3 * result.level.mean), (_level_span(result, MEASURES[0]),)),
                *_difference_cells(result, MEASURES[0]),
                number_cell(edges.get(arm), MEASURES[3]),
                _share_cell(seen),
                _share_cell(share),
            )
        )
    columns = (
        ("patches chosen by", "weights"),
        ("MAD", "×10⁻³, whole frame"),
        *_DIFFERENCE,
        ("Grad", "/1000, whole frame"),
        ("error covered", "share of the true coarse error in refined patches"),
        ("oracle’s gain", "share reached, the baseline’s weights"),
    )
    return Table("Ways of choosing patches, all with the same budget", columns, tuple(rows))


def number_cell(result: Result | None, measure: Measure, flat: bool = False) -> Cell:
    """A mean and, under it, its difference to the baseline with its adjusted p; `flat` puts the difference in one line without the p."""
    if result is None:
        return Cell("")
    notes: tuple[str, ...] = ()
    if result.difference:
        mean, span = scaled(result.difference, measure.factor, with_signs=True)
        notes = tuple(filter(None, (mean, span, chance(result.p)))) if not flat else (f"{mean} ({span})",)
    return Cell(number(measure.factor * result.level.mean), notes, result.tone if result.tone in ("worse", "better") else "")


_DIFFERENCE = (
    ("difference", "to the baseline (95 % interval)"),
    ("in per cent", "of the baseline’s mean"),
    ("worse on", "subjects"),
    ("reading", "adjusted p"),
)


def _without_chance(cell: Cell) -> Cell:
    return replace(cell, notes=cell.notes[:2])


def _short_difference(result: Result) -> list[Cell]:
    """The difference in MAD with its interval and share, and what may be said of it."""
    found = result.difference
    if found is None:
        return [Cell(""), Cell("")]
    mean, span = scaled(found, MEASURES[0].factor, with_signs=True)
    shares = relative(found)
    word = Cell(VERDICTS[result.tone], (chance(result.p), f"worse on {result.worse} of {found.subjects}"), f"{result.tone} word")
    return [Cell(mean, (span, *([f"{shares[0]} %"] if shares else []))), word]


def _difference_cells(result: Result, measure: Measure) -> Sequence[Cell]:
    found = result.difference
    if found is None:
        return (Cell(""),) * 4
    mean, span = scaled(found, measure.factor, with_signs=True)
    shares = relative(found)
    word = Cell("reference line") if result.arm.reference else Cell(VERDICTS[result.tone], (chance(result.p),), f"{result.tone} word")
    worse = Cell(f"{result.worse} of {found.subjects}")
    return (Cell(mean, (span,)), Cell(f"{shares[0]} %", (shares[1],)) if shares else Cell(""), worse, word)


def _share_cell(share: Interval | None) -> Cell:
    if share is None:
        return Cell("")
    mean, span = percents(share)
    return Cell(mean, (span,))


def _breaks(arms: Sequence[Arm]) -> set[int]:
    """Where the arms of another ablation begin."""
    kinds = [(0,) if arm.reference else arm.variant.ablations for arm in arms]
    return {place for place in range(1, len(kinds)) if kinds[place] != kinds[place - 1]}


def _level_span(result: Result, measure: Measure) -> str:
    return scaled(result.level, measure.factor)[1]
