"""The tables of numbers: every cell names its difference to the baseline, its interval and its adjusted p."""

from collections.abc import Sequence

from bgmatte.reporting.blocks import Cell, Table
from bgmatte.reporting.comparisons import BASE, Result, compare, family, gained, level
from bgmatte.reporting.measures import MEASURES, REGIONS, WHOLE, Measure, chance, number
from bgmatte.reporting.study import COARSE, ORACLE, Arm, Study
from bgmatte.reporting.timings import frames_per_second, sizes
from bgmatte.reporting.words import VERDICTS, percents, relative, scaled
from bgmatte.statistics import Interval


def results_table(study: Study, region: str) -> Table:
    """Every arm in every metric over one region, whole-frame tables with frames a second where timed."""
    timed = [size["name"] for size in sizes(study.timing)] if region == WHOLE else []
    columns = [
        ("row", ""),
        *((measure.title, f"{measure.unit}, {REGIONS[region]}") for measure in MEASURES),
        ("patches refined", "of 4×4 px a picture"),
    ]
    columns += [(f"fps {name}", "full width") for name in timed]
    by_measure = [compare(study, measure.column + region) for measure in MEASURES]
    arms = [arm for arm in study.arms if any(arm in results for results in by_measure)]
    rows = []
    for arm in arms:
        cells = [number_cell(results.get(arm), measure) for results, measure in zip(by_measure, MEASURES, strict=True)]
        spent = level(study, arm, "patches")
        speed = frames_per_second(study.timing, arm.row) if arm.weights == "own" else {}
        rates = [Cell(number(speed[name]) if name in speed else "") for name in timed]
        rows.append((Cell(arm.label), *cells, Cell(f"{spent.mean:,.0f}" if spent and spent.mean else "none"), *rates))
    caption = (
        f"All rows, {REGIONS[region]}. Under each mean: difference to the baseline with its 95 % interval, then the Holm-adjusted p "
        "(reference rows have none). Lower is better in every column."
    )
    return Table(caption, tuple(columns), tuple(rows), frozenset([next((place for place, arm in enumerate(arms) if arm.reference), len(arms))]))


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


def number_cell(result: Result | None, measure: Measure) -> Cell:
    """A mean and, under it, its difference to the baseline."""
    if result is None:
        return Cell("")
    difference = (*scaled(result.difference, measure.factor, with_signs=True), chance(result.p)) if result.difference else ()
    notes = tuple(filter(None, difference))
    return Cell(number(measure.factor * result.level.mean), notes, result.tone if result.tone in ("worse", "better") else "")


_DIFFERENCE = (
    ("difference", "to the baseline (95 % interval)"),
    ("in per cent", "of the baseline’s mean"),
    ("worse on", "subjects"),
    ("reading", "adjusted p"),
)


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


def _level_span(result: Result, measure: Measure) -> str:
    return scaled(result.level, measure.factor)[1]
