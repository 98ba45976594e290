"""Rounds of calls in turn, and what their times say. No torch."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median, quantiles
from typing import Any

CONFIDENCE = 0.95


def interleaved(
    work: Mapping[str, Callable[[], Any]],
    repeats: int,
    *,
    settle: Callable[[], None] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Wall time of each call [ms], `repeats` rounds of A B C, A B C …: what slows one call slows its neighbours too.

    `settle` waits until the device is idle, before and after each call; `clock` gives seconds. Raises ValueError for
    fewer than 1 round.
    """
    if repeats < 1:
        raise ValueError(f"repeats: {repeats} is not allowed; allowed: 1 or more")
    settle = settle or _nothing
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(repeats):
        for name, call in work.items():
            settle()
            start = clock()
            call()
            settle()
            times[name].append(1000 * (clock() - start))
    return times


def summary(times: Sequence[float], baseline: Sequence[float]) -> dict[str, Any]:
    """Median, quartiles, pictures a second and the ratio to the baseline of the same rounds; times in ms."""
    ratios = [mine / its for mine, its in zip(times, baseline, strict=True)]
    low, high = median_interval(ratios)
    return {
        "ms": list(times),
        "median_ms": median(times),
        "spread_ms": quartiles(times),
        "fps": 1000 / median(times),
        "ratio": {"median": median(ratios), "low": low, "high": high},
        "repeats": len(times),
    }


def quartiles(values: Sequence[float]) -> list[float]:
    """The 25th and 75th percentile, interpolated linearly."""
    if len(values) == 1:
        return [values[0], values[0]]
    low, _, high = quantiles(values, n=4, method="inclusive")
    return [low, high]


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """The narrowest pair of order statistics that holds the true median with 95 %, whatever the distribution.

    Fewer than 6 values cannot promise that much: then it is the smallest and the largest (94 % of 5 values, 75 % of 3).
    """
    ordered, count = sorted(values), len(values)
    cut = 0  # values left out on each side
    while 2 * (cut + 1) < count and 1 - 2 * _at_most(cut + 1, count) >= CONFIDENCE:
        cut += 1
    return ordered[cut], ordered[count - 1 - cut]


def _at_most(heads: int, tosses: int) -> float:
    # Chance that no more than `heads` of all values lie below the true median: each does with 1/2.
    return float(sum(math.comb(tosses, k) for k in range(heads + 1)) / 2**tosses)


def _nothing() -> None:
    pass
