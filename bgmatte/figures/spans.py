"""A curve with its interval: a line over a pale band, or single estimates with bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bgmatte.figures.style import PAPER

_PALE = 0.16  # opacity of a band: three of them over each other still let a line be seen


@dataclass(frozen=True)
class Point:
    """An estimate over `x` and its 95 % interval."""

    x: float
    low: float
    mean: float
    high: float


@dataclass(frozen=True)
class Trace:
    """One curve: what it is called, its tone, its points from left to right; `dashed` for what no user could deploy."""

    label: str
    tone: str
    points: tuple[Point, ...]
    dashed: bool = False


def banded(axes: Any, traces: Sequence[Trace]) -> None:
    """Every curve as a line through its means over the band of its intervals."""
    for trace in traces:
        places = [point.x for point in trace.points]
        lows, highs = [point.low for point in trace.points], [point.high for point in trace.points]
        axes.fill_between(places, lows, highs, color=trace.tone, alpha=_PALE, linewidth=0, zorder=1)
    for trace in traces:
        places, means = [point.x for point in trace.points], [point.mean for point in trace.points]
        axes.plot(places, means, color=trace.tone, linewidth=1.6, linestyle=(0, (4, 2)) if trace.dashed else "-", zorder=3)


def barred(axes: Any, trace: Trace, marker: str = "o") -> None:
    """Every estimate as a dot on the bar of its interval; hollow where the trace is `dashed`."""
    places, means = [point.x for point in trace.points], [point.mean for point in trace.points]
    reach = [[max(0.0, point.mean - point.low) for point in trace.points], [max(0.0, point.high - point.mean) for point in trace.points]]
    face = PAPER if trace.dashed else trace.tone
    axes.errorbar(places, means, yerr=reach, fmt=marker, color=trace.tone, markerfacecolor=face, markersize=4.5, linewidth=1.6, label=trace.label)
