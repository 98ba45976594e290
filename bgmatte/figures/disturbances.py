"""Error by the amount of what is wrong with the captured background: one small panel for each disturbance and region."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bgmatte.figures.labels import Label, label_beside, plain_log
from bgmatte.figures.spans import Trace, banded
from bgmatte.figures.style import FAINT, Figure, draw

_PANEL = 2.1  # height [in]


@dataclass(frozen=True)
class Disturbed:
    """One panel: its title, what lies across with its unit, curves in ×10⁻³, and the span of amounts that the study's other tests draw from.

    A span whose ends are equal, one amount for every picture, is drawn as a line. Amounts are linear, or logarithmic above `doubling`
    where that is given.
    """

    title: str
    axis: str
    traces: tuple[Trace, ...]
    usual: tuple[float, float] | None = None
    doubling: float | None = None


def error_by_disturbance(regions: Sequence[tuple[str, Sequence[Disturbed]]], alt: str) -> Figure:
    """For each region, named with its unit, a line of panels on one logarithmic height; on a phone two beside each other."""
    count = len(regions[0][1])

    def paint(canvas: Any, narrow: bool) -> None:
        columns = 2 if narrow else count
        lines = -(-count // columns)
        grid = canvas.subplots(lines * len(regions), columns, squeeze=False, sharey=False)
        for number, (region, panels) in enumerate(regions):
            mine = grid[number * lines : (number + 1) * lines].flat
            heights = [
                value for panel in panels for trace in panel.traces for point in trace.points for value in (point.low, point.high) if value > 0
            ]
            for place, axes in enumerate(mine):
                if place >= count:
                    axes.set_visible(False)
                    continue
                _panel(axes, panels[place], (min(heights) / 1.1, max(heights) * 1.1), named=place % columns == columns - 1 or place == count - 1)
                if place % columns == 0:
                    axes.set_ylabel(region, fontsize=8)
                else:
                    axes.tick_params(axis="y", labelleft=False)

    return draw(
        "captured", "Error by what is wrong with the captured background", alt, paint, _PANEL * len(regions), _PANEL * len(regions) * -(-count // 2)
    )


def _panel(axes: Any, panel: Disturbed, limits: tuple[float, float], named: bool) -> None:
    places = sorted({point.x for trace in panel.traces for point in trace.points})
    banded(axes, panel.traces)
    for trace in panel.traces:
        axes.plot([point.x for point in trace.points], [point.mean for point in trace.points], "o", color=trace.tone, markersize=2.8, clip_on=False)
    if panel.usual and panel.usual[0] == panel.usual[1]:
        axes.axvline(panel.usual[0], color=FAINT, linewidth=3, zorder=0)
    elif panel.usual:
        axes.axvspan(*panel.usual, color=FAINT, linewidth=0, alpha=0.6, zorder=0)
    if panel.doubling:
        axes.set_xscale("symlog", base=2, linthresh=panel.doubling, linscale=0.7)
    axes.set_xlim(places[0], places[-1])
    axes.set_xticks(places if panel.doubling else _apart(places), None, minor=False)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xticks([], minor=True)
    axes.set_ylim(*limits)
    plain_log(axes)
    axes.tick_params(labelsize=7)
    axes.set_title(panel.title, fontsize=9)
    axes.set_xlabel(panel.axis, fontsize=8)
    axes.grid(axis="y", color=FAINT)
    if named:
        label_beside(axes, [Label(trace.points[-1].x, trace.points[-1].mean, trace.label, trace.tone) for trace in panel.traces], size=7, room=0.09)


def _apart(places: Sequence[float]) -> list[float]:
    """The amounts that are marked: the ends, and between them those that leave room."""
    gap = 0.17 * (places[-1] - places[0])
    kept = [places[0]]
    for place in places[1:-1]:
        if place - kept[-1] >= gap and places[-1] - place >= gap:
            kept.append(place)
    return [*kept, places[-1]]
