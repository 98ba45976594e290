"""Error by a band of pixels, of distance from the contour or of true alpha: how large in each, and how it changes against the baseline."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bgmatte.figures.labels import plain_log
from bgmatte.figures.spans import Point, Trace, barred
from bgmatte.figures.style import FAINT, SOFT, Figure, draw

Span = tuple[float, float, float]  # low, mean, high
_SPREAD = 0.6  # share of a band's width over which its rows are drawn side by side


@dataclass(frozen=True)
class Bands:
    """One row: its error in each band [×10⁻³] and the change against the baseline [%]; None where there is none, as for the baseline.

    `reference` rows, which no user could deploy or which learn nothing, are hollow.
    """

    label: str
    tone: str
    errors: tuple[Span | None, ...]
    changes: tuple[Span | None, ...]
    reference: bool = False


def error_by_band(name: str, title: str, axis: str, bands: Sequence[str], rows: Sequence[Bands], alt: str) -> Figure:
    """Mean absolute error of each row in each of the `bands` above, its change against the baseline below; `axis` says what the bands are of."""

    def paint(canvas: Any, narrow: bool) -> None:
        upper, lower = canvas.subplots(2, 1, sharex=True, height_ratios=[1, 1.2])
        for place, row in enumerate(rows):
            aside = _SPREAD * ((place + 0.5) / len(rows) - 0.5)
            for axes, spans in ((upper, row.errors), (lower, row.changes)):
                points = tuple(Point(band + aside, *span) for band, span in enumerate(spans) if span is not None)
                if points:
                    barred(axes, Trace(row.label, row.tone, points, dashed=row.reference))
        plain_log(upper)
        upper.set_ylabel("MAD in the band\n[×10⁻³], log scale" if narrow else "MAD in the band [×10⁻³],\nlog scale")
        lower.axhline(0, color=SOFT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        lower.set_ylabel("row − baseline\n[% of the baseline]")
        lower.set_xticks(range(len(bands)), bands)
        lower.set_xlim(-0.5, len(bands) - 0.5)
        lower.set_xlabel(axis)
        for axes in (upper, lower):
            axes.grid(axis="y", color=FAINT)
        canvas.legend(*upper.get_legend_handles_labels(), loc="outside upper center", ncols=2 if narrow else len(rows), fontsize=8)

    return draw(name, title, alt, paint, 5.0, 5.2)
