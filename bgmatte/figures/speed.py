"""Quality against speed and size: what a frame costs and what it is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bgmatte.figures.labels import Label, label_beside
from bgmatte.figures.style import FAINT, INK, TONES, Figure, draw

_AREA = 3.5  # of a marker for each million of parameters [pt²]


@dataclass(frozen=True)
class Cost:
    """One row at one picture size: speed [frames a second], error with its 95 % interval [×10⁻³], parameters [millions]."""

    row: str
    size: str
    fps: tuple[float, float, float]  # at the upper quartile of the times, their median, their lower quartile
    error: tuple[float, float, float]  # low, mean, high
    parameters: float


def quality_against_speed(costs: Sequence[Cost], alt: str, name: str = "quality-speed") -> Figure:
    """MAD against frames a second, one panel for each picture size; down and right is better; a marker's area is the number of parameters."""
    sizes = list(dict.fromkeys(cost.size for cost in costs))
    most = max(sum(cost.size == size for cost in costs) for size in sizes)

    def paint(canvas: Any, narrow: bool) -> None:
        shape = (len(sizes), 1) if narrow else (1, len(sizes))
        panels = canvas.subplots(*shape, squeeze=False, sharey=True).flat
        for axes, size in zip(panels, sizes, strict=True):
            _panel(axes, size, [cost for cost in costs if cost.size == size])
        panels[0].set_ylabel("MAD, whole frame [×10⁻³]")

    height = max(3.0, 0.28 * most + 0.9)  # room for the names
    return draw(name, "Quality against speed and size", alt, paint, height, height * len(sizes))


def _panel(axes: Any, size: str, costs: Sequence[Cost]) -> None:
    for cost in costs:
        tone = TONES.get(cost.row, INK)
        left, middle, right = cost.fps
        low, mean, high = cost.error
        axes.errorbar(middle, mean, xerr=[[middle - left], [right - middle]], yerr=[[mean - low], [high - mean]], color=tone, linewidth=1.2)
        axes.scatter(middle, mean, s=_AREA * cost.parameters, color=tone, alpha=0.45, linewidths=1, edgecolors=tone)
    axes.set_title(size)
    axes.set_xlabel("frames a second")
    axes.set_xlim(left=0, right=1.1 * max(cost.fps[2] for cost in costs))
    axes.grid(color=FAINT)
    several = len({round(cost.parameters, 1) for cost in costs}) > 1
    labels = [
        Label(cost.fps[1], cost.error[1], cost.row + (f", {cost.parameters:.0f} M" if several else ""), TONES.get(cost.row, INK)) for cost in costs
    ]
    label_beside(axes, labels, size=8)
