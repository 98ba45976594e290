"""All patches of one picture in the order in which a selector takes them: another budget then costs a lookup."""

from dataclasses import dataclass

import torch
from torch import Tensor

from bgmatte.config import SELECTORS
from bgmatte.jsonable import require
from bgmatte.patches import SCORES, SKIPS_ZERO, Scene


@dataclass(frozen=True)
class Ranking:
    """All patches of one picture in the order in which a selector takes them, with their scores; `usable` of them at most."""

    order: Tensor  # (n,) indices, row by row
    scores: Tensor  # (n,) falling
    usable: int

    def taken(self, patches: int) -> int:
        """How many patches a budget really takes."""
        return min(patches, self.usable)

    def above(self, threshold: float) -> int:
        """How many patches score above a threshold."""
        return int((self.scores > threshold).sum())

    def first(self, count: int) -> Tensor:
        """True on the first `count` patches, (n,)."""
        chosen = torch.zeros(len(self.order), dtype=torch.bool)
        chosen[self.order[:count]] = True
        return chosen

    def mixed(self, before: Tensor, after: Tensor) -> Tensor:
        """Sums over the frame when none, one, two … of the patches are refined, (n + 1,).

        `before` and `after` (n,) are what each patch adds unrefined and refined. It is exact, because what the refiner makes of a
        patch depends on the patch and its margin alone.
        """
        gains = (after - before)[self.order].cumsum(0)
        return before.sum() + torch.cat([gains.new_zeros(1), gains])


def ranked(scene: Scene, selector: str) -> Ranking:
    """The patches of one picture ranked by a selector; ties go to the lower index, as in the network's own top-k.

    Raises `ConfigError` for a choice without a ranking and `ValueError` for the oracle where truth is unknown.
    """
    require(selector in SELECTORS, "selector", selector, ", ".join(SELECTORS))
    score = SCORES[selector](scene).flatten()
    order = score.argsort(descending=True, stable=True)
    scores = score[order]
    return Ranking(order, scores, int((scores > 0).sum()) if selector in SKIPS_ZERO else len(order))
