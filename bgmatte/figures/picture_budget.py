"""Quality against budget: what each selector makes of every number of patches, on one picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bgmatte.figures.labels import Label, label_beside
from bgmatte.figures.style import AMBER, BLUE, BROWN, FAINT, GREEN, GREY, ROSE, SKY, Figure, draw

TONES = {"error": BLUE, "random": AMBER, "grid": GREEN, "edge": ROSE, "edge-image": SKY, "difference": BROWN, "oracle": GREY}
Curve = Sequence[tuple[int, float]]  # (patches, MAD)


@dataclass(frozen=True)
class Spots:
    """Where on a drawing a point of data lies, in shares of its width and height from the left and the top."""

    axes: Any

    def at(self, patches: int, mad: float) -> tuple[float, float]:
        """The spot of a number of patches and a MAD."""
        frame = self.axes.get_position()
        x, y = self.axes.transAxes.inverted().transform(self.axes.transData.transform((patches, 1e3 * mad)))
        return frame.x0 + float(x) * frame.width, 1 - frame.y0 - float(y) * frame.height


def budget_curves(curves: Mapping[str, Curve], picture: str) -> tuple[Figure, Spots]:
    """MAD of one picture after each budget, a line for each selector, and where points lie on the narrow drawing; at least one curve."""
    held: dict[bool, Any] = {}

    def paint(canvas: Any, narrow: bool) -> None:
        axes = held[narrow] = canvas.subplots()
        labels, end = [], 1e3 * next(iter(curves.values()))[-1][1]  # where nearly all meet: some selectors leave patches out
        for name, curve in curves.items():
            places, errors = [patches for patches, _ in curve], [1e3 * mad for _, mad in curve]
            tone, dashed = TONES[name], name == "oracle"
            axes.plot(places, errors, color=tone, linewidth=1.6, linestyle="--" if dashed else "-")
            labels.append((errors[len(errors) * 2 // 3], Label(places[-1], end, name, tone)))
        axes.set_xscale("symlog", linthresh=1, linscale=0.4)
        axes.set_xlim(0, max(patches for curve in curves.values() for patches, _ in curve))
        axes.set_xlabel("patches refined (logarithmic)")
        axes.set_ylabel("MAD [×10⁻³]" if narrow else "MAD of the frame [×10⁻³]")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value / 1000:g}k" if value >= 1000 else f"{value:g}")
        axes.grid(color=FAINT)
        label_beside(axes, [label for _, label in sorted(labels, key=lambda pair: pair[0])], size=8, room=0.11 if narrow else 0.075)

    figure = draw("budget", f"Quality against budget: {picture}", _alt(curves), paint, 2.9, 1.8)
    return figure, Spots(held[True])


def _alt(curves: Mapping[str, Curve]) -> str:
    told = "; ".join(f"{name} {1e3 * curve[0][1]:.1f} → {1e3 * min(mad for _, mad in curve):.1f} at best" for name, curve in curves.items())
    return f"MAD (×10⁻³) of one picture from no refined patch on, by selector: {told}."
