"""Subjects crossed with seeds: sums of images by cell, resamples of whole subjects and seeds, and the mean's standard error."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

COVERAGE = 0.95
UPPER = (1 + COVERAGE) / 2  # the probability below the upper end

Cells = NDArray[np.float64]


class Crossed:
    """Sums and counts of images by subject and seed: all that a resample of whole subjects and seeds needs."""

    def __init__(self, values: Cells, subjects: ArrayLike, seeds: ArrayLike) -> None:
        """Take quantities (Q, N) of images with labels (N,); ValueError unless every one of 2 or more subjects stands under every seed."""
        values = np.atleast_2d(values)
        who, self.subjects = _numbered("subjects", subjects, values.shape[1])
        when, self.seeds = _numbered("seeds", seeds, values.shape[1])
        if self.subjects < 2:
            raise ValueError(f"subjects: {self.subjects} is not allowed; allowed: 2 or more, or there is nothing to resample")
        cell, cells = who * self.seeds + when, self.subjects * self.seeds
        shape = (self.subjects, self.seeds)
        self.sums = np.stack([np.bincount(cell, weights=line, minlength=cells).reshape(shape) for line in values])  # (Q, S, K)
        self.counts = np.bincount(cell, minlength=cells).reshape(shape)
        if not self.counts.all():
            lacking = int((self.counts == 0).sum())
            raise ValueError(f"seeds: {lacking} of {cells} pairs of subject and seed have no image; allowed: every subject under every seed")

    def means(self) -> Cells:
        """The plain mean of each quantity over all images, (Q,)."""
        means: Cells = self.sums.sum(axis=(1, 2)) / self.counts.sum()
        return means

    def by_subject(self, quantity: int) -> Cells:
        """The plain mean of one quantity over each subject's images, (S,)."""
        means: Cells = self.sums[quantity].sum(axis=1) / self.counts.sum(axis=1)
        return means

    def resampled(self, resamples: int, rng_seed: int) -> Cells:
        """Means over images of each resample, (Q, resamples)."""
        if type(resamples) is not int or resamples < 100:
            raise ValueError(f"resamples: {resamples!r} is not allowed; allowed: a whole number, 100 or more")
        who, when = _drawn(resamples, rng_seed, self.subjects, self.seeds)  # (S, R), (K, R)
        cells = np.concatenate([self.sums, self.counts[None]]).transpose(1, 0, 2).reshape(self.subjects, -1)  # (S, (Q + 1)·K)
        # Without `optimize` no threaded BLAS is called, whose bits change with the number of threads.
        drawn = np.einsum("sr,sx->xr", who, cells).reshape(-1, self.seeds, resamples)
        totals = (drawn * when).sum(axis=1)
        means: Cells = totals[:-1] / totals[-1]
        return means

    def spread(self, weights: Sequence[float]) -> tuple[float, float]:
        """Standard error and degrees of freedom of the mean of a weighted sum of the quantities, see `spread`."""
        sums = sum(weight * cells for weight, cells in zip(weights, self.sums, strict=True))
        images = self.counts.sum()
        # What each cell adds to the mean (its influence): with equal counts, the cell's mean less the grand mean.
        return spread((sums - sums.sum() / images * self.counts) * (self.counts.size / images))


def spread(cells: Cells) -> tuple[float, float]:
    """Standard error and degrees of freedom of the mean of (S, K) cells, subjects and seeds both drawn at random: `from_squares` of theirs."""
    (subjects, seeds), mean = cells.shape, cells.mean()
    people, runs = cells.mean(axis=1, keepdims=True) - mean, cells.mean(axis=0, keepdims=True) - mean
    rest = cells - mean - people - runs
    free, further = subjects - 1, max(seeds - 1, 1)
    sums = (float((part**2).sum()) for part in (people, runs, rest))
    person, run, left = (times * total / by for times, total, by in zip((seeds, subjects, 1), sums, (free, further, free * further), strict=True))
    return from_squares(person, run, left, subjects, seeds)


def from_squares(person: float, run: float, rest: float, subjects: int, seeds: int) -> tuple[float, float]:
    """Standard error and degrees of freedom of a mean, by the mean squares of a two-way analysis of variance over S·K cells.

    The variance of the mean is (subjects + seeds − rest) / (S·K), never taken below what subjects or seeds alone would give.
    Satterthwaite's degrees of freedom make too short an interval of three seeds (92 % instead of 95), Cochran and Cox's mean of
    the two quantiles of Student's distribution too long a one (97 %); the degrees given are those whose quantile lies half way,
    which `python -m bgmatte.statistics` checks. One seed: Student's own, S − 1, for subjects alone.
    """
    from scipy.special import stdtridf, stdtrit

    cells, free, further = subjects * seeds, subjects - 1, seeds - 1
    variance = max(person + run - rest, person, run)
    if seeds == 1 or not variance:
        return (person / cells) ** 0.5, free
    degrees = variance**2 / (person**2 / free + run**2 / further + rest**2 / (free * further))
    satterthwaite = stdtrit(max(degrees, min(free, further)), UPPER)
    seed = max(run - rest, 0)
    cochran = (person * stdtrit(free, UPPER) + seed * stdtrit(further, UPPER)) / (variance * (person + seed)) ** 0.5 if person + seed else 0
    # No more degrees than cells allow: a quantile near the normal one stands for any number of them.
    quantile = max((satterthwaite + cochran) / 2, stdtrit(cells - 1, UPPER))
    return (variance / cells) ** 0.5, float(stdtridf(UPPER, quantile))


@lru_cache(maxsize=8)  # a report asks for the same draws hundreds of times
def _drawn(resamples: int, rng_seed: int, subjects: int, seeds: int) -> tuple[Cells, Cells]:
    rng = np.random.default_rng(rng_seed)
    return _multiplicities(rng, resamples, subjects), _multiplicities(rng, resamples, seeds)


def _multiplicities(rng: np.random.Generator, resamples: int, size: int) -> Cells:
    # How often each of `size` was drawn in each resample, (size, resamples): a resample's numbers lie `resamples` apart, so sums run along memory.
    drawn = rng.integers(size, size=(resamples, size)) + np.arange(resamples)[:, None] * size
    return np.ascontiguousarray(np.bincount(drawn.ravel(), minlength=resamples * size).reshape(resamples, size).T.astype(float))


def _numbered(name: str, labels: ArrayLike, length: int) -> tuple[NDArray[np.int64], int]:
    labels = np.asarray(labels)
    if labels.shape != (length,):
        raise ValueError(f"{name}: shape {labels.shape} is not allowed; allowed: ({length},), a label for each value")
    kinds, place = np.unique(labels, return_inverse=True)
    return place, len(kinds)
