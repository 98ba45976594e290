"""Which patches a selector takes for a budget: ranked once, so that another budget costs nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

import torch
from torch import Tensor

from bgmatte.config import SELECTORS
from bgmatte.jsonable import require
from bgmatte.patches import SCORES, SKIPS_ZERO, Scene

Number = TypeVar("Number", int, float)
WORDS: MappingProxyType[str, str] = MappingProxyType(
    {
        "error": "predicted error",
        "random": "random",
        "grid": "regular grid",
        "edge": "edges of the coarse alpha",
        "edge-image": "edges of the source",
        "difference": "difference |I − B|",
        "oracle": "oracle: the true error",
        "threshold": "predicted error above a threshold",
        "everywhere": "everywhere",
        "none": "none",
    }
)
RANKED = SELECTORS  # these spend a budget; the other choices need none
_MANTISSAS = (1, 1.5, 2, 3, 4, 5, 6, 8)  # the published budgets, 5,000 and 20,000, are among the steps


def budgets(patches: int) -> tuple[int, ...]:
    """The steps of a slider for a frame of so many patches: 0, then about evenly on a logarithmic scale, then all.

    >>> budgets(40)
    (0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40)
    """
    steps = {0, patches}
    decade = 1
    while decade < patches:
        steps |= {int(mantissa * decade) for mantissa in _MANTISSAS if mantissa * decade < patches}
        decade *= 10
    return tuple(sorted(steps))


def nearest(value: Number, steps: Sequence[Number]) -> Number:
    """The step of a slider that lies nearest to a value."""
    return min(steps, key=lambda step: abs(step - value))


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


def ranked(scene: Scene, selector: str) -> Ranking:
    """The patches of one picture ranked by a selector; ties go to the lower index, as in the network's own top-k.

    Raises `ConfigError` for a choice without a ranking and `ValueError` for the oracle where truth is unknown.
    """
    require(selector in RANKED, "selector", selector, ", ".join(RANKED))
    score = SCORES[selector](scene).flatten()
    order = score.argsort(descending=True, stable=True)
    scores = score[order]
    return Ranking(order, scores, int((scores > 0).sum()) if selector in SKIPS_ZERO else len(order))
