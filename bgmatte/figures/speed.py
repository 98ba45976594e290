"""Quality against speed: what a frame costs and what it is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bgmatte.figures.labels import Label, label_beside
from bgmatte.figures.style import FAINT, INK, TONES, Figure, draw


@dataclass(frozen=True)
class Cost:
    """One row at one picture size: time of a frame with its quartiles [ms], error with its 95 % interval [×10⁻³]."""

    row: str
    size: str
    milliseconds: tuple[float, float, float]  # lower quartile, median, upper quartile
    error: tuple[float, float, float]  # low, mean, high


def quality_against_speed(costs: Sequence[Cost], alt: str) -> Figure:
    """MAD against the time of a frame, one panel for each picture size; down and left is better."""
    sizes = list(dict.fromkeys(cost.size for cost in costs))

    def paint(canvas: Any, narrow: bool) -> None:
        shape = (len(sizes), 1) if narrow else (1, len(sizes))
        panels = canvas.subplots(*shape, squeeze=False, sharey=True).flat
        for axes, size in zip(panels, sizes, strict=True):
            _panel(axes, size, [cost for cost in costs if cost.size == size])
        panels[0].set_ylabel("MAD, whole frame [×10⁻³]")

    return draw("quality-speed", "Quality against speed", alt, paint, 3.4, 2.9 * max(1, len(sizes)))


def _panel(axes: Any, size: str, costs: Sequence[Cost]) -> None:
    for cost in costs:
        tone = TONES.get(cost.row, INK)
        left, middle, right = cost.milliseconds
        low, mean, high = cost.error
        axes.errorbar(
            middle,
            mean,
            xerr=[[middle - left], [right - middle]],
            yerr=[[mean - low], [high - mean]],
            color=tone,
            marker="o",
            markersize=6,
            linewidth=1.6,
        )
    axes.set_title(size)
    axes.set_xlabel("time of a frame [ms]")
    axes.set_xlim(left=0, right=1.1 * max(cost.milliseconds[2] for cost in costs))
    axes.grid(color=FAINT)
    label_beside(axes, [Label(cost.milliseconds[1], cost.error[1], cost.row, TONES.get(cost.row, INK)) for cost in costs], size=8)
