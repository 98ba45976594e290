"""How far a difference between rows may be trusted: paired, clustered by subject and seed, corrected for the family.

Pictures of one subject, and all pictures of one training seed, err alike. So intervals resample subjects, and then
seeds, never pictures: 55 pictures of 11 people are 11 observations (the paper’s AIM test has that). No torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

COVERAGE = 0.95
_SIDES = (50 * (1 - COVERAGE), 50 * (1 + COVERAGE))  # percentiles


@dataclass(frozen=True)
class Interval:
    """A mean over images, its 95 % interval, and how many independent subjects and seeds stand behind it."""

    mean: float
    low: float
    high: float
    subjects: int
    seeds: int

    @property
    def basis(self) -> str:
        """What the interval covers, in words."""
        if self.seeds == 1:
            return f"{self.subjects} subjects, 1 seed: the interval covers subjects only, not the luck of training"
        return f"{self.subjects} subjects × {self.seeds} seeds"


@dataclass(frozen=True)
class PairedDifference(Interval):
    """Row minus baseline, image by image; `relative`… are shares of the baseline's mean, None where that is 0.

    `p` is two-sided and from the same resamples as the interval, so the two never disagree.
    """

    relative: float | None
    relative_low: float | None
    relative_high: float | None
    p: float


def mean_interval(values: ArrayLike, subjects: ArrayLike, seeds: ArrayLike, *, resamples: int = 2000, rng_seed: int = 0) -> Interval:
    """A row's own mean over its images; arguments and errors as `paired`."""
    table = _Table(_column("values", values), subjects, seeds)
    means = table.resampled(resamples, rng_seed)
    low, high = np.percentile(means[0], _SIDES)
    return Interval(table.mean(0), float(low), float(high), table.subjects, table.seeds)


def paired(row: ArrayLike, base: ArrayLike, subjects: ArrayLike, seeds: ArrayLike, *, resamples: int = 2000, rng_seed: int = 0) -> PairedDifference:
    """The mean difference of a row to the baseline, by a two-level bootstrap.

    Entry i of `row` and `base` (N,) is one image under one seed, of the subject `subjects[i]` and the seed `seeds[i]`;
    every subject must appear under every seed. A resample draws subjects, then seeds, each with replacement; the drawn
    seeds hold for all drawn subjects, because one trained network matted them all. The interval is the 2.5th to 97.5th
    percentile; with few subjects it is a little narrow (in simulations it held the truth 91 times in 100 with 11
    subjects, 93 with 25). `p` is twice the smaller share of resamples on either side of 0, counting the data as one
    resample: a sign-flip test over subjects would be exact but blind to seeds, and could contradict the interval.

    Same arguments, same bits. Raises ValueError for arrays of different length, values that are not finite, a subject
    that a seed lacks, or fewer than 2 subjects.
    """
    row, base = _column("row", row), _column("base", base)
    if len(row) != len(base):
        raise ValueError(f"base: {len(base)} values are not allowed; allowed: {len(row)}, one for each of row")
    table = _Table(np.stack([row - base, base]), subjects, seeds)
    differences, bases = table.resampled(resamples, rng_seed)
    low, high = map(float, np.percentile(differences, _SIDES))
    sides = min(np.count_nonzero(differences <= 0), np.count_nonzero(differences >= 0))
    p = min(1.0, 2 * (sides + 1) / (resamples + 1))

    relative = relative_low = relative_high = None
    if bases.min() > 0:
        relative = table.mean(0) / table.mean(1)
        relative_low, relative_high = map(float, np.percentile(differences / bases, _SIDES))
    return PairedDifference(table.mean(0), low, high, table.subjects, table.seeds, relative, relative_low, relative_high, p)


def smallest_told(found: Interval, comparisons: int = 1) -> float:
    """The smallest difference that an interval as wide as this one could have told from 0, in the interval's unit.

    The interval moved to lie about a difference d holds 0 unless d exceeds the longer of its two arms. With several `comparisons`
    in a family the first step of Holm's method asks for the share 0.05 / comparisons, and the arm is stretched as a normal
    distribution's would be. A true difference of just this size is found in about half of such studies, see `surely_told`.
    """
    if type(comparisons) is not int or comparisons < 1:
        raise ValueError(f"comparisons: {comparisons!r} is not allowed; allowed: a whole number, 1 or more")
    arm = max(found.mean - found.low, found.high - found.mean)
    return arm * _quantile(1 - (1 - COVERAGE) / comparisons) / _quantile(COVERAGE)


def surely_told(chance: float = 0.8) -> float:
    """How many times larger than `smallest_told` a true difference must be to be found with this chance (one comparison)."""
    if not 0 < chance < 1:
        raise ValueError(f"chance: {chance!r} is not allowed; allowed: between 0 and 1")
    return 1 + NormalDist().inv_cdf(chance) / _quantile(COVERAGE)


def by_seed(row: ArrayLike, base: ArrayLike, seeds: ArrayLike) -> dict[int, float]:
    """The plain mean difference of a row to the baseline under each seed."""
    row, base, seeds = _column("row", row), _column("base", base), np.asarray(seeds)
    return {int(seed): float((row - base)[seeds == seed].mean()) for seed in np.unique(seeds)}


def holm(p: Sequence[float]) -> list[float]:
    """p-values adjusted over their family by Holm's step-down method, in the order given.

    The smallest is multiplied by n, the next by n − 1 …; none falls below one before it or rises above 1.
    """
    adjusted, least = [0.0] * len(p), 0.0
    for rank, place in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        if not 0 <= p[place] <= 1:
            raise ValueError(f"p[{place}]: {p[place]!r} is not allowed; allowed: 0 to 1")
        least = max(least, min(1.0, (len(p) - rank) * p[place]))
        adjusted[place] = least
    return adjusted


def verdict(difference: PairedDifference, *, scale: float = 1.0, digits: int = 1, unit: str = "") -> str:
    """The part of a sentence that the interval allows, numbers multiplied by `scale`.

    `no difference found (−0.1 to +0.2)` when the interval holds 0, else `lower by 1.3 (−1.6 to −1.0)` or `higher by …`.
    """
    low, high = difference.low * scale, difference.high * scale
    span = f"({_signed(low, digits)} to {_signed(high, digits)}{unit})"
    if low <= 0 <= high:
        return f"no difference found {span}"
    word = "lower" if high < 0 else "higher"
    return f"{word} by {abs(difference.mean * scale):.{digits}f}{unit} {span}"


class _Table:
    """Sums and counts of images by subject and seed: all that a resample of whole subjects and seeds needs."""

    def __init__(self, values: NDArray[np.float64], subjects: ArrayLike, seeds: ArrayLike) -> None:
        values = np.atleast_2d(values)  # (quantities, N)
        who, self.subjects = _numbered("subjects", subjects, values.shape[1])
        when, self.seeds = _numbered("seeds", seeds, values.shape[1])
        if self.subjects < 2:
            raise ValueError(f"subjects: {self.subjects} is not allowed; allowed: 2 or more, or there is nothing to resample")
        cell, cells = who * self.seeds + when, self.subjects * self.seeds
        shape = (self.subjects, self.seeds)
        self.sums = np.stack([np.bincount(cell, weights=line, minlength=cells).reshape(shape) for line in values])
        self.counts = np.bincount(cell, minlength=cells).reshape(shape)
        if not self.counts.all():
            lacking = int((self.counts == 0).sum())
            raise ValueError(f"seeds: {lacking} of {cells} pairs of subject and seed have no image; allowed: every subject under every seed")

    def mean(self, quantity: int) -> float:
        """The plain mean over all images."""
        return float(self.sums[quantity].sum() / self.counts.sum())

    def resampled(self, resamples: int, rng_seed: int) -> NDArray[np.float64]:
        """Means over images of each resample, (quantities, resamples)."""
        if type(resamples) is not int or resamples < 100:
            raise ValueError(f"resamples: {resamples!r} is not allowed; allowed: a whole number, 100 or more")
        who, when = _drawn(resamples, rng_seed, self.subjects, self.seeds)
        # Without `optimize` no threaded BLAS is called, whose bits change with the number of threads.
        totals = np.einsum("rs,qsk,rk->qr", who, self.sums, when)
        images = np.einsum("rs,sk,rk->r", who, self.counts.astype(float), when)
        means: NDArray[np.float64] = totals / images
        return means


@lru_cache(maxsize=4)  # a report asks for the same draws hundreds of times
def _drawn(resamples: int, rng_seed: int, subjects: int, seeds: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(rng_seed)
    return _multiplicities(rng, resamples, subjects), _multiplicities(rng, resamples, seeds)


def _multiplicities(rng: np.random.Generator, resamples: int, size: int) -> NDArray[np.float64]:
    # How often each of `size` was drawn in each resample, (resamples, size).
    drawn = rng.integers(size, size=(resamples, size)) + np.arange(resamples)[:, None] * size
    return np.bincount(drawn.ravel(), minlength=resamples * size).reshape(resamples, size).astype(float)


def _numbered(name: str, labels: ArrayLike, length: int) -> tuple[NDArray[np.int64], int]:
    labels = np.asarray(labels)
    if labels.shape != (length,):
        raise ValueError(f"{name}: shape {labels.shape} is not allowed; allowed: ({length},), a label for each value")
    kinds, place = np.unique(labels, return_inverse=True)
    return place, len(kinds)


def _column(name: str, values: ArrayLike) -> NDArray[np.float64]:
    column = np.asarray(values, dtype=float)
    if column.ndim != 1 or not len(column):
        raise ValueError(f"{name}: shape {column.shape} is not allowed; allowed: (N,), one number for each image")
    if not np.isfinite(column).all():
        raise ValueError(f"{name}: values {np.flatnonzero(~np.isfinite(column)).tolist()} are not finite; allowed: finite numbers")
    return column


def _quantile(coverage: float) -> float:
    # How many standard deviations a two-sided normal interval reaches to either side.
    return NormalDist().inv_cdf((1 + coverage) / 2)


def _signed(value: float, digits: int) -> str:
    text = f"{abs(value):.{digits}f}"
    return text if float(text) == 0 else ("−" if value < 0 else "+") + text
