"""How often intervals hold a known truth, and tests find what is there: studies drawn by the hundred from designs like ours."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from bgmatte.statistics.crossed import Crossed, from_squares
from bgmatte.statistics.intervals import SIDES, Estimates, Interval, p_value, paired, ratio
from bgmatte.statistics.verdicts import detectable, holm

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """A study: its size, the shares of one picture's variance that subject, seed and the rest have, and the skewness of subjects."""

    subjects: int
    seeds: int
    images: int  # of each subject under each seed
    shares: tuple[float, float, float]  # subject, seed, rest
    skewness: float = 0.0

    @property
    def labels(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Subject and seed of every image, (N,) each."""
        who, when, _ = np.indices((self.subjects, self.seeds, self.images))
        return who.ravel(), when.ravel()

    @property
    def known(self) -> Interval:
        """The design's own standard error and degrees of freedom, by the mean squares to be expected of it, around nothing."""
        subject, seed, rest = self.shares[0], self.shares[1], self.shares[2] / self.images
        squares = rest + self.seeds * subject, rest + self.subjects * seed, rest
        error, degrees = from_squares(*squares, self.subjects, self.seeds)
        return Interval(0, 0, 0, self.subjects, self.seeds, standard_error=error, degrees=degrees)

    def drawn(self, random: np.random.Generator) -> Numbers:
        """The images' numbers of one study, of mean 0, (N,)."""
        subject, seed, rest = np.sqrt(self.shares)
        shape = (self.subjects, self.seeds, self.images)
        if self.skewness:
            peak = 4 / self.skewness**2  # a gamma distribution's shape, which sets its skewness
            people = (random.gamma(peak, size=self.subjects) - peak) / peak**0.5
        else:
            people = random.normal(size=self.subjects)
        runs, noise = random.normal(size=self.seeds), random.normal(size=shape)
        return (subject * people[:, None, None] + seed * runs[:, None] + rest * noise).ravel()


@dataclass(frozen=True)
class Held:
    """Per cent of studies: the interval held the truth; lay above it, below it; p < 0.05, p < 0.01; plain percentiles held the truth."""

    interval: float
    above: float
    below: float
    five: float
    one: float
    percentiles: float


def designs() -> Iterator[Design]:
    """The whole grid: small and large shares of each source of variance, as many images, seeds and subjects as our studies have."""
    shares = ((0.9, 0.05, 0.05), (0.45, 0.1, 0.45), (0.3, 0.4, 0.3), (0.1, 0.8, 0.1), (0.05, 0.05, 0.9))
    for subjects, seeds, images, share, skewness in product((11, 25, 51), (1, 3, 5), (1, 5), shares, (0.0, 1.0)):
        if seeds > 1:
            yield Design(subjects, seeds, images, share, skewness)
        elif share[1] <= 0.1:  # one seed's luck is the same for all pictures: part of the truth, not of the spread
            yield Design(subjects, 1, images, (share[0], 0.0, share[2]), skewness)
    for subjects in (11, 25, 51):
        yield Design(subjects, 1, 5, (0.9, 0.0, 0.1), 2.0)  # as skewed as an exponential distribution
        yield Design(subjects, 2, 5, (0.45, 0.1, 0.45))


def coverage(design: Design, trials: int, resamples: int = 1000, rng_seed: int = 0) -> Held:
    """What became of the truth, 0, in so many studies of a design."""
    random, told, plain = np.random.default_rng(rng_seed), [], []
    who, when = design.labels
    for _ in range(trials):
        estimates = Estimates(Crossed(design.drawn(random), who, when), resamples, 0)
        found = estimates.interval(1.0)
        low, high = np.percentile(estimates.resampled[0], SIDES)
        told.append((found.low, found.high, p_value(found)))
        plain.append(low <= 0 <= high)
    lows, highs, chances = np.array(told).T
    shares = (lows <= 0) & (highs >= 0), lows > 0, highs < 0, chances < 0.05, chances < 0.01, np.array(plain)
    return Held(*(100 * float(share.mean()) for share in shares))


def family_alarms(design: Design, members: int, trials: int, resamples: int = 1000, rng_seed: int = 0, wary: bool = True) -> float:
    """Per cent of families without any true difference, all against one baseline, in which Holm's method still finds one.

    Without `wary`, p falls by the interval's own degrees of freedom, as if seeds were many: what `Interval.tail` is there to prevent.
    """
    random, alarms = np.random.default_rng(rng_seed), 0
    for _ in range(trials):
        base = design.drawn(random)
        alarms += min(holm([_chance(design, design.drawn(random) - base, resamples, wary) for _ in range(members)])) < 0.05
    return 100 * alarms / trials


def found_share(design: Design, comparisons: int, trials: int, resamples: int = 1000, rng_seed: int = 0) -> tuple[float, float]:
    """The difference that `detectable` gives for a design (in standard deviations of a picture), and the per cent of studies that find it."""
    random, size = np.random.default_rng(rng_seed), detectable(design.known, comparisons)
    found = sum(_chance(design, size + design.drawn(random), resamples) < 0.05 / comparisons for _ in range(trials))
    return size, 100 * found / trials


def ratio_coverage(design: Design, share: float, trials: int, resamples: int = 1000, rng_seed: int = 0) -> float:
    """Per cent of intervals of a ratio that hold it: wholes of mean 1 and a third of that as spread, parts that follow them with as much noise."""

    def held(random: np.random.Generator) -> bool:
        wholes = 1 + design.drawn(random) / 3
        found = ratio(share * wholes + design.drawn(random) / 3, wholes, *design.labels, resamples=resamples)
        return found is None or found.low <= share <= found.high  # no interval: every ratio is possible

    return _percent(held, trials, rng_seed)


def effect_coverage(design: Design, effect: float, trials: int, resamples: int = 1000, rng_seed: int = 0) -> float:
    """Per cent of intervals of the effect size that hold it."""
    subject, _, rest = design.shares
    apart = effect * (subject + rest / design.images / design.seeds) ** 0.5  # in standard deviations of the subjects' means

    def held(random: np.random.Generator) -> bool:
        row = apart + design.drawn(random)
        found = paired(row, np.zeros_like(row), *design.labels, resamples=resamples).effect
        return found is not None and found.low <= effect <= found.high

    return _percent(held, trials, rng_seed)


def _chance(design: Design, values: Numbers, resamples: int, wary: bool = True) -> float:
    found = Estimates(Crossed(values, *design.labels), resamples, 0).interval(1.0)
    return p_value(found if wary else replace(found, seeds=1))


def _percent(held: Callable[[np.random.Generator], bool], trials: int, rng_seed: int) -> float:
    random = np.random.default_rng(rng_seed)
    return 100 * sum(held(random) for _ in range(trials)) / trials
