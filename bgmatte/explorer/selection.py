"""What a choice of patches is called, and the steps of the sliders that make it."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import TypeVar

from bgmatte.config import SELECTORS

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
