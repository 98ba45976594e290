"""What the paper printed beside what this study found: changes relative to each one's own default, and whether the two may be compared.

Numbers: Lin et al., CVPR 2021, tables on AIM and Distinctions-646; and Robust Video Matting (Lin et al., WACV 2022) for the base network alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bgmatte.reporting.about.setting import unlike_published
from bgmatte.reporting.blocks import Cell, Table
from bgmatte.reporting.comparisons import BASE, compare
from bgmatte.reporting.measures import GRAD, MAD, MSE, SAD, UNKNOWN, Measure, number, signed
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.tables import estimate_cell
from bgmatte.reporting.timings import sizes, spanned
from bgmatte.reporting.words import relative, share
from bgmatte.variants import BASELINE, COARSE

_MEASURES = (SAD, MSE, GRAD)  # of those that were printed; connectivity and foreground error are not in this report's tables
_PRINTED_SIZES = ("HD", "4K")
_STRETCHED = "mattes stretched there, not here"


@dataclass(frozen=True)
class Printed:
    """One printed row: errors in the trimap's unknown region in the order of `_MEASURES`; at HD and 4K, frames a
    second and 10⁹ multiply-adds a frame.

    `row` is its counterpart here; where there is none, `near` are the rows that come nearest and `why` says what keeps them apart.
    """

    name: str
    errors: tuple[float, float, float]
    rates: tuple[float, ...] = ()
    work: tuple[float, ...] = ()
    row: str = ""
    near: tuple[str, ...] = ()
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class Printout:
    """One printed table: the set it was measured on, its default and its other rows."""

    where: str
    default: Printed
    others: tuple[Printed, ...]


_TWO_LEFT_OUT = ("one data set removed there,", "here two: relatives only")
_PRINTOUTS: Mapping[int, Printout] = {
    3: Printout(
        "AIM, 11 people × 5 backgrounds",
        Printed("all three data sets", (12.86, 12.01, 8426)),
        (
            Printed("without PhotoMatte13K", (14.05, 14.10, 10102), near=("only-videomatte", "only-distinctions"), why=_TWO_LEFT_OUT),
            Printed("without VideoMatte240K", (15.17, 17.31, 11907), near=("only-photomatte", "only-distinctions"), why=_TWO_LEFT_OUT),
            Printed("without Distinctions-646", (15.95, 19.51, 11911), near=("only-videomatte", "only-photomatte"), why=_TWO_LEFT_OUT),
            Printed("AIM as a fourth data set", (14.19, 14.70, 9629), why=("this study adds no data set",)),
        ),
    ),
    4: Printout(
        "Distinctions-646, 11 people × 5 backgrounds",
        Printed("ResNet-50", (9.19, 7.08, 6345), (60.0, 33.2), (34.3, 41.5), BASELINE),
        (
            Printed("ResNet-101", (9.30, 6.82, 6191), (42.5, 29.8), (44.0, 51.2), "base-resnet101"),
            Printed("MobileNetV2", (10.53, 9.62, 7904), (100.6, 45.4), (9.9, 17.0), "base-mobilenetv2"),
        ),
    ),
    5: Printout(
        "Distinctions-646, 11 people × 5 backgrounds",
        Printed("3×3 convolutions at half, then full resolution", (9.19, 7.08, 6345)),
        (
            Printed(
                "1×1 convolutions in their place",
                (9.36, 8.06, 7319),
                near=("stages-full", "stages-half"),
                why=("it gives up a pixel’s surroundings,", "the rows here one of two resolutions:", "relatives only"),
            ),
        ),
    ),
}
_COLUMNS = (
    ("changed", "from the default"),
    ("measure", "unit, region"),
    ("published", ""),
    ("published change", "against its default; no interval"),
    ("here", ""),
    ("change here", "against the baseline (95 % interval)"),
    ("comparable?", ""),
)


def published(study: Study, ablation: int) -> Table | None:
    """The printed numbers that come nearest to one ablation, each beside this study's; None where nothing comparable was printed (ablation 2)."""
    if ablation == 1:
        return _base_alone(study)
    if ablation not in _PRINTOUTS:
        return None
    printout = _PRINTOUTS[ablation]
    rows = [line for other in printout.others for line in _lines(study, printout.default, other)]
    caption = (
        f"Published beside ours: errors in the trimap’s unknown region, theirs on {printout.where}, trained to the end on the real data sets, once; "
        "ours on this study’s held-out people. Levels differ for too many reasons to be compared; changes relative to each one’s default may be, "
        "as far as the last column says"
    )
    default = _default_lines(study, printout.default)
    return Table(caption, _COLUMNS, (*default, *rows), frozenset(_starts(len(default), printout, rows)))


def _default_lines(study: Study, default: Printed) -> list[tuple[Cell, ...]]:
    why = unlike_published(study)
    lines = [
        (
            Cell(f"{default.name} (default)"),
            _measured(measure),
            _printed(value),
            Cell(""),
            _level(study, BASE, measure),
            Cell(""),
            Cell("no", why if measure != GRAD else (*why, _STRETCHED)),
        )
        for measure, value in zip(_MEASURES, default.errors, strict=True)
    ]
    return [*lines, *_work_lines(study, default, default)]


def _lines(study: Study, default: Printed, other: Printed) -> list[tuple[Cell, ...]]:
    """One line for each measure, then one for each size timed and counted."""
    lines: list[tuple[Cell, ...]] = []
    for measure, value, usual in zip(_MEASURES, other.errors, default.errors, strict=True):
        ours = _counterpart(study, Arm(other.row), measure) if other.row else _relatives(study, other, measure)
        printed = (_printed(value), _per_cent(value, usual))
        lines.append((Cell(other.name), _measured(measure), *printed, *ours, _comparable(study, other, measure)))
    for size, rate, usual in zip(_PRINTED_SIZES, other.rates, default.rates, strict=False):
        timed = next((each["rows"][other.row] for each in sizes(study.timing) if each["name"] == size and other.row in each["rows"]), None)
        ratio = timed.get("ratio") if timed else None
        ours = (
            (Cell(f"{number(timed['fps'])} fps", value=timed["fps"]), Cell(f"×{spanned(ratio)}", value=ratio["median"]))
            if timed and ratio
            else (Cell("not timed"), Cell("not timed"))
        )
        printed = (Cell(f"{rate} fps", value=rate), _times(usual, rate))
        why = Cell("the ratio only", ("same networks and patches;", "RTX 2080 Ti in FP32 there,", "another machine here"))
        lines.append((Cell(other.name), Cell("time of a frame", (size,)), *printed, *ours, why))
    return [*lines, *_work_lines(study, default, other)]


def _work_lines(study: Study, default: Printed, other: Printed) -> list[tuple[Cell, ...]]:
    """One line for each size at which multiply-adds were printed: the one number that data, training and machine leave alone."""
    lines: list[tuple[Cell, ...]] = []
    for size, count, usual in zip(_PRINTED_SIZES, other.work, default.work, strict=False):
        rows: Mapping[str, Any] = next((each["rows"] for each in sizes(study.timing) if each["name"] == size), {})
        ours, base = (rows.get(row, {}).get("gmacs") for row in (other.row, BASELINE))
        name = other.name if other is not default else f"{default.name} (default)"
        mine = (Cell(number(ours), value=ours), _times(ours, base)) if ours and base else (Cell("not counted"), Cell("not counted"))
        printed = (Cell(f"{count}", value=count), _times(count, usual))
        if other is default:
            mine, printed = (mine[0], Cell("")), (printed[0], Cell(""))
        why = Cell("yes", ("same networks and patches",))
        lines.append((Cell(name), Cell("multiply-adds a frame", (f"10⁹, {size}",)), *printed, *mine, why))
    return lines


def _times(value: float, usual: float) -> Cell:
    return Cell(f"×{value / usual:.2f}", value=value / usual)


def _comparable(study: Study, other: Printed, measure: Measure) -> Cell:
    if not other.row:
        return Cell("no counterpart", other.why)
    stretched = (_STRETCHED,) if measure == GRAD else ()
    return Cell("the direction only", (*unlike_published(study), "one training there, no interval", *stretched))


def _base_alone(study: Study) -> Table | None:
    """The one published row near ablation 1: Robust Video Matting’s table ran BackgroundMattingV2 with the base network alone."""
    lines = [
        (
            Cell("base network alone, MobileNetV2"),
            Cell(f"{measure.title} {measure.unit}, whole frame"),
            _printed(value),
            Cell("none"),
            _level(study, Arm(COARSE), measure, ""),
            _change(study, Arm(COARSE), measure, ""),
            Cell("no", ("another encoder, video of real people,", "no row with its refiner beside it")),
        )
        for measure, value in ((MAD, 4.33), (MSE, 0.32))
    ]
    caption = (
        "Published beside ours: no row without the refinement network was printed by the paper. The nearest is in Robust Video Matting, whose row "
        "for this method ran the base network alone (VideoMatte240K test clips, HD, static background)"
    )
    return Table(caption, _COLUMNS, tuple(lines)) if BASE in compare(study, MAD.column) else None


def _printed(value: float) -> Cell:
    """A printed number with the digits it was printed with."""
    return Cell(f"{value:,.0f}" if value >= 1000 else f"{value:.2f}", value=value)


def _counterpart(study: Study, arm: Arm, measure: Measure) -> tuple[Cell, Cell]:
    return _level(study, arm, measure), _change(study, arm, measure)


def _relatives(study: Study, other: Printed, measure: Measure) -> tuple[Cell, Cell]:
    results = compare(study, measure.column + UNKNOWN)
    found = {row: results[Arm(row)].difference for row in other.near if Arm(row) in results}
    changes = tuple(f"{row} {share(difference)}" for row, difference in found.items() if difference is not None)
    return Cell("none"), Cell("relatives" if changes else "none", changes)


def _measured(measure: Measure) -> Cell:
    return Cell(f"{measure.title} {measure.unit if measure != GRAD else ''}".strip(), ("unknown region",))


def _level(study: Study, arm: Arm, measure: Measure, region: str = UNKNOWN) -> Cell:
    result = compare(study, measure.column + region).get(arm)
    if result is None:
        return Cell("not run")
    factor = 1.0 if measure == GRAD else measure.factor  # the paper prints the gradient error without a factor
    return estimate_cell(result.level, factor)


def _change(study: Study, arm: Arm, measure: Measure, region: str = UNKNOWN) -> Cell:
    result = compare(study, measure.column + region).get(arm)
    shown = relative(result.difference) if result and result.difference else None
    if result is None or result.difference is None or result.difference.relative is None or shown is None:
        return Cell("not run" if result is None else "not defined")
    return Cell(f"{shown[0]} %", (shown[1],), result.tone, value=100 * result.difference.relative)


def _per_cent(value: float, usual: float) -> Cell:
    change = 100 * (value / usual - 1)
    return Cell(f"{signed(change)} %", value=change)


def _starts(first: int, printout: Printout, rows: Sequence[tuple[Cell, ...]]) -> list[int]:
    """Where the lines of another printed row begin."""
    each = len(rows) // len(printout.others)
    return [first + each * place for place in range(len(printout.others))]
