"""One picture under one network, worked out once: afterwards a choice of patches costs a lookup.

What the refiner makes of a patch depends on the patch and its margin alone, never on which others are chosen. So every
patch is refined once, and a choice only says where the refined matte is shown and where the coarse one.
"""

import time
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional as F

from bgmatte.config import PATCH
from bgmatte.explorer.selection import RANKED, budgets
from bgmatte.explorer.shots import Shot
from bgmatte.inference.refusals import MatteError
from bgmatte.metrics import gradient_error
from bgmatte.network import MattingNetwork
from bgmatte.ranking import Ranking, ranked


@dataclass(frozen=True)
class Numbers:
    """What a choice of patches costs and gives; errors over the whole frame, None where truth is unknown.

    `mad` is a mean, `sad` a sum over pixels; `covered` is the share of the coarse matte's absolute error that lies in
    refined patches.
    """

    patches: int
    share: float  # of the frame, 0–1
    mad: float | None = None
    sad: float | None = None
    covered: float | None = None


@dataclass(frozen=True)
class Rehearsal:
    """The refiner run on one choice of patches alone: how long it took [s], and how far its matte lies from the one that is shown."""

    seconds: float
    deviation: float


class Exploration:
    """A `Shot` matted by a network in eval mode: nowhere refined (`before`) and everywhere (`after`), both (1, 4, H, W), alpha first."""

    def __init__(self, shot: Shot, network: MattingNetwork) -> None:
        self.shot, self.network = shot, network
        began = time.perf_counter()
        with torch.inference_mode():
            self.scene, self.coarse = network.glance(shot.src, shot.bgr, true_pha=shot.pha)
            glanced = time.perf_counter()
            self.before = network.refined(self.scene, self.coarse, self._cells(torch.zeros(self.patches, dtype=torch.bool)))
            self.after = network.refined(self.scene, self.coarse, None)
        self.seconds = {"base network": glanced - began, "every patch refined": time.perf_counter() - glanced}
        self._rankings: dict[str, Ranking] = {}

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns of patches."""
        return self.scene.cells

    @property
    def patches(self) -> int:
        """How many patches the frame has."""
        return self.cells[0] * self.cells[1]

    @property
    def selectors(self) -> tuple[str, ...]:
        """The selectors that can rank this picture: the oracle only where truth is known."""
        return tuple(name for name in RANKED if name != "oracle" or self.shot.pha is not None)

    def ranking(self, selector: str) -> Ranking:
        """All patches in the order of a selector; raises `MatteError` for the oracle where truth is unknown."""
        if selector == "oracle" and self.shot.pha is None:
            raise MatteError(f"the oracle chooses by the true error, and the true alpha of {self.shot.title} is not known; choose another selector")
        if selector not in self._rankings:
            with torch.inference_mode():
                self._rankings[selector] = ranked(self.scene, selector)
        return self._rankings[selector]

    def chosen(self, selector: str, patches: int, threshold: float) -> Tensor:
        """The patches (n,) that a selector, `threshold`, `everywhere` or `none` takes; raises as `ranking`."""
        if selector in ("everywhere", "none"):
            return torch.full((self.patches,), selector == "everywhere")
        if selector == "threshold":
            ranking = self.ranking("error")
            return ranking.first(ranking.above(threshold))
        ranking = self.ranking(selector)
        return ranking.first(ranking.taken(patches))

    def numbers(self, refined: Tensor) -> Numbers:
        """What the patches `refined` (n,) cost and give; without a refiner none of them is."""
        refined = refined & (self.network.refiner is not None)
        count = int(refined.sum())
        if self._errors is None:
            return Numbers(count, count / self.patches)
        before, after = self._errors
        sad = float(torch.where(refined, after, before).sum())
        total = float(before.sum())
        covered = float(before[refined].sum()) / total if total else None
        return Numbers(count, count / self.patches, sad / self._pixels, sad, covered)

    def gradient(self, refined: Tensor) -> float | None:
        """The gradient error over the frame; None where truth is unknown."""
        if self.shot.pha is None:
            return None
        height, width = self.shot.size
        with torch.inference_mode():
            return float(gradient_error(self.assembled(refined)[:, :1, :height, :width], self.shot.pha))

    def assembled(self, refined: Tensor) -> Tensor:
        """The matte (1, 4, H, W) as it is shown: refined inside the patches `refined` (n,), coarse elsewhere."""
        inside = F.interpolate(self._cells(refined).float(), scale_factor=PATCH, mode="nearest") > 0
        return torch.where(inside, self.after, self.before)

    def rehearsed(self, refined: Tensor) -> Rehearsal:
        """Run the refiner on these patches alone, as the network would: its time, and whether what is shown is true."""
        with torch.inference_mode():
            began = time.perf_counter()
            matte = self.network.refined(self.scene, self.coarse, self._cells(refined))
            seconds = time.perf_counter() - began
        return Rehearsal(seconds, float((matte - self.assembled(refined)).abs().max()))

    def curve(self, selector: str) -> list[tuple[int, float]]:
        """MAD after each budget of `budgets`, by a selector's order; empty where truth is unknown."""
        if self._errors is None:
            return []
        before, after = self._errors
        ranking = self.ranking(selector)
        sums = ranking.mixed(before, after)
        return [(budget, float(sums[ranking.taken(budget)]) / self._pixels) for budget in budgets(self.patches)]

    @property
    def _pixels(self) -> int:
        return self.shot.size[0] * self.shot.size[1]

    @cached_property
    def _errors(self) -> tuple[Tensor, Tensor] | None:
        """The sum of |alpha − truth| in each patch, not refined and refined, (n,) float64; the padding has no error."""
        return None if self.shot.pha is None else (self._summed(self.before), self._summed(self.after))

    def _summed(self, matte: Tensor) -> Tensor:
        return F.avg_pool2d(self.wrong(matte).double(), PATCH, divisor_override=1).flatten()

    def wrong(self, matte: Tensor) -> Tensor:
        """|alpha − truth| of a matte (1, 4, H, W), 0 in what was padded; raises `MatteError` where truth is unknown."""
        if self.shot.pha is None:
            raise MatteError(f"the true alpha of {self.shot.title} is not known")
        height, width = self.shot.size
        error = (matte[:, :1, :height, :width] - self.shot.pha).abs()
        return F.pad(error, (0, matte.shape[3] - width, 0, matte.shape[2] - height))

    def _cells(self, refined: Tensor) -> Tensor:
        return refined.view(1, 1, *self.cells)
