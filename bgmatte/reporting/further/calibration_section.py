"""The section on the predicted error: figure, tables, and sentences that say no more than the intervals. No torch."""

from bgmatte.figures import Figure, Point, Share, Trace, predicted_and_true
from bgmatte.figures.style import BLUE, GREY, SOFT
from bgmatte.reporting.blocks import Cell, Drawing, Points, Section, Table
from bgmatte.reporting.further.calibration_numbers import TOLD, Bin, bins, trust
from bgmatte.reporting.measures import MAD, number
from bgmatte.reporting.readings import point
from bgmatte.reporting.study import Study
from bgmatte.reporting.tables import estimate_cell, share_cell
from bgmatte.reporting.words import listed, percent, percents, scaled, spanned
from bgmatte.statistics import Interval

_MILLI = MAD.factor  # error, 0–1, as it is printed
_LINEAR = 2.0  # error [×10⁻³] below which the drawing is linear: the upper end of the lowest bin


def calibration_section(study: Study) -> Section | None:
    """Whether the predicted error can be believed; None where no bins were recorded."""
    if not any(one.true for one in bins(study)) or not trust(study).recall:
        return None
    about = Points(
        (
            ("The question.", "Is the predicted error right in size, and does it put the patches in the right order?"),
            (
                "What was done.",
                "For every 4×4 patch of every held-out picture, predicted error stands beside the true one, the mean |coarse alpha − true alpha| "
                "over its pixels. Patches are gathered in bins of predicted error; a bin’s mean true error should equal its mean predicted one.",
            ),
            *_found(study),
        )
    )
    lowest = bins(study)[0]
    reading = Points(
        (
            (
                "How to read it.",
                "On the dashed line error is as large as predicted; above it the network is too sure of itself. The bars below say how many patches "
                "a point stands for. On the right, how much of a picture’s true error lies in the patches it would refine first: between chance and "
                "the most that any choice of so many patches can hold. For choosing patches only the order matters, not the size.",
            ),
            (
                "Limits.",
                f"{_share(round(lowest.percent))} of the patches lie in the lowest bin and weigh as much in the expected calibration error; "
                "a picture’s rank correlation counts every patch alike, also where both errors are nearly 0. The expected calibration "
                "error cannot be below 0, so noise alone raises it; its interval "
                "holds the sign of each bin as found, so where a bin lies on the line it is a little narrow. Bins into which "
                "too few pictures fall for an interval are not drawn.",
            ),
        )
    )
    basis = next(one.true for one in bins(study) if one.true).basis
    drawing = Drawing(calibration_figure(study), f"The baseline; means and 95 % intervals over {basis}.")
    tables = [reliability_table(study), trust_table(study)]
    return Section("calibration", "Calibration of the predicted error", (about, drawing, *tables, reading))


def calibration_figure(study: Study) -> Figure:
    """The baseline's reliability curve with the number of patches in each bin, and its recall of the true error."""
    known = [(one, one.true) for one in bins(study) if one.true is not None]
    curve = Trace("baseline", BLUE, tuple(point(_MILLI * one.predicted, true) for one, true in known))
    found = trust(study)
    recalls = [
        Trace("predicted", BLUE, tuple(_percent(share, one) for share, one in found.recall.items())),
        Trace("most possible", GREY, tuple(_percent(share, one) for share, one in found.best.items()), dashed=True),
        Trace("chance", SOFT, tuple(Point(share, share, share, share) for share in found.recall), dashed=True),
    ]
    told = "; ".join(f"{number(_MILLI * one.predicted)} predicted, {spanned(true, _MILLI)} true" for one, true in known)
    held = "; ".join(f"{share} % hold {percent(one)}" for share, one in found.recall.items())
    alt = f"Mean predicted and true error of a patch by bin (×10⁻³): {told}. Share of the true error in the first patches: {held}."
    shares = [Share(_MILLI * one.predicted, one.percent) for one, _ in known]
    return predicted_and_true(curve, shares, recalls, _LINEAR, alt)


def reliability_table(study: Study) -> Table:
    """The baseline's bins in numbers."""
    rows = []
    for one in bins(study):
        span = f"{_MILLI * one.low:g} to {_MILLI * one.high:g}"
        cells = [Cell(span, value=_MILLI * one.low), Cell(f"{one.patches:,.0f}", (f"{number(one.percent, 2)} %",), value=one.patches)]
        cells.append(Cell(number(_MILLI * one.predicted), value=_MILLI * one.predicted))
        if one.true is None or one.apart is None:
            rows.append((*cells, Cell("too few pictures"), Cell(""), Cell("")))
            continue
        word = "open" if one.apart.low <= 0 <= one.apart.high else "too low" if one.apart.mean > 0 else "too high"
        cells += [estimate_cell(one.true, _MILLI), estimate_cell(one.apart, _MILLI, with_signs=True)]
        rows.append((*cells, Cell("no difference found" if word == "open" else f"predicted {word}")))
    columns = (
        ("predicted error", "bin, ×10⁻³"),
        ("patches", "all pictures and seeds"),
        ("mean predicted", "×10⁻³"),
        ("mean true", "×10⁻³ (95 % interval)"),
        ("true − predicted", "×10⁻³ (95 % interval)"),
        ("reading", "each bin alone, not adjusted"),
    )
    return Table("Predicted and true error of the baseline’s 4×4 patches, whole frame, by bin of predicted error", columns, tuple(rows))


def trust_table(study: Study) -> Table:
    """Every trained row's predicted error in numbers."""
    rows = []
    for arm in (arm for arm in study.arms if arm.weights == "own" and not arm.reference):
        found = trust(study, arm.row)
        if not found.recall:
            continue
        cells = [_cell(found.gap, _MILLI), share_cell(found.share), _cell(found.rank, 1)]
        for share in TOLD:
            seen, most = found.recall.get(share), found.best.get(share)
            best = (f"of {percents(most)[0]}",) if most else ()
            cells.append(share_cell(seen, *best))
        rows.append((Cell(arm.row), *cells))
    columns = (
        ("row", "its own network"),
        ("calibration error", "expected, ×10⁻³, over all patches"),
        ("predicted / true", "over all patches"),
        ("rank correlation", "Spearman, mean over pictures"),
        *((f"first {share} %", "hold of the true error, of at most; mean over pictures") for share in TOLD),
    )
    return Table("The predicted error of every trained row, whole frame, with 95 % intervals", columns, tuple(rows))


def _found(study: Study) -> tuple[tuple[str, str], ...]:
    """Size and order, two points of a list."""
    found, words = trust(study), []
    if found.share is not None:
        size = "no bias found" if found.share.low <= 1 <= found.share.high else "too little" if found.share.mean < 1 else "too much"
        words.append(f"Summed over all patches the baseline predicts {percent(found.share)} of the error there is: {size}.")
    if found.gap is not None:
        words.append(f"A patch’s bin is off by {spanned(found.gap, _MILLI)} ×10⁻³ on average (expected calibration error).")
    clear = {
        word: [one for one in bins(study) if one.apart and (one.apart.low > 0 if word == "less" else one.apart.high < 0)] for word in ("less", "more")
    }
    told = [f"in {len(some)} of {len(bins(study))} bins it predicts {word} than there is ({_spans(some)})" for word, some in clear.items() if some]
    if told:
        words.append(f"By bin: {listed(told)}.")
    order = []
    if found.rank is not None:
        mean, span = scaled(found.rank, 1)
        order.append(f"Within a picture predicted and true error rank patches alike to {mean} ({span}; Spearman, 1 is the same order).")
    held = []
    for share, seen in found.recall.items():
        if share in TOLD and share in found.best:
            best, chance = percents(found.best[share])[0], _share(share)
            held.append(f"{chance} of the patches hold {percent(seen)} where {best} is possible and {chance} is chance")
    order.append(f"Of a picture’s true error the first {listed(held, '; ', '; ')}.")
    return (("Found, size.", " ".join(words)), ("Found, order.", " ".join(order)))


def _share(count: int) -> str:
    return f"{count}\N{NO-BREAK SPACE}%"


def _spans(some: list[Bin]) -> str:
    return f"predicted error {_MILLI * min(one.low for one in some):g} to {_MILLI * max(one.high for one in some):g} ×10⁻³"


def _percent(share: int, found: Interval) -> Point:
    return Point(share, 100 * found.low, 100 * found.mean, 100 * found.high)


def _cell(found: Interval | None, factor: float) -> Cell:
    return estimate_cell(found, factor) if found else Cell("")
