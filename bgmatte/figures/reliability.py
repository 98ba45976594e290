"""How well a predicted error can be trusted: predicted against true, and how much of the true error the first patches hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bgmatte.figures.labels import Label, label_beside
from bgmatte.figures.spans import Trace, banded, barred
from bgmatte.figures.style import BLUE, FAINT, SOFT, Figure, draw


@dataclass(frozen=True)
class Share:
    """One bin of predicted error: its middle as drawn [×10⁻³] and the share of all patches in it [%]."""

    x: float
    percent: float


def predicted_and_true(bins: Trace, shares: Sequence[Share], recalls: Sequence[Trace], smallest: float, alt: str) -> Figure:
    """True over predicted error of each bin [×10⁻³] with the share of patches under it, and recall [%] over the share of patches [%].

    Both axes of the first panel are linear below `smallest`, logarithmic above.
    """

    def paint(canvas: Any, narrow: bool) -> None:
        plan, heights = ([["true"], ["share"], ["recall"]], [3, 1.1, 3]) if narrow else ([["true", "recall"], ["share", "recall"]], [3, 1.1])
        axes = canvas.subplot_mosaic(plan, height_ratios=heights)
        _true(axes["true"], bins, smallest)
        _shares(axes["share"], shares, axes["true"], smallest)
        _recall(axes["recall"], recalls)

    return draw("reliability", "Predicted and true error", alt, paint, 3.7, 6.6)


def _true(axes: Any, bins: Trace, smallest: float) -> None:
    barred(axes, bins)
    _both_ways(axes.set_xscale, axes.set_yscale, smallest)
    top = 1.5 * max(max(point.x, point.high) for point in bins.points)
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    axes.plot([0, top], [0, top], color=SOFT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_title("True against predicted error", fontsize=9)
    axes.set_ylabel("mean true error\nof a patch [×10⁻³]", fontsize=8.5)
    _ticks(axes.xaxis, axes.yaxis, top=top, smallest=smallest)
    axes.tick_params(axis="x", labelbottom=False)
    axes.tick_params(labelsize=7.5)
    axes.grid(color=FAINT)
    label_beside(axes, [Label(top, top, "as predicted", SOFT)], size=7)


def _shares(axes: Any, shares: Sequence[Share], above: Any, smallest: float) -> None:
    _both_ways(axes.set_xscale, lambda *_, **__: None, smallest)
    axes.set_xlim(*above.get_xlim())
    least = min(share.percent for share in shares)
    axes.set_yscale("log")
    axes.set_ylim(least / 3, 250)
    axes.vlines([share.x for share in shares], least / 3, [share.percent for share in shares], color=BLUE, linewidth=6)
    axes.set_yticks([mark for mark in (0.01, 0.1, 1, 10, 100) if mark >= least / 3][::-2][::-1])
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_yticks([], minor=True)
    axes.set_ylabel("patches\n[%, log]", fontsize=8.5)
    axes.set_xlabel("mean predicted error of a patch [×10⁻³]", fontsize=8.5)
    _ticks(axes.xaxis, top=above.get_xlim()[1], smallest=smallest)
    axes.tick_params(labelsize=7.5)
    axes.grid(axis="x", color=FAINT)


def _recall(axes: Any, recalls: Sequence[Trace]) -> None:
    banded(axes, recalls)
    axes.set_xscale("log")
    places = [point.x for point in recalls[0].points]
    axes.set_xlim(places[0], places[-1])
    axes.set_ylim(0, 100)
    axes.set_xticks(places, [f"{place:g}" for place in places])
    axes.set_xticks([], minor=True)
    axes.set_title("True error found in the first patches", fontsize=9)
    axes.set_xlabel("patches with the largest predicted error [%, log]", fontsize=8.5)
    axes.set_ylabel("share of the true error in them [%]", fontsize=8.5)
    axes.tick_params(labelsize=7.5)
    axes.grid(color=FAINT)
    label_beside(axes, [Label(trace.points[-1].x, trace.points[-1].mean, trace.label, trace.tone) for trace in recalls], size=7.5, room=0.06)


def _both_ways(across: Any, up: Any, smallest: float) -> None:
    for scale in (across, up):
        scale("symlog", linthresh=smallest, linscale=0.5)


def _ticks(*sides: Any, top: float, smallest: float) -> None:
    marks = [0.0, *(mark for power in range(-1, 4) for mark in (10.0**power,) if smallest <= mark <= top)]
    for side in sides:
        side.set_ticks(marks)
        side.set_major_formatter("{x:g}")
        side.set_ticks([], minor=True)
