"""The reference line without learning: a soft threshold on the difference of source and captured background."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from bgmatte.images import difference

LOWS = torch.linspace(0, 0.2, 21)  # thresholds tried, in 0–1 units
WIDTHS = torch.linspace(0.02, 0.4, 20)  # how far above `low` a pixel counts as opaque


@dataclass(frozen=True)
class DifferenceKey:
    """Alpha is 0 where the mean |I − B| over channels is below `low`, 1 above `high`, linear between."""

    low: float
    high: float

    def __call__(self, src: Tensor, bgr: Tensor) -> Tensor:
        """(B, 3, H, W) each, 0–1 → alpha (B, 1, H, W)."""
        return _ramp(difference(src, bgr), self.low, self.high - self.low)


def tuned_key(pictures: Iterable[tuple[Tensor, Tensor, Tensor]]) -> DifferenceKey:
    """The key with the least mean absolute error over (src, bgr, true alpha) triples, found by trying a grid."""
    errors = torch.zeros(len(LOWS), len(WIDTHS), dtype=torch.float64)
    for src, bgr, true in pictures:
        seen = difference(src, bgr)
        for i, low in enumerate(LOWS.tolist()):
            for j, width in enumerate(WIDTHS.tolist()):
                errors[i, j] += (_ramp(seen, low, width) - true).abs().mean()
    i, j = divmod(int(errors.argmin()), len(WIDTHS))
    return DifferenceKey(low=float(LOWS[i]), high=float(LOWS[i] + WIDTHS[j]))


def _ramp(seen: Tensor, low: float, width: float) -> Tensor:
    return ((seen - low) / width).clamp(0, 1)
