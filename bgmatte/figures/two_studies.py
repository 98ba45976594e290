"""The same rows in two studies: two intervals at each row's height."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

from bgmatte.figures.style import BLUE, FAINT, INK, PAPER, RED, SOFT, Figure, draw

_ROW, _NARROW_ROW, _FRAME = 0.42, 0.66, 1.25  # height of one row, of one on a phone, and of what surrounds them [in]
_APART = 0.17  # of the two intervals of a row, from its middle [rows]


@dataclass(frozen=True)
class Estimate:
    """A mean with its interval and the words beside it."""

    mean: float
    low: float
    high: float
    text: str


@dataclass(frozen=True)
class Twin:
    """One row in both studies; None where a study lacks it."""

    label: str
    first: Estimate | None
    second: Estimate | None


def two_studies(name: str, title: str, alt: str, axis: str, names: tuple[str, str], rows: Sequence[Twin]) -> Figure:
    """Every row's two means on their 95 % intervals, the first study filled above, the second hollow below; 0 is the baseline of each."""

    def paint(canvas: Any, narrow: bool) -> None:
        axes = canvas.subplots()
        for place, row in enumerate(rows):
            for found, tone, inside, offset in ((row.first, BLUE, BLUE, -_APART), (row.second, RED, PAPER, _APART)):
                if found is not None:
                    _interval(axes, found, place + offset, tone, inside)
        axes.axvline(0, color=SOFT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        axes.set_ylim(len(rows) - 0.4, -1.0 if narrow else -0.7)
        axes.set_xlabel(fill(axis, 46) if narrow else axis)
        axes.grid(axis="x", color=FAINT)
        axes.spines["left"].set_visible(False)
        (_words_above if narrow else _words_beside)(axes, rows)
        _legend(axes, names, narrow)

    return draw(name, title, alt, paint, _ROW * len(rows) + _FRAME, _NARROW_ROW * len(rows) + _FRAME + 0.3)


def _interval(axes: Any, found: Estimate, height: float, tone: str, inside: str) -> None:
    axes.plot([found.low, found.high], [height, height], color=tone, linewidth=2, solid_capstyle="butt")
    axes.plot(found.mean, height, "o", color=tone, markerfacecolor=inside, markersize=5.5, markeredgewidth=1.5)


def _legend(axes: Any, names: tuple[str, str], narrow: bool) -> None:
    from matplotlib.lines import Line2D

    marks = [
        Line2D([], [], color=tone, marker="o", markerfacecolor=inside, markersize=5.5, markeredgewidth=1.5, linewidth=2, label=name)
        for name, tone, inside in zip(names, (BLUE, RED), (BLUE, PAPER), strict=True)
    ]
    across = 1 if narrow else 2
    axes.legend(handles=marks, loc="lower left", bbox_to_anchor=(0, 1), ncols=across, fontsize=8.5, borderaxespad=0.1, labelcolor=INK)


def _words_beside(axes: Any, rows: Sequence[Twin]) -> None:
    axes.set_yticks(range(len(rows)), [row.label for row in rows])
    axes.tick_params(axis="y", length=0)
    for place, row in enumerate(rows):
        for found, offset in ((row.first, -_APART), (row.second, _APART)):
            words = found.text if found else "not in this study"
            axes.text(
                1.02, place + offset * 1.25, words, transform=axes.get_yaxis_transform(), fontsize=7.8, color=INK if found else SOFT, va="center"
            )


def _words_above(axes: Any, rows: Sequence[Twin]) -> None:
    axes.set_yticks([])
    for place, row in enumerate(rows):
        axes.text(0.0, place - 0.45, row.label, transform=axes.get_yaxis_transform(), fontsize=8.3, color=INK, va="center")
