"""Names written beside what they name, pushed apart where they would overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# A data set's role → its name in full, in a sentence, and where it must fit the width of a phase.
ROLE_NAMES = {
    "videomatte": ("VideoMatte240K", "VideoMatte", "Video"),
    "photomatte": ("PhotoMatte13K", "PhotoMatte", "Photo"),
    "distinctions": ("Distinctions-646", "Distinctions", "Distinct."),
}
FULL_ROLES, PLAIN_ROLES, SHORT_ROLES = ({role: names[length] for role, names in ROLE_NAMES.items()} for length in range(3))
# Up to which ratio of its ends a logarithmic axis is marked at which digits.
_MARKS = ((30.0, (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)), (1e3, (1.0, 2.0, 5.0)), (float("inf"), (1.0,)))
_ROOM = 0.055  # height of one line of text as a share of the axes'


@dataclass(frozen=True)
class Label:
    """A point in data units, what it is called, and its tone."""

    x: float
    y: float
    words: str
    tone: str


def label_beside(axes: Any, labels: Sequence[Label], size: float = 9, room: float = _ROOM) -> None:
    """Write every label right of the axes at its point's height or near it, with a thin line from point to name; without words, none.

    `room` is the height of one line of text as a share of the axes'. The limits must be settled before.
    """
    labels = [label for label in labels if label.words]
    axes.get_ylim()  # settles the limits before points are placed among them
    points = {label: axes.transAxes.inverted().transform(axes.transData.transform((label.x, label.y))) for label in labels}
    ordered = sorted(labels, key=lambda label: points[label][1])
    for label, place in zip(ordered, inside(spread([points[label][1] for label in ordered], room), room), strict=True):
        across, height = points[label]
        line = {"color": label.tone, "linewidth": 0.7, "alpha": 0.6, "clip_on": False}
        axes.plot([across, 1.02], [height, place], transform=axes.transAxes, **line)  # a line is drawn in a tenth of an arrow's time
        axes.text(1.03, place, label.words, transform=axes.transAxes, color=label.tone, fontsize=size, va="center")


def plain_log(axes: Any) -> None:
    """A logarithmic height whose few marks are written as plain numbers; what is drawn must be there already."""
    from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

    axes.set_yscale("log")
    low, high = axes.get_ylim()
    # Round numbers of a log scale are rare in a small range: there every fifth part of it is marked. In a large one they crowd.
    subs = next(subs for most, subs in _MARKS if high < most * low)
    axes.yaxis.set_major_locator(MaxNLocator(5) if high < 6 * low else LogLocator(subs=subs))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter("{x:g}")


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Ascending places moved as little as it takes for neighbours to be `gap` apart, each crowd about its own middle."""
    crowds: list[list[float]] = []  # the wished places of neighbours that touch
    for place in places:
        crowds.append([place])
        while len(crowds) > 1 and _bottom(crowds[-1], gap) < _bottom(crowds[-2], gap) + gap * len(crowds[-2]):
            last = crowds.pop()
            crowds[-1] += last
    return [_bottom(crowd, gap) + gap * step for crowd in crowds for step in range(len(crowd))]


def inside(places: Sequence[float], gap: float) -> list[float]:
    """Ascending places `gap` apart, moved into 0–1 from below and from above; with no room for all, those above stand out."""
    moved = [min(place, 1 - gap * (len(places) - 1 - rank)) for rank, place in enumerate(places)]
    return [max(place, gap * (rank + 0.25)) for rank, place in enumerate(moved)]


def _bottom(crowd: Sequence[float], gap: float) -> float:
    return sum(crowd) / len(crowd) - gap * (len(crowd) - 1) / 2
