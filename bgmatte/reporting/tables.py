"""The tables of numbers: every cell names its difference to the baseline, its interval and its adjusted p."""

from collections.abc import Sequence

from bgmatte.reporting.blocks import Cell, Table
from bgmatte.reporting.comparisons import BASE, Result, compare, family, gained, level
from bgmatte.reporting.measures import MAD, MEASURES, REGIONS, WHOLE, Measure, chance, estimate, number
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.timings import sizes, speed_cell, timed_as
from bgmatte.reporting.words import counted, percents, relative, scaled, verdict_of
from bgmatte.statistics import Interval
from bgmatte.variants import ABLATIONS, ORACLE


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
        rates = [speed_cell(study, arm.row, name) if arm.weights == "own" else Cell("") for name in timed]
        rows.append((Cell(arm.label), *cells, *([_patches_cell(study, arm)] if spent else []), *rates))
    caption = (
        f"All rows, {REGIONS[region]}. Under each mean: difference to the baseline with its 95 % interval, in colour where it stays clear of 0 after "
        "Holm’s correction within the row’s ablation. Lower is better"
    )
    return Table(caption, tuple(columns), tuple(rows), frozenset(_breaks(arms)))


def replaced_table(study: Study, ablation: int) -> Table:
    """The rows of one ablation against the baseline in the leading measure, MAD over the whole frame, with speed where the network differs."""
    results = compare(study, MAD.column)
    arms = [arm for arm in _members(study, ablation) if arm in results]
    chosen = ablation == 2
    apart = not chosen and any(timed_as(study, arm.row) == arm.row for arm in arms if arm != BASE)
    timed = [size["name"] for size in sizes(study.timing)] if apart else []
    shares = {arm: gained(study, arm) for arm in arms if arm.weights == "swapped" or arm in (BASE, Arm(ORACLE))} if chosen else {}
    shared = any(share is not None for share in shares.values())
    rows = []
    for arm in arms:
        cells = [Cell(arm.label, (arm.variant.title,)), level_cell(results[arm], MAD), *_difference_cells(results[arm], MAD)]
        if chosen:
            cells += [_patches_cell(study, arm), share_cell(level(study, arm, "covered"))]
            cells += [share_cell(shares.get(arm))] if shared else []
        rows.append((*cells, *(speed_cell(study, arm.row, name) if arm.weights == "own" else Cell("") for name in timed)))
    columns = (
        ("row", "what differs"),
        ("MAD", "×10⁻³, whole frame (95 % interval)"),
        ("difference", "to the baseline, ×10⁻³ (95 % interval)"),
        ("in per cent", "of the baseline’s mean"),
        ("effect", f"Hedges’ g over subjects ({'about ' if len(study.seeds) > 1 else ''}95 % interval)"),
        ("worse on", "subjects"),
        ("reading", "adjusted p"),
        *(_CHOSEN if chosen else ()),
        *((("oracle’s gain", "share reached, the baseline’s weights"),) if shared else ()),
        *((f"fps {name}", "full width; time relative to the baseline’s") for name in timed),
    )
    return Table(f"Ablation {ablation}: {_what(ablation)}; MAD over the whole frame. Lower is better", columns, tuple(rows))


def measures_table(study: Study, ablation: int) -> Table:
    """The same rows in every measure, over the whole frame and over the unknown region."""
    views = [(measure, region, compare(study, measure.column + region)) for region in REGIONS for measure in MEASURES]
    arms = [arm for arm in _members(study, ablation) if any(arm in results for _, _, results in views)]
    rows = tuple((Cell(arm.label), *(number_cell(results.get(arm), measure) for measure, _, results in views)) for arm in arms)
    columns = (("row", ""), *((measure.title, f"{measure.unit}, {REGIONS[region]}") for measure, region, _ in views))
    caption = (
        f"Ablation {ablation} in every measure, whole frame and unknown region. Under each mean: difference to the baseline, its 95 % interval and "
        "adjusted p, each column a family of its own; in colour where clear. Lower is better"
    )
    return Table(caption, columns, rows)


def sets_table(study: Study) -> Table | None:
    """MAD of every row on the further held-out sets; None where there are none."""
    if not study.further:
        return None
    views = {name: study.on(name) for name in study.further}
    found = {name: compare(view, MAD.column) for name, view in views.items()}
    arms = [arm for arm in dict.fromkeys(arm for view in views.values() for arm in view.arms) if arm.weights == "own"]
    rows = tuple((Cell(arm.label), *(number_cell(results.get(arm), MAD) for results in found.values())) for arm in arms)
    columns = [("row", "")]
    for name, view in views.items():
        seen = view.sample(arms[0], MAD.column)
        columns.append((name, f"MAD ×10⁻³, whole frame{', ' + counted(seen.people, 'subject') if seen else ''}"))
    caption = (
        "Further held-out sets, MAD over the whole frame; under each mean the difference to the baseline with its interval and adjusted p. "
        "No sentence of this report rests on them"
    )
    return Table(caption, tuple(columns), rows, frozenset(_breaks(arms)))


def number_cell(result: Result | None, measure: Measure, flat: bool = False) -> Cell:
    """A mean and, under it, its difference to the baseline with its adjusted p; `flat` puts the difference in one line without the p."""
    if result is None:
        return Cell("")
    notes: tuple[str, ...] = ()
    if result.difference:
        mean, span = scaled(result.difference, measure.factor, with_signs=True)
        notes = tuple(filter(None, (mean, span, chance(result.p)))) if not flat else (f"{mean} ({span})",)
    average = measure.factor * result.level.mean
    return Cell(number(average), notes, result.tone, value=average)


def estimate_cell(found: Interval, factor: float, with_signs: bool = False, *notes: str) -> Cell:
    """A mean in printed units with its interval and any further notes under it."""
    mean, span = scaled(found, factor, with_signs)
    return Cell(mean, (span, *notes), value=factor * found.mean)


def share_cell(found: Interval | None, *notes: str) -> Cell:
    """A share in per cent with its interval and any further notes under it; empty without one."""
    if found is None:
        return Cell("")
    mean, span = percents(found)
    return Cell(mean, (span, *notes), value=100 * found.mean)


def level_cell(result: Result, measure: Measure) -> Cell:
    """A mean with its own interval under it."""
    mean = measure.factor * result.level.mean
    return Cell(number(mean), (scaled(result.level, measure.factor)[1],), value=mean)


def difference_cell(found: Interval, measure: Measure) -> Cell:
    """A difference with its interval under it."""
    return estimate_cell(found, measure.factor, with_signs=True)


def reading_cell(found: Interval, tone: str, p: float | None) -> Cell:
    """What may be said of a difference, with its adjusted p under it."""
    return Cell(verdict_of(found, tone), tuple(filter(None, (chance(p),))), f"{tone} word", value=p)


_CHOSEN = (
    ("patches refined", "of 4×4 px, mean"),
    ("error covered", "share of the true coarse error in refined patches"),
)


def _what(ablation: int) -> str:
    return ABLATIONS[ablation].replace(": the", ", the")


def _members(study: Study, ablation: int) -> tuple[Arm, ...]:
    """The baseline, the ablation's family and, for scale, the reference line that belongs to it."""
    oracle = (Arm(ORACLE),) if ablation == 2 else ()
    return (BASE, *family(study, ablation), *oracle)


def _difference_cells(result: Result, measure: Measure) -> Sequence[Cell]:
    found = result.difference
    if found is None:
        return (Cell(""),) * 5
    shares = relative(found)
    word = Cell("reference line") if result.arm.reference else reading_cell(found, result.tone, result.p)
    worse = Cell(f"{result.worse} of {found.subjects}", value=result.worse)
    percent = Cell(f"{shares[0]} %", (shares[1],), value=100 * found.relative) if shares and found.relative is not None else Cell("")
    return difference_cell(found, measure), percent, _effect_cell(result), worse, word


def _effect_cell(result: Result) -> Cell:
    if result.effect is None:
        return Cell("")
    mean, span = estimate(result.effect.value, result.effect.low, result.effect.high, with_signs=True)
    return Cell(mean, (span,), value=result.effect.value)


def _patches_cell(study: Study, arm: Arm) -> Cell:
    refined = level(study, arm, "patches")
    return Cell(f"{refined.mean:,.0f}", value=refined.mean) if refined and refined.mean else Cell("none", value=0.0)


def _breaks(arms: Sequence[Arm]) -> set[int]:
    """Where the arms of another ablation begin."""
    kinds = [(0,) if arm.reference else arm.variant.ablations for arm in arms]
    return {place for place in range(1, len(kinds)) if kinds[place] != kinds[place - 1]}
