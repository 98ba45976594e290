"""What one call of `matte` is to do, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bgmatte.inference.backdrop import Backdrop
from bgmatte.inference.layers import pixels
from bgmatte.inference.places import Existing
from bgmatte.inference.refusals import refusal
from bgmatte.inference.videos import shape
from bgmatte.network import Matte

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Job:
    """What is to be done. `matter` mattes two uint8 (H, W, 3) pictures; `backdrop` is needed for the layer `composite`.

    `reads` are files beside `src` and `bgr` that no result may replace, as the backdrop's.
    """

    src: Path
    bgr: Path
    out: Path
    layers: tuple[str, ...]
    matter: Callable[[np.ndarray, np.ndarray], Matte]
    backdrop: Backdrop | None = None
    existing: Existing = "refuse"
    reads: tuple[Path, ...] = ()

    def results(self, src: np.ndarray, bgr: np.ndarray) -> dict[str, np.ndarray]:
        """The layers of one pair as uint8 pixels."""
        behind = self.backdrop(src.shape[0], src.shape[1]) if self.backdrop and "composite" in self.layers else None
        return pixels(self.matter(src, bgr), self.layers, behind)


@dataclass
class Outcome:
    """How many pictures or frames were matted, and how many were there already; `failed` and `notes` hold one line each."""

    done: int = 0
    kept: int = 0
    failed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def same_size(src: tuple[int, ...], bgr: tuple[int, ...], source: Path, background: Path) -> None:
    """Raise `MatteError` unless (height, width, …) of a source and its background agree."""
    if src[:2] != bgr[:2]:
        raise refusal(background, f"{shape(bgr)} px", f"{shape(src)} px as {source}")
