"""Where the time of a frame goes: one bar for each network and path, its parts one after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bgmatte.figures.style import AMBER, BLUE, FAINT, GREEN, GREY, INK, PAPER, RED, ROSE, SKY, Figure, draw

_TONES = (BLUE, SKY, GREEN, GREY, RED, AMBER, ROSE)
_BAR, _FRAME = 0.34, 0.95  # height of a bar and of what surrounds a panel [in]


@dataclass(frozen=True)
class Bar:
    """One network on one path at one picture size: part → median time [ms]."""

    label: str
    size: str
    parts: Mapping[str, float]


def time_by_part(bars: Sequence[Bar], alt: str) -> Figure:
    """Stacked bars, one panel for each picture size; the sum stands at a bar's end."""
    sizes = list(dict.fromkeys(bar.size for bar in bars))
    counts = [sum(bar.size == size for bar in bars) for size in sizes]

    def paint(canvas: Any, narrow: bool) -> None:
        grid = canvas.subplots(len(sizes), 1, squeeze=False, height_ratios=[count + 1 for count in counts])
        for axes, size in zip(grid[:, 0], sizes, strict=True):
            _panel(axes, size, [bar for bar in bars if bar.size == size])
        handles, labels = grid[0, 0].get_legend_handles_labels()
        canvas.legend(handles, labels, loc="outside upper center", ncols=3 if narrow else len(labels), fontsize=8, handlelength=1)

    height = _BAR * sum(counts) + _FRAME * len(sizes) + 0.3
    return draw("parts", "Where the time of a frame goes", alt, paint, height, height + 0.4)


def _panel(axes: Any, size: str, bars: Sequence[Bar]) -> None:
    left = [0.0] * len(bars)
    for part, tone in zip(bars[0].parts, _TONES, strict=True):
        widths = [bar.parts[part] for bar in bars]
        axes.barh(range(len(bars)), widths, left=left, color=tone, edgecolor=PAPER, linewidth=0.5, height=0.7, label=part)
        left = [before + width for before, width in zip(left, widths, strict=True)]
    for place, total in enumerate(left):
        axes.text(total, place, f" {total:,.0f}", va="center", fontsize=8, color=INK)
    axes.set_yticks(range(len(bars)), [bar.label for bar in bars], fontsize=8)
    axes.invert_yaxis()
    axes.set_title(size)
    axes.set_xlabel("median time of each part [ms]")
    axes.set_xlim(0, 1.1 * max(left))
    axes.grid(axis="x", color=FAINT)
