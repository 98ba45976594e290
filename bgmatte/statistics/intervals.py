"""Means, paired differences and ratios with intervals that resample subjects and seeds."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from bgmatte.statistics.crossed import COVERAGE, UPPER, Cells, Crossed

SIDES = (50 * (1 - COVERAGE), 50 * (1 + COVERAGE))  # percentiles


@dataclass(frozen=True)
class Interval:
    """A mean over images, its 95 % interval, and how many independent subjects and seeds stand behind it.

    `standard_error` and `degrees` (of freedom) are the mean's, see `crossed.spread`; 0 and ∞ where an interval was not estimated here.
    """

    mean: float
    low: float
    high: float
    subjects: int
    seeds: int
    standard_error: float = field(default=0.0, kw_only=True)
    degrees: float = field(default=math.inf, kw_only=True)

    @property
    def tail(self) -> float:
        """The degrees of freedom by which p falls below 0.05: seeds − 1 with 2 or 3 seeds, nearer to `degrees` the more there are.

        Three seeds that agree by chance look like seeds without luck: with `degrees` alone, Holm's method would raise false alarms in
        8 to 15 % of families of five or eight (51 subjects, reports/reference/statistics-coverage.md), with these in 0.2 to 5.4 %; five
        seeds in 5.1 to 6.5 % and in 2.9 to 4.6 %. The price is power in families where luck is small indeed.
        """
        if self.seeds == 1:
            return self.degrees
        weight = min(1.0, 2 / (self.seeds - 1))
        return 1 / ((1 - weight) / self.degrees + weight / (self.seeds - 1))

    @property
    def basis(self) -> str:
        """What the interval covers, in words."""
        if self.seeds == 1:
            return f"{self.subjects} subjects, 1 seed: the interval covers subjects only, not the luck of training"
        return f"{self.subjects} subjects × {self.seeds} seeds"


@dataclass(frozen=True)
class Effect:
    """A difference in standard deviations of the subjects' mean differences (Hedges' g for pairs), with its interval, of 95 % for one seed.

    In the simulations that `paired` names the interval holds effects of 0, 0.8 and 2 in 93 to 95 of 100 studies of one seed; of three
    seeds it is about right only: 92 to 98 hold 0 and 0.8, and 97 to 100 hold 2, for which it is too long.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PairedDifference(Interval):
    """Row minus baseline, image by image; `relative`… are shares of the baseline's mean, None unless that is clearly above 0.

    `p` is two-sided and below 0.05 exactly when the interval leaves out 0. `effect` is None with fewer than 3 subjects or when
    all differ alike; `above` counts the subjects whose mean difference is above 0.
    """

    relative: float | None
    relative_low: float | None
    relative_high: float | None
    p: float
    effect: Effect | None = None
    above: int = 0


def mean_interval(values: ArrayLike, subjects: ArrayLike, seeds: ArrayLike, *, resamples: int = 2000, rng_seed: int = 0) -> Interval:
    """A row's own mean over its images; arguments and errors as `paired`."""
    return Estimates(Crossed(_column("values", values), subjects, seeds), resamples, rng_seed).interval(1.0)


def paired(row: ArrayLike, base: ArrayLike, subjects: ArrayLike, seeds: ArrayLike, *, resamples: int = 2000, rng_seed: int = 0) -> PairedDifference:
    """The mean difference of a row to the baseline, by a two-level bootstrap as wide as Student's interval.

    Entry i of `row` and `base` (N,) is one image under one seed, of the subject `subjects[i]` and the seed `seeds[i]`;
    every subject must appear under every seed. A resample draws subjects, then seeds, each with replacement; the drawn
    seeds hold for all drawn subjects, because one trained network matted them all. The 2.5th to 97.5th percentile of resampled
    means are too narrow with few subjects (90 % with 11, for 95) and hopeless with 3 seeds (75 %), so they say only how
    the interval divides into its lower and upper arm; how wide it is say the mean's standard error and Student's quantile (`crossed.spread`).

    In simulations (reports/reference/statistics-coverage.md) such intervals hold the truth in 93 to 97 of 100 studies with 11 to 51
    subjects, 1, 3 or 5 seeds, normal or moderately skewed; at the edges, all with 3 seeds, in 92.7 (51 subjects) and 97.5 (11 subjects, nearly
    all variance within cells). Beyond lie 11 subjects of one seed that are as skewed as an exponential distribution, 91.6, and 2 seeds, 92.4.

    Same arguments, same bits. Raises ValueError for arrays of different length, values that are not finite, a subject
    that a seed lacks, or fewer than 2 subjects.
    """
    row, base = _column("row", row), _column("base", base)
    _same_length("base", base, "row", row)
    crossed = Crossed(np.stack([row - base, base]), subjects, seeds)
    estimates = Estimates(crossed, resamples, rng_seed)
    found, level = estimates.interval(1.0, 0.0), estimates.interval(0.0, 1.0)
    relative, relative_low, relative_high = estimates.ratio(found.mean / level.mean) if level.low > 0 else (None, None, None)
    each = crossed.by_subject(0)
    return PairedDifference(
        found.mean,
        found.low,
        found.high,
        found.subjects,
        found.seeds,
        relative,
        relative_low,
        relative_high,
        p_value(found),
        _effect(found, each),
        int((each > 0).sum()),
        standard_error=found.standard_error,
        degrees=found.degrees,
    )


def ratio(parts: ArrayLike, wholes: ArrayLike, subjects: ArrayLike, seeds: ArrayLike, *, resamples: int = 2000, rng_seed: int = 0) -> Interval | None:
    """Mean of `parts` / mean of `wholes`, e.g. which share of one gain another reaches; both (N,), the rest as `paired`.

    The interval holds those ratios r for which parts − r · wholes is not told from 0 by `paired` (Fieller's method), so it never
    says of a share what the difference behind it denies. None when the mean of `wholes` is not clearly above 0: then there is
    nothing to have a share of, and no interval would end. Raises ValueError as `paired`.
    """
    parts, wholes = _column("parts", parts), _column("wholes", wholes)
    _same_length("wholes", wholes, "parts", parts)
    crossed = Crossed(np.stack([parts, wholes]), subjects, seeds)
    estimates = Estimates(crossed, resamples, rng_seed)
    whole = estimates.interval(0.0, 1.0)
    if whole.low <= 0:
        return None
    share, low, high = estimates.ratio(estimates.interval(1.0, 0.0).mean / whole.mean)
    rest = estimates.interval(1.0, -share)
    return Interval(share, low, high, whole.subjects, whole.seeds, standard_error=rest.standard_error / whole.mean, degrees=rest.degrees)


def by_seed(row: ArrayLike, base: ArrayLike, seeds: ArrayLike) -> dict[int, float]:
    """The plain mean difference of a row to the baseline under each seed."""
    row, base, seeds = _column("row", row), _column("base", base), np.asarray(seeds)
    return {int(seed): float((row - base)[seeds == seed].mean()) for seed in np.unique(seeds)}


class Estimates:
    """Intervals of weighted sums of a table's quantities, all from the same resamples."""

    def __init__(self, crossed: Crossed, resamples: int, rng_seed: int) -> None:
        self.crossed = crossed
        self.means, self.resampled = crossed.means(), crossed.resampled(resamples, rng_seed)

    def interval(self, *weights: float) -> Interval:
        """The mean of the quantities' weighted sum."""
        from scipy.special import stdtrit

        mean = float(sum(weight * value for weight, value in zip(weights, self.means, strict=True)))
        drawn = sum(weight * values for weight, values in zip(weights, self.resampled, strict=True) if weight)
        low, high = np.percentile(drawn, SIDES) - mean
        error, degrees = self.crossed.spread(weights)
        width = 2 * float(stdtrit(degrees, UPPER)) * error
        below = min(max(-low / (high - low), 0.0), 1.0) if high > low else 0.5  # share of the width below the mean
        ends = float(mean - width * below), float(mean + width * (1 - below))
        return Interval(mean, *ends, self.crossed.subjects, self.crossed.seeds, standard_error=error, degrees=degrees)

    def ratio(self, share: float) -> tuple[float, float, float]:
        """The first quantity's share of the second (clearly above 0) with the ends of its interval."""
        at = cache(lambda r: self.interval(1.0, -r))  # a root's ends are asked for twice
        whole = float(self.means[1])
        low = _root(lambda less: at(share - less).low, (at(share).mean - at(share).low) / whole)
        high = _root(lambda more: -at(share + more).high, (at(share).high - at(share).mean) / whole)
        return share, share - low, share + high


def _root(excess: Callable[[float], float], guess: float) -> float:
    # How far from the observed ratio `excess` (≤ 0 there) crosses 0: about at the guess, and somewhere, because the whole is clear of 0.
    from scipy.optimize import brentq

    if guess <= 0 or excess(0.0) >= 0:
        return 0.0
    far = guess
    while excess(far) < 0:
        far *= 1.25
    return float(brentq(excess, 0.0, far, xtol=1e-5 * far))


def p_value(found: Interval) -> float:
    """The two-sided p of a mean of 0: Student's, of the mean in units of the arm that points to 0, so that p is 0.05 where that arm ends at 0."""
    from scipy.special import stdtr, stdtrit

    arm = found.mean - found.low if found.mean > 0 else found.high - found.mean
    if found.mean == 0 or arm == 0:
        return float(found.mean == 0)
    return float(2 * stdtr(found.tail, -stdtrit(found.tail, UPPER) * abs(found.mean) / arm))


def _effect(found: Interval, each: Cells) -> Effect | None:
    # The interval by Student's noncentral distribution, exact for one seed and normal subjects; each end takes its own arm, so
    # that it lies beyond 0 exactly when the difference's does. The correction is for the value's bias, which the interval's ends have not.
    from scipy.special import nctdtrinc, stdtrit

    deviation, free = float(each.std(ddof=1)), len(each) - 1
    if free < 2 or deviation <= 1e-9 * abs(found.mean):
        return None
    quantile = stdtrit(found.degrees, UPPER)
    errors = ((found.mean - found.low) / quantile, (found.high - found.mean) / quantile)
    low, high = (
        float((error * nctdtrinc(found.degrees, below, found.mean / error) if error else found.mean) / deviation)
        for error, below in zip(errors, (UPPER, 1 - UPPER), strict=True)
    )
    return Effect(float((1 - 3 / (4 * free - 1)) * found.mean / deviation), low, high)


def _same_length(name: str, values: Cells, other: str, wanted: Cells) -> None:
    if len(values) != len(wanted):
        raise ValueError(f"{name}: {len(values)} values are not allowed; allowed: {len(wanted)}, one for each of {other}")


def _column(name: str, values: ArrayLike) -> Cells:
    column = np.asarray(values, dtype=float)
    if column.ndim != 1 or not len(column):
        raise ValueError(f"{name}: shape {column.shape} is not allowed; allowed: (N,), one number for each image")
    if not np.isfinite(column).all():
        raise ValueError(f"{name}: values {np.flatnonzero(~np.isfinite(column)).tolist()} are not finite; allowed: finite numbers")
    return column
