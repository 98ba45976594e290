"""Error by distance from the true contour: what the bands in the records say of the rows of ablation 5. No torch."""

from bgmatte.figures import Bands, Figure, error_by_distance
from bgmatte.figures.style import TONES
from bgmatte.reporting.blocks import Cell, Table
from bgmatte.reporting.comparisons import BASE, Result, compare, family
from bgmatte.reporting.measures import MAD
from bgmatte.reporting.study import BASELINE, COARSE, Arm, Study
from bgmatte.reporting.tables import number_cell
from bgmatte.reporting.words import change, scaled

_PREFIX = "mad_band_"


def bands(study: Study) -> dict[str, str]:
    """The bands that the records measured: column → distance in words, nearest first."""
    lines = [line for record in study.runs.get(BASELINE, ()) for line in record.images[:1]]
    return {column: _words(column) for line in lines[:1] for column in line if column.startswith(_PREFIX)}


def distance_curves(study: Study) -> Figure | None:
    """Baseline, one-stage refiners and, for scale, no refinement at all, band by band; None where no band was measured."""
    found = {words: compare(study, column) for column, words in bands(study).items()}
    arms = [arm for arm in _arms(study) if any(arm in results for results in found.values())]
    if not found or len(arms) < 2:
        return None
    rows = [
        Bands(
            arm.row,
            TONES[arm.row],
            tuple(_error(results.get(arm)) for results in found.values()),
            tuple(_change(results.get(arm)) for results in found.values()),
        )
        for arm in arms
    ]
    stories = "; ".join(f"{words} px {_story(results, arms)}" for words, results in found.items())
    return error_by_distance(tuple(found), rows, f"MAD (×10⁻³) with 95 % interval in bands of distance from the true contour: {stories}.")


def distance_table(study: Study) -> Table | None:
    """The same in numbers; None where no band was measured."""
    found = {words: compare(study, column) for column, words in bands(study).items()}
    arms = [arm for arm in _arms(study) if any(arm in results for results in found.values())]
    if not found or len(arms) < 2:
        return None
    rows = tuple((Cell(arm.row), *(number_cell(results.get(arm), MAD) for results in found.values())) for arm in arms)
    columns = (("row", ""), *((f"{words} px", "MAD ×10⁻³ in the band") for words in found))
    caption = (
        "Error by distance from the true contour (where alpha passes ½); under each mean the difference to the baseline with its interval and "
        "adjusted p, the family of each band on its own"
    )
    return Table(caption, columns, rows)


def _arms(study: Study) -> tuple[Arm, ...]:
    return (BASE, *family(study, 5), *(arm for arm in study.arms if arm.row == COARSE))


def _words(column: str) -> str:
    low, _, high = column.removeprefix(_PREFIX).partition("_")
    return f"{low} and more" if high == "up" else f"{low}–{high}"


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
        mean, span = scaled(results[arm].level, MAD.factor)
        difference = results[arm].difference
        parts.append(f"{arm.row} {change(difference)} against the baseline" if difference else f"{arm.row} {mean} ({span})")
    return ", ".join(parts)
