"""Names written beside what they name, pushed apart where they would overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_ROOM = 0.055  # height of one line of text as a share of the axes'


@dataclass(frozen=True)
class Label:
    """A point in data units, what it is called, and its tone."""

    x: float
    y: float
    words: str
    tone: str


def label_beside(axes: Any, labels: Sequence[Label], size: float = 9) -> None:
    """Write every label right of the axes at its point's height, with a thin line from point to name."""
    axes.get_ylim()  # settles the limits before points are placed among them
    height = {label: axes.transAxes.inverted().transform(axes.transData.transform((label.x, label.y)))[1] for label in labels}
    places = spread(sorted(height.values()), _ROOM)
    for label, place in zip(sorted(labels, key=lambda one: height[one]), places, strict=True):
        line = {"arrowstyle": "-", "color": label.tone, "linewidth": 0.7, "alpha": 0.6, "shrinkA": 1, "shrinkB": 3, "relpos": (0, 0.5)}
        axes.annotate(
            label.words,
            (label.x, label.y),
            xytext=(1.03, place),
            textcoords="axes fraction",
            color=label.tone,
            fontsize=size,
            va="center",
            arrowprops=line,
            annotation_clip=False,
        )


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Ascending places moved as little as it takes for neighbours to be `gap` apart, each crowd about its own middle."""
    crowds: list[list[float]] = []  # the wished places of neighbours that touch
    for place in places:
        crowds.append([place])
        while len(crowds) > 1 and _bottom(crowds[-1], gap) < _bottom(crowds[-2], gap) + gap * len(crowds[-2]):
            last = crowds.pop()
            crowds[-1] += last
    return [_bottom(crowd, gap) + gap * step for crowd in crowds for step in range(len(crowd))]


def _bottom(crowd: Sequence[float], gap: float) -> float:
    return sum(crowd) / len(crowd) - gap * (len(crowd) - 1) / 2
