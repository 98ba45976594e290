"""Quality against budget over many pictures: what each way of choosing patches makes of every number of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bgmatte.figures.labels import Label, label_beside
from bgmatte.figures.spans import Trace, banded
from bgmatte.figures.style import FAINT, SOFT, Figure, draw

_PANEL = 2.45  # height [in]


@dataclass(frozen=True)
class Budgets:
    """One panel: curves over budgets (patches, from 0 on), the height's name and unit, and the study's budget."""

    title: str
    axis: str
    traces: tuple[Trace, ...]
    budget: int | None = None


def quality_by_budget(panels: Sequence[Budgets], alt: str) -> Figure:
    """A panel for each measure on a logarithmic axis of budgets that begins with none; names stand in the order of the study's budget."""

    def paint(canvas: Any, narrow: bool) -> None:
        columns = 1 if narrow or len(panels) == 1 else 2
        grid = canvas.subplots(-(-len(panels) // columns), columns, squeeze=False)
        for axes in grid.flat[len(panels) :]:
            axes.set_visible(False)
        for axes, panel in zip(grid.flat, panels, strict=False):
            _panel(axes, panel)

    lines = -(-len(panels) // 2)
    return draw("quality-by-budget", "Quality against budget", alt, paint, _PANEL * lines + 0.2, _PANEL * len(panels) + 0.2)


def _panel(axes: Any, panel: Budgets) -> None:
    places = sorted({point.x for trace in panel.traces for point in trace.points})
    banded(axes, panel.traces)
    axes.axhline(0, color=SOFT, linewidth=0.8, zorder=0)
    axes.set_xscale("symlog", base=2, linthresh=places[1], linscale=0.5)
    axes.set_xlim(0, places[-1])
    shown = [places[0], *places[-1:0:-2][::-1]]
    axes.set_xticks(shown, [f"{place:,.0f}" for place in shown], minor=False)
    axes.set_xticks([], minor=True)
    axes.tick_params(labelsize=7.5)
    axes.set_title(panel.title, fontsize=9, pad=15 if panel.budget else 6)
    axes.set_xlabel("patches allowed (logarithmic)", fontsize=8.5)
    axes.set_ylabel(panel.axis, fontsize=8.5)
    axes.grid(color=FAINT)
    if panel.budget:
        axes.axvline(panel.budget, color=SOFT, linewidth=1, linestyle=(0, (2, 2)), zorder=0)
        place = {"xycoords": ("data", "axes fraction"), "xytext": (0, 2), "textcoords": "offset points"}
        axes.annotate("this study’s budget", (panel.budget, 1.0), **place, fontsize=7, color=SOFT, ha="center", va="bottom")
    ends = [(_height(trace, panel.budget), Label(trace.points[-1].x, trace.points[-1].mean, trace.label, trace.tone)) for trace in panel.traces]
    label_beside(axes, [label for _, label in sorted(ends, key=lambda end: end[0])], size=7.5, room=0.085)


def _height(trace: Trace, budget: int | None) -> float:
    """Where a curve is at the study's budget, so that names stand in the order in which the curves do there."""
    return next((point.mean for point in trace.points if budget and point.x >= budget), trace.points[-1].mean)
