"""Error by distance from the true contour and by band of true alpha: which pixels a row is better or worse on. No torch."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from bgmatte.figures import Bands, Figure, error_by_band
from bgmatte.figures.style import TONES
from bgmatte.reporting.blocks import Cell, Drawing, Points, Section, Table
from bgmatte.reporting.comparisons import BASE, Result, compare, family
from bgmatte.reporting.measures import MAD
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.tables import number_cell
from bgmatte.reporting.words import change, listed, spanned
from bgmatte.variants import BASELINE, COARSE, KEY

_QUARTERS = {"0": "0", "25": "¼", "50": "½", "75": "¾", "100": "1"}


@dataclass(frozen=True)
class Kind:
    """One way to part the pixels: the prefix of its columns, and what figure and table call it."""

    prefix: str
    figure: str
    title: str
    axis: str
    unit: str
    caption: str


DISTANCE = Kind(
    "mad_band_",
    "error-by-distance",
    "Error by distance from the contour",
    "distance from the true contour [px]",
    " px",
    "Error by distance from the true contour (where alpha passes ½)",
)
ALPHA = Kind(
    "mad_alpha_",
    "error-by-alpha",
    "Error by band of true alpha",
    "true alpha (0 and 1: exactly)",
    "",
    "Error by band of true alpha (each fractional band without its lower end, the last without 1)",
)


def bands(study: Study, kind: Kind = DISTANCE) -> dict[str, str]:
    """The bands that the records measured: column → distance or alpha in words, from near to far and from 0 to 1."""
    lines = [line for record in study.runs.get(BASELINE, ()) for line in record.images[:1]]
    columns = [column for line in lines[:1] for column in line if column.startswith(kind.prefix)]
    return {column: _words(column, kind) for column in sorted(columns, key=lambda column: _ends(column, kind))}


def distance_curves(study: Study) -> Figure | None:
    """Baseline, one-stage refiners and, for scale, no refinement and no learning, by distance; None where no band was measured."""
    return _curves(study, DISTANCE)


def distance_table(study: Study) -> Table | None:
    """The same in numbers; None where no band was measured."""
    return _table(study, DISTANCE)


def by_distance(study: Study, arm: Arm) -> str:
    """In which bands of distance an arm is clearly better and worse than the baseline, e.g. 'lower at 0–2 px'; empty where in none."""
    tones = {words: results[arm].tone for words, results in _compared(study, DISTANCE).items() if arm in results}
    said = [
        f"{word} at {listed(places)}{DISTANCE.unit}"
        for tone, word in (("better", "lower"), ("worse", "higher"))
        if (places := [words for words, found in tones.items() if found == tone])
    ]
    return listed(said, last=" and clearly ")


def alpha_curves(study: Study) -> Figure | None:
    """The same rows by band of true alpha; None where no band was measured."""
    return _curves(study, ALPHA)


def alpha_table(study: Study) -> Table | None:
    """The same in numbers; None where no band was measured."""
    return _table(study, ALPHA)


def band_section(study: Study) -> Section | None:
    """Error by band of true alpha (that by distance stands with ablation 5); None where it was not measured."""
    figure, table = alpha_curves(study), alpha_table(study)
    if figure is None or table is None:
        return None
    about = Points(
        (
            ("The question.", "On which pixels does a matte err: in the background, inside the subject, or where alpha is fractional?"),
            (
                "What was done.",
                "The absolute error of every picture is averaged over the pixels of each band of true alpha alone: exactly 0, four bands of "
                "fractional alpha, exactly 1. The same error by distance from the contour stands with ablation 5.",
            ),
            ("Found.", _found(study)),
        )
    )
    reading = Points(
        (
            (
                "How to read it.",
                "Above, how large the error is in a band; below, how it differs from the baseline’s on the same pictures. Few pixels are "
                "fractional and most are 0, so a small change at alpha 0 can outweigh a large one at ½ in the mean over the frame. The key, which "
                "learns nothing, stands above for scale and below would flatten the rest: its differences are in the table.",
            ),
            (
                "Limits.",
                "A picture without a pixel in a band has no number there. Each band is a comparison of its own; Holm’s correction runs over the "
                "rows of an ablation within a band, not over bands: a single clear band among many is a hint.",
            ),
        )
    )
    drawing = Drawing(figure, "Means with 95 % intervals over subjects; below, the paired change in each band.")
    return Section("bands", "Error by band of true alpha", (about, drawing, table, reading))


def _found(study: Study) -> str:
    """In which bands each row is clearly worse or better than the baseline."""
    found = _compared(study, ALPHA)
    parts = []
    for arm in _arms(study)[1:]:
        clear = {tone: [words for words, results in found.items() if arm in results and results[arm].tone == tone] for tone in ("worse", "better")}
        told = [
            f"{tone} {'in every band' if len(places) == len(found) else f'at alpha {listed(places)}'}" for tone, places in clear.items() if places
        ]
        parts.append(f"{arm.row}: {' and '.join(told) or 'no clear difference in any band'}")
    base = {words: results[BASE] for words, results in found.items() if BASE in results}
    most = max(base, key=lambda words: base[words].level.mean)
    level = spanned(base[most].level)
    return f"The baseline’s highest observed mean is at alpha {most}: MAD {level} ×10⁻³. Against it, band by band: {'; '.join(parts)}."


def _curves(study: Study, kind: Kind) -> Figure | None:
    found = _compared(study, kind)
    arms = [arm for arm in _arms(study) if any(arm in results for results in found.values())]
    if not found or len(arms) < 2:
        return None
    rows = [
        Bands(
            arm.row,
            TONES[arm.row],
            tuple(_error(results.get(arm)) for results in found.values()),
            tuple(None if arm.reference else _change(results.get(arm)) for results in found.values()),
            arm.reference,
        )
        for arm in arms
    ]
    stories = "; ".join(f"{words}{kind.unit} {_story(results, arms)}" for words, results in found.items())
    alt = f"MAD (×10⁻³) with 95 % interval, {kind.title.lower()}: {stories}."
    return error_by_band(kind.figure, kind.title, kind.axis, tuple(found), rows, alt)


def _table(study: Study, kind: Kind) -> Table | None:
    found = _compared(study, kind)
    arms = [arm for arm in _arms(study) if any(arm in results for results in found.values())]
    if not found or len(arms) < 2:
        return None
    rows = tuple((Cell(arm.row), *(number_cell(results.get(arm), MAD) for results in found.values())) for arm in arms)
    columns = (("row", ""), *((f"{words}{kind.unit}", "MAD ×10⁻³ in the band") for words in found))
    caption = f"{kind.caption}; under each mean the difference to the baseline with its interval and adjusted p, the family of each band on its own"
    return Table(caption, columns, rows)


@cache
def _compared(study: Study, kind: Kind) -> Mapping[str, dict[Arm, Result]]:
    """Band in words → the comparisons of the rows that are shown; no others, because every band costs as much as a whole measure."""
    shown = replace(study, runs={arm.row: study.runs[arm.row] for arm in _arms(study) if arm.row in study.runs})
    return {words: compare(shown, column) for column, words in bands(study, kind).items()}


def _arms(study: Study) -> tuple[Arm, ...]:
    return (BASE, *family(study, 5), *(arm for arm in study.arms if arm.row in (COARSE, KEY)))


def _ends(column: str, kind: Kind) -> tuple[int, ...]:
    """The ends of a band as numbers, so that bands can be put in order: (0,), (0, 25) … (75, 100), (100, 100)."""
    ends = [int(end) for end in column.removeprefix(kind.prefix).split("_") if end != "up"]
    return (ends[0], ends[0]) if ends == [100] else tuple(ends)


def _words(column: str, kind: Kind) -> str:
    low, _, high = column.removeprefix(kind.prefix).partition("_")
    if kind is ALPHA:
        return "–".join(_QUARTERS.get(end, f"{int(end) / 100:g}") for end in (low, high) if end)
    return f"≥ {low}" if high == "up" else f"{low}–{high}"


def _error(result: Result | None) -> tuple[float, float, float] | None:
    return None if result is None else (MAD.factor * result.level.low, MAD.factor * result.level.mean, MAD.factor * result.level.high)


def _change(result: Result | None) -> tuple[float, float, float] | None:
    found = result.difference if result else None
    if found is None or found.relative is None or found.relative_low is None or found.relative_high is None:
        return None
    return 100 * found.relative_low, 100 * found.relative, 100 * found.relative_high


def _story(results: dict[Arm, Result], arms: list[Arm]) -> str:
    parts = []
    for arm in (arm for arm in arms if arm in results):
        difference = results[arm].difference
        parts.append(f"{arm.row} {change(difference)} against the baseline" if difference else f"{arm.row} {spanned(results[arm].level)}")
    return ", ".join(parts)
