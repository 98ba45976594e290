"""What may be said of differences: p-values over a family, the smallest difference a study could find."""

from collections.abc import Sequence
from functools import lru_cache

from bgmatte.statistics.crossed import COVERAGE, UPPER
from bgmatte.statistics.intervals import Interval


def holm(p: Sequence[float]) -> list[float]:
    """p-values adjusted over their family by Holm's step-down method, in the order given.

    The smallest is multiplied by n, the next by n − 1 …; none falls below one before it or rises above 1.
    """
    # statsmodels' `multipletests` gives the same (a test says so), but clears all garbage at each call: 0.1 s for each of a report's hundreds.
    adjusted, least = [0.0] * len(p), 0.0
    for rank, place in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        if not 0 <= p[place] <= 1:
            raise ValueError(f"p[{place}]: {p[place]!r} is not allowed; allowed: 0 to 1")
        least = max(least, min(1.0, (len(p) - rank) * p[place]))
        adjusted[place] = least
    return adjusted


def detectable(found: Interval, comparisons: int = 1, chance: float = 0.8) -> float:
    """The smallest true difference that a study with this one's standard error would find with this chance, in the interval's unit.

    Found means p < 0.05, or, with several `comparisons` in a family, p < 0.05 / comparisons: what Holm's method asks of its
    smallest p. Student's noncentral distribution with the interval's degrees of freedom answers (statsmodels' `TTestPower`).
    The standard error it rests on is itself an estimate, uncertain by about 1 / √(2 · degrees) of its size.
    """
    if type(comparisons) is not int or comparisons < 1:
        raise ValueError(f"comparisons: {comparisons!r} is not allowed; allowed: a whole number, 1 or more")
    alpha = (1 - COVERAGE) / comparisons
    if not alpha < chance < 1:
        raise ValueError(f"chance: {chance!r} is not allowed; allowed: between {alpha:g} and 1")
    return found.standard_error * _noncentrality(found.degrees, found.tail, alpha, chance)


def half_widths(found: Interval, comparisons: int) -> float:
    """How far from 0, in arms of its interval, a difference must lie to be found as the clearest of a family of so many comparisons (1: 1)."""
    return _stretch(found.tail, (1 - COVERAGE) / comparisons)


def _stretch(tail: float, alpha: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(tail, 1 - alpha / 2) / stdtrit(tail, UPPER))


@lru_cache(maxsize=4096)
def _noncentrality(degrees: float, tail: float, alpha: float, chance: float) -> float:
    # The true difference in standard errors. `solve_power` looks no further than 10 standard deviations, too near for 2 seeds.
    from scipy.optimize import brentq
    from scipy.special import stdtr, stdtrit
    from statsmodels.stats.power import TTestPower

    least = stdtrit(degrees, UPPER) * _stretch(tail, alpha)  # standard errors at which p is alpha
    level = float(stdtr(degrees, -least))
    root = (degrees + 1) ** 0.5  # a paired t-test of this many subjects has these degrees of freedom

    def lacking(errors: float) -> float:
        # On its own side of 0: that adds nothing where the chance is large, and the other tail is no number far from 0.
        return float(TTestPower().power(errors / root, degrees + 1, level, alternative="larger")) - chance

    far = 4.0
    while lacking(far) < 0:
        far *= 2
    return float(brentq(lacking, 0.0, far, xtol=1e-9))
