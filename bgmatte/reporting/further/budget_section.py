"""The section on quality against budget: figure, tables, and sentences that say no more than the intervals. No torch."""

from dataclasses import replace

from bgmatte.figures import Budgets, Figure, quality_by_budget
from bgmatte.figures.picture_budget import TONES as SELECTOR_TONES
from bgmatte.figures.spans import Point, Trace
from bgmatte.reporting.blocks import Block, Cell, Drawing, Points, Section, Table
from bgmatte.reporting.further.budget_numbers import (
    NAMES,
    PERFECT,
    PREDICTED,
    VIEWS,
    Curve,
    Worth,
    curves,
    moved,
    reached,
    retrained,
    spent,
    worths,
)
from bgmatte.reporting.further.budget_words import (
    HALF,
    MOST,
    fall,
    found_words,
    limits,
    measured,
    most_words,
    place_words,
    published_words,
    span_words,
)
from bgmatte.reporting.measures import MAD, REGIONS, WHOLE, Measure, chance, number
from bgmatte.reporting.readings import Numbers, Reach, combined, mean, point
from bgmatte.reporting.study import Study
from bgmatte.reporting.tables import difference_cell, estimate_cell, reading_cell, share_cell
from bgmatte.reporting.words import change


def budget_section(study: Study) -> Section | None:
    """Quality against budget for every way of choosing patches; None where no budgets were measured."""
    found = worths(study, MAD.column)
    if PREDICTED not in found:
        return None
    about = Points(
        (
            ("The question.", "How much does each further refined patch improve the matte, and which way of choosing patches makes most of few?"),
            (
                "What was done.",
                f"The baseline’s network matted every picture with no patch refined, then {measured(study)}, each time in the order of one selector; "
                "what the refinement network makes of a patch does not depend on which others are chosen, so all budgets come from one pass. "
                "The number that sums a curve up is its mean gain: the area between the curve and its start, divided by the width of the axis, "
                "so that every doubling of the budget counts alike.",
            ),
            *found_words(study),
            ("Published beside ours.", published_words(study)),
        )
    )
    reading = Points(
        (
            (
                "How to read it.",
                "Below the line at 0, refining so many patches made the mattes better than none. All selectors that refine everything end at one "
                "point; the earlier a curve falls, the better its first patches were chosen. The bands hold the spread over subjects, which all "
                "curves share: two selectors are compared by the paired numbers of the table, not by overlap.",
            ),
            ("Limits.", limits(study)),
        )
    )
    tables: list[Block] = [worth_table(study), *(levels_table(study, region) for region in REGIONS)]
    figure = Drawing(budget_figure(study), f"Means and 95 % intervals over {found[PREDICTED].gain.basis}; the study’s budget is dotted.")
    return Section("budget", "Quality against budget", (about, figure, *tables, reading))


def budget_figure(study: Study) -> Figure:
    """Change against no refinement by budget: MAD over both regions, the gradient error, and MAD of networks trained with their selector."""
    shown = [VIEWS[0], VIEWS[1], VIEWS[2]]
    panels = [
        Budgets(
            f"{measure.title}, {REGIONS[region]}",
            f"{measure.title} − without\nrefinement [{measure.unit}]",
            tuple(_swapped(study, selector, measure, region) for selector in curves(study, measure.column + region)),
            spent(study),
        )
        for measure, region in shown
    ]
    grown = retrained(study)
    start = curves(study, MAD.column)[PREDICTED].start
    if grown:
        own = [_swapped(study, PREDICTED, MAD, WHOLE), *(_retrained(selector, curve, start) for selector, curve in grown.values())]
        panels.append(Budgets("MAD, networks trained with each", f"MAD − the baseline’s without\nrefinement [{MAD.unit}]", tuple(own), spent(study)))
    told = "; ".join(f"{name} {change(fall(worth.gain))}" for name, worth in _named(worths(study, MAD.column)))
    alt = f"Mean change of MAD (×10⁻³, whole frame) against no refinement over all budgets, each doubling alike, by way of choosing patches: {told}."
    return quality_by_budget(panels, alt)


def worth_table(study: Study) -> Table:
    """What each selector makes of its budgets, in every measure and region."""
    found = worths(study, MAD.column)
    beside = [(worths(study, measure.column + region), measure) for measure, region in VIEWS[1:]]
    half, most = (reached(study, MAD.column, share) for share in (HALF, MOST))
    shared = any(worth.share is not None for worth in found.values())
    rows = []
    for selector, worth in found.items():
        cells = [_selector(study, selector), estimate_cell(worth.gain, MAD.factor), *_against(worth, MAD)]
        cells += [share_cell(worth.share)] if shared else []
        cells += [_reach(places.get(selector), study) for places in (half, most) if places]
        for others, measure in beside:
            other = others.get(selector)
            cells.append(Cell("") if other is None else _beside(other, measure))
        rows.append(tuple(cells))
    columns = (
        ("patches chosen by", ""),
        ("mean gain", "MAD ×10⁻³, whole frame"),
        ("error above", "predicted error’s, MAD ×10⁻³, whole frame"),
        ("reading", "adjusted p"),
        *((("oracle’s gain", "share reached"),) if shared else ()),
        *((("half", "of refining all: patches"), ("90 %", "of refining all: patches")) if half else ()),
        *((f"{measure.title} gain", f"{measure.unit}, {REGIONS[region]}; under it: above predicted error’s") for measure, region in VIEWS[1:]),
    )
    caption = (
        f"What each way of choosing patches gains over no refinement, mean over budgets from {span_words(study)} patches, every doubling alike, "
        "with its 95 % interval; the baseline’s weights. More gain and less error above predicted error’s are better"
    )
    return Table(caption, columns, tuple(rows))


def levels_table(study: Study, region: str) -> Table:
    """MAD over one region at every budget, a column for each selector."""
    measured_in = MAD.column + region
    found = curves(study, measured_in)
    rows = []
    for place, budget in enumerate(next(iter(found.values())).budgets):
        cells = [Cell(f"{budget:,}", value=budget)]
        for selector, curve in found.items():
            level, against = MAD.factor * curve.plain(place), moved(study, measured_in, selector)[place - 1] if place else None
            cells.append(Cell(number(level), (change(against),) if against else (), value=level))
        rows.append(tuple(cells))
    columns = (("patches", "allowed"), *((selector, "MAD ×10⁻³") for selector in found))
    caption = (
        f"MAD at every budget, {REGIONS[region]}, the baseline’s weights; under each mean its difference to no refinement with the 95 % interval"
    )
    return Table(caption, columns, tuple(rows))


def _swapped(study: Study, selector: str, measure: Measure, region: str) -> Trace:
    """A selector with the baseline's weights, against their own start."""
    column = measure.column + region
    known = zip(curves(study, column)[selector].budgets[1:], moved(study, column, selector), strict=True)
    points = (Point(0, 0, 0, 0), *(point(budget, found, measure) for budget, found in known if found))
    return Trace(selector, SELECTOR_TONES[selector], points, dashed=selector == PERFECT)


def _retrained(selector: str, curve: Curve, start: Numbers) -> Trace:
    """A selector with the weights that grew up with it, against the baseline's start."""
    changes = [mean(combined(lambda value, before: value - before, column, start)) for column in curve.columns]
    points = tuple(point(budget, found) for budget, found in zip(curve.budgets, changes, strict=True) if found)
    return Trace(selector, SELECTOR_TONES[selector], points)


def _named(found: dict[str, Worth]) -> list[tuple[str, Worth]]:
    return [(NAMES[selector], worth) for selector, worth in found.items()]


def _selector(study: Study, selector: str) -> Cell:
    most = most_words(study, selector)
    return Cell(NAMES[selector], (f"at most {most}",) if most else ())


def _beside(worth: Worth, measure: Measure) -> Cell:
    """A gain in another measure and, toned by it, what the selector loses against predicted error."""
    cell, found = estimate_cell(worth.gain, measure.factor), worth.excess
    return replace(cell, notes=tuple(filter(None, (change(found, measure), chance(worth.p)))), tone=worth.tone) if found else cell


def _against(worth: Worth, measure: Measure) -> tuple[Cell, Cell]:
    found = worth.excess
    if found is None:
        return Cell(""), Cell("")
    return difference_cell(found, measure), reading_cell(found, worth.tone, worth.p) if worth.p is not None else Cell("reference line")


def _reach(place: Reach | None, study: Study) -> Cell:
    if place is None:
        return Cell("")
    words, _, rest = place_words(place, study).partition(" (")
    return Cell(words, (rest.rstrip(")"),) if rest else (), value=place.at)
