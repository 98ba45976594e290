"""Error by distance from the true contour: how large in each band, and how it changes against the baseline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bgmatte.figures.labels import plain_log
from bgmatte.figures.style import FAINT, SOFT, Figure, draw

Span = tuple[float, float, float]  # low, mean, high
_SPREAD = 0.5  # share of a band's width over which its rows are drawn side by side


@dataclass(frozen=True)
class Bands:
    """One row: its error in each band [×10⁻³] and the change against the baseline [%]; None where there is none, as for the baseline."""

    label: str
    tone: str
    errors: tuple[Span | None, ...]
    changes: tuple[Span | None, ...]


def error_by_distance(bands: Sequence[str], rows: Sequence[Bands], alt: str) -> Figure:
    """Mean absolute error of each row in `bands` of distance from the contour above, its change against the baseline below."""

    def paint(canvas: Any, narrow: bool) -> None:
        upper, lower = canvas.subplots(2, 1, sharex=True, height_ratios=[1, 1.2])
        _spans(upper, rows, lambda row: row.errors)
        plain_log(upper)
        upper.set_ylabel("MAD in the band\n[×10⁻³], log scale" if narrow else "MAD in the band [×10⁻³],\nlog scale")
        lower.axhline(0, color=SOFT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        _spans(lower, rows, lambda row: row.changes)
        lower.set_ylabel("row − baseline\n[% of the baseline]")
        lower.set_xticks(range(len(bands)), bands)
        lower.set_xlabel("distance from the true contour [px]")
        canvas.legend(*upper.get_legend_handles_labels(), loc="outside upper center", ncols=2 if narrow else len(rows), fontsize=8)

    return draw("error-by-distance", "Error by distance from the contour", alt, paint, 5.0, 5.2)


def _spans(axes: Any, rows: Sequence[Bands], of: Callable[[Bands], Sequence[Span | None]]) -> None:
    for place, row in enumerate(rows):
        aside = _SPREAD * ((place + 0.5) / len(rows) - 0.5)
        known = [(band + aside, *span) for band, span in enumerate(of(row)) if span is not None]
        if not known:
            continue
        places, lows, means, highs = zip(*known, strict=True)
        reach = [[mean - low for mean, low in zip(means, lows, strict=True)], [high - mean for mean, high in zip(means, highs, strict=True)]]
        axes.errorbar(places, means, yerr=reach, fmt="o", color=row.tone, markersize=4.5, linewidth=1.6, label=row.label)
    axes.grid(axis="y", color=FAINT)
