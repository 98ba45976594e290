"""Means with their intervals, one line each: forest plots, levels, shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

from bgmatte.figures.style import BLUE, FAINT, INK, PAPER, SOFT, Figure, draw

_ROW, _FRAME = 0.30, 0.85  # height of one line and of what surrounds a panel [in]
_NARROW_ROW = 0.42  # on a phone the label stands above its line
_HEAD, _FOOT = 0.42, 0.6  # of panels on one axis: height of a title, and of the axis under the last of them [in]


@dataclass(frozen=True)
class Line:
    """One estimate: where it lies, how far it may be trusted, and what is written beside it."""

    label: str
    mean: float
    low: float
    high: float
    text: str
    tone: str = BLUE
    hollow: bool = False


@dataclass(frozen=True)
class Panel:
    """Lines that share one axis; `marks` are vertical lines at a position, with words or none."""

    title: str
    axis: str
    lines: tuple[Line, ...]
    marks: tuple[tuple[float, str], ...] = ()


def interval_plot(name: str, title: str, alt: str, panels: Sequence[Panel], shared: bool = False) -> Figure:
    """Every line's mean as a dot on its 95 % interval, panel under panel; `shared`: on one axis, written under the last."""
    lines = [len(panel.lines) for panel in panels]

    def paint(canvas: Any, narrow: bool) -> None:
        grid = canvas.subplots(len(panels), 1, squeeze=False, height_ratios=[count + 1.4 for count in lines])
        for axes, panel in zip(grid[:, 0], panels, strict=True):
            _panel(axes, panel, narrow)
        if shared:
            _one_axis(grid[:, 0])

    frames = _HEAD * len(panels) + _FOOT if shared else _FRAME * len(panels)
    return draw(name, title, alt, paint, _ROW * sum(lines) + frames, _NARROW_ROW * sum(lines) + frames)


def _one_axis(every: Sequence[Any]) -> None:
    """Equal limits, with marks and words under the last alone."""
    limits = [axes.get_xlim() for axes in every]
    for axes in every:
        axes.set_xlim(min(low for low, _ in limits), max(high for _, high in limits))
    for axes in every[:-1]:
        axes.set_xlabel("")
        axes.spines["bottom"].set_visible(False)
        axes.tick_params(axis="x", length=0, labelbottom=False)


def _panel(axes: Any, panel: Panel, narrow: bool) -> None:
    places = range(len(panel.lines))
    for place, line in zip(places, panel.lines, strict=True):
        axes.plot([line.low, line.high], [place, place], color=line.tone, linewidth=2.2, solid_capstyle="butt")
        axes.plot(line.mean, place, "o", color=line.tone, markerfacecolor=PAPER if line.hollow else line.tone, markersize=6.5, markeredgewidth=1.6)
    for position, words in panel.marks:
        if narrow:  # beside each line only, so that it does not cross the words above it
            axes.vlines(
                [position] * len(places), [place - 0.16 for place in places], [place + 0.2 for place in places], color=SOFT, linewidth=1, zorder=0
            )
        else:
            axes.axvline(position, color=SOFT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        if words:
            axes.annotate(
                words,
                (position, -0.95 if narrow else -0.62),
                xytext=(3, 0),
                textcoords="offset points",
                fontsize=8,
                color=SOFT,
                va="center",
                annotation_clip=False,
            )

    axes.set_ylim(len(panel.lines) - 0.4, -1.15 if narrow and panel.marks else -1.0 if narrow or panel.marks else -0.7)
    axes.set_xlabel(fill(panel.axis, 46) if narrow else panel.axis)
    axes.set_ylabel("")
    axes.set_title(fill(panel.title, 40) if narrow else panel.title, fontsize=9 if narrow else 10)
    if not narrow:
        axes.grid(axis="x", color=FAINT)
    axes.spines["left"].set_visible(False)
    (_labels_above if narrow else _labels_beside)(axes, panel.lines)


def _labels_beside(axes: Any, lines: Sequence[Line]) -> None:
    axes.set_yticks(range(len(lines)), [line.label for line in lines])
    axes.tick_params(axis="y", length=0)
    right = axes.secondary_yaxis("right")
    right.set_yticks(range(len(lines)), [line.text for line in lines])
    right.tick_params(axis="y", length=0, labelsize=9)
    right.spines["right"].set_visible(False)


def _labels_above(axes: Any, lines: Sequence[Line]) -> None:
    axes.set_yticks([])
    for place, line in enumerate(lines):
        axes.text(0.0, place - 0.36, f"{line.label}  {line.text}", transform=axes.get_yaxis_transform(), fontsize=8.3, color=INK, va="center")
