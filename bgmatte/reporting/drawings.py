"""The report's figures: records in, finished drawings with the words for their finding out."""

from bgmatte.figures import Figure, Line, Panel, interval_plot, learning_curves
from bgmatte.figures.style import BLUE, GREEN, GREY, RED
from bgmatte.reporting.comparisons import BASE, Result, compare, family
from bgmatte.reporting.measures import GRAD, MAD, MEASURES, REGIONS, Measure
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.words import change, compared, relative, spanned
from bgmatte.statistics import PairedDifference
from bgmatte.variants import ABLATIONS, BASELINE, COARSE, KEY, ORACLE, rows_of

TONED = "Orange: clearly worse than the baseline, green: clearly better, grey: not clear"
_GROUPS = {1: "refinement network", 2: "choosing patches", 3: "order of the training data", 4: "base network", 5: "refining in two stages"}


def overview(study: Study) -> Figure | None:
    """Every paired difference to the baseline in MAD, ablation by ablation on one axis; None when nothing was compared."""
    results = compare(study, MAD.column)
    panels, stories = [], []
    for ablation, words in _GROUPS.items():
        mine = [results[arm] for arm in family(study, ablation) if arm in results and results[arm].difference is not None]
        if mine:
            panels.append(
                Panel(f"{ablation}  {words}", "row − baseline, MAD over the whole frame [×10⁻³]", tuple(map(_forest_line, mine)), ((0, ""),))
            )
            stories.append(f"{words}: {'; '.join(compared(result, result.arm.label) for result in mine)}")
    if not panels:
        return None
    alt = f"Paired difference to the baseline in MAD (×10⁻³, whole frame) with 95 % interval. {'. '.join(stories)}."
    return interval_plot("overview", "Every difference to the baseline", alt, panels, shared=True)


def levels(study: Study) -> Figure:
    """Every row's MAD with its interval, toned by the paired reading, and the line that a run must stay left of."""
    results = {arm: result for arm, result in compare(study, MAD.column).items() if arm.weights == "own"}
    lines = tuple(map(_level_line, results.values()))
    key = results.get(Arm(KEY))
    marks = ((0.5 * MAD.factor * key.level.mean, "half of the difference key"),) if key else ()
    stories = "; ".join(f"{line.label} {line.text}" for line in lines)
    alt = f"MAD (×10⁻³, whole frame) with 95 % interval for each row: {stories}."
    return interval_plot("levels", "Error of every row", alt, [Panel("", "MAD, whole frame [×10⁻³]", lines, marks)])


def two_stage_forest(study: Study) -> Figure | None:
    """Ablation 1: every metric and region without the refiner, relative to the baseline; None when a row is missing."""
    lines = []
    for measure in MEASURES:
        for region, words in REGIONS.items():
            result = compare(study, measure.column + region).get(Arm(COARSE))
            if result is not None and result.difference is not None and result.difference.relative is not None:
                lines.append(_relative_line(result.difference, f"{measure.title}, {words}", _reading(result)))
    if not lines:
        return None
    stories = "; ".join(f"{line.label} {line.text}" for line in lines)
    alt = f"Change of each metric when the refinement network is removed, in per cent of the baseline: {stories}."
    axis = "without refinement network − baseline [% of the baseline’s mean]"
    return interval_plot("two-stage", "What changes without the refinement network", alt, [Panel("", axis, tuple(lines), ((0, "as the baseline"),))])


def selection_forest(study: Study) -> Figure | None:
    """Ablation 2: paired difference to the baseline of every selector, swapped and retrained; None when none was run."""
    panels = [panel for measure in (MAD, GRAD) if (panel := _forest_panel(study, measure)) is not None]
    if not panels:
        return None
    results = compare(study, "mad")
    stories = "; ".join(compared(results[arm], arm.label) for arm in family(study, 2) if arm in results)
    alt = f"Paired difference to the baseline by way of choosing patches. MAD (×10⁻³): {stories}."
    return interval_plot("selection-differences", "Another way of choosing patches, against predicted error", alt, panels)


def curves(study: Study) -> Figure | None:
    """The learning curves of all trained rows, ablation by ablation but the third, whose rows differ in it; None when none was recorded."""
    groups = {}
    for ablation in ABLATIONS:
        records = [record for row in rows_of(ablation) if row.trained for record in study.runs.get(row.name, ()) if ablation != 3 and record.curves]
        if any(record.config.row != BASELINE for record in records):
            groups[f"Ablation {ablation}"] = records
    return learning_curves(groups) if groups else None


def _forest_line(result: Result, measure: Measure = MAD) -> Line:
    """One difference to the baseline in the measure's unit."""
    found = result.difference
    low, mean, high = (measure.factor * value for value in ((found.low, found.mean, found.high) if found else (0.0, 0.0, 0.0)))
    return _line(result, mean, low, high, change(found, measure) if found else "")


def _forest_panel(study: Study, measure: Measure) -> Panel | None:
    results = compare(study, measure.column)
    arms = [arm for arm in (*family(study, 2), Arm(ORACLE)) if arm in results and results[arm].difference is not None]
    lines = [_forest_line(results[arm], measure) for arm in arms]
    axis = f"{measure.title} − baseline’s, whole frame [{measure.unit}]"
    return Panel(f"{measure.title}: left is better than the baseline", axis, tuple(lines), ((0, ""),)) if lines else None


def _reading(result: Result) -> str:
    return BLUE if result.arm == BASE else {"worse": RED, "better": GREEN}.get("" if result.arm.reference else result.tone, GREY)


def _level_line(result: Result) -> Line:
    low, mean, high = (MAD.factor * value for value in (result.level.low, result.level.mean, result.level.high))
    return _line(result, mean, low, high, spanned(result.level))


def _line(result: Result, mean: float, low: float, high: float, text: str) -> Line:
    """A line toned by its reading against the baseline, hollow for the baseline's weights under another rule and for reference lines."""
    arm = result.arm
    return Line(arm.label, mean, low, high, text, _reading(result), hollow=arm.weights == "swapped" or arm.reference)


def _relative_line(found: PairedDifference, label: str, tone: str) -> Line:
    mean, span = relative(found) or ("", "")
    middle, low, high = (100 * (share or 0.0) for share in (found.relative, found.relative_low, found.relative_high))
    return Line(label, middle, low, high, f"{mean} % ({span})", tone)
