"""Paired differences: hand values, the same bits, coverage in a small simulation, clusters, Holm, words."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bgmatte.statistics import PairedDifference, by_seed, holm, mean_interval, paired, smallest_told, surely_told, verdict


def grid(subjects, seeds, images=1):
    """Labels of a complete table: `images` of each subject under each seed."""
    who, when, _ = np.meshgrid(np.arange(subjects), np.arange(seeds), np.arange(images), indexing="ij")
    return who.ravel(), when.ravel()


def test_hand_values():
    who, when = ["anna", "anna", "bert", "bert"], [0, 0, 0, 0]
    seen = paired([3, 5, 1, 3], [2, 2, 2, 2], who, when)
    assert seen.mean == 1  # (1 + 3 − 1 + 1) / 4
    assert (seen.subjects, seen.seeds) == (2, 1)
    # Two subjects with means 2 and 0: a resample gives 0, 1 or 2 with chances 1/4, 1/2, 1/4.
    assert (seen.low, seen.high) == (0, 2)
    assert (seen.relative, seen.relative_low, seen.relative_high) == (0.5, 0, 1)
    assert seen.p == pytest.approx(0.5, abs=0.05)  # twice the quarter that is 0


def test_subjects_weigh_by_their_images():
    seen = mean_interval([1, 1, 1, 5], ["a", "a", "a", "b"], [0] * 4)
    assert (seen.mean, seen.low, seen.high) == (2, 1, 5)


def test_a_constant_difference_is_certain():
    who, when = grid(10, 2)
    base = np.linspace(1, 2, 20)
    seen = paired(base - 0.25, base, who, when)
    assert (seen.mean, seen.low, seen.high) == pytest.approx((-0.25, -0.25, -0.25))
    assert seen.p == pytest.approx(2 / 2001)  # no finer than the resamples allow


def test_no_difference_has_p_one():
    who, when = grid(5, 1)
    seen = paired(np.ones(5), np.ones(5), who, when)
    assert (seen.mean, seen.low, seen.high, seen.p) == (0, 0, 0, 1)


def test_a_perfect_baseline_has_no_relative_difference():
    who, when = grid(4, 1)
    seen = paired(np.ones(4), np.zeros(4), who, when)
    assert (seen.relative, seen.relative_low, seen.relative_high) == (None, None, None)


@pytest.mark.parametrize("seeds", [1, 3])
def test_the_same_arguments_give_the_same_bits(seeds):
    who, when = grid(11, seeds, 5)
    row, base = np.random.default_rng(0).random((2, len(who)))
    first = paired(row, base, who, when, rng_seed=3)
    assert first == paired(row, base, who, when, rng_seed=3)
    assert first != paired(row, base, who, when, rng_seed=4)


def test_the_order_of_images_does_not_matter():
    who, when = grid(7, 2, 3)
    row, base = np.random.default_rng(1).integers(0, 100, (2, len(who))).astype(float)  # whole numbers add up exactly
    mixed = np.random.default_rng(2).permutation(len(who))
    assert paired(row, base, who, when) == paired(row[mixed], base[mixed], who[mixed], when[mixed])


def test_a_slow_loop_draws_the_same_intervals():
    who, when = grid(6, 3, 2)
    values = np.random.default_rng(5).random(len(who))
    seen = mean_interval(values, who, when, resamples=4000)

    random, means = np.random.default_rng(99), []
    for _ in range(4000):
        people, runs = random.integers(6, size=6), random.integers(3, size=3)
        means.append(np.mean([values[(who == person) & (when == run)] for person in people for run in runs]))
    assert (seen.low, seen.high) == pytest.approx(tuple(np.percentile(means, [2.5, 97.5])), abs=0.01)


def simulated(random, subjects, images):
    """Differences of mean 0 whose images share their subject's luck."""
    shared = random.normal(0, 1, subjects)
    return (shared[:, None] + random.normal(0, 0.3, (subjects, images))).ravel()


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    random, held = np.random.default_rng(7), 0
    who, when = grid(25, 1, 4)
    for trial in range(300):
        seen = mean_interval(simulated(random, 25, 4), who, when, resamples=400, rng_seed=trial)
        held += seen.low <= 0 <= seen.high
    assert 0.88 <= held / 300 <= 0.98  # 95 % asked; percentiles of 25 subjects give a little less


def test_pictures_of_one_subject_are_not_independent():
    who, when = grid(10, 1, 8)
    values = simulated(np.random.default_rng(3), 10, 8)
    clustered = mean_interval(values, who, when)
    naive = mean_interval(values, np.arange(80), when)  # as if every picture were a subject of its own
    assert clustered.high - clustered.low > 1.8 * (naive.high - naive.low)


def test_the_luck_of_training_widens_the_interval():
    who, when = grid(40, 4)
    random = np.random.default_rng(4)
    values = random.normal(0, 0.1, len(who)) + random.normal(0, 1, 4)[when]
    both = mean_interval(values, who, when)
    subjects_only = mean_interval(values, who, np.zeros_like(when))
    assert both.high - both.low > 5 * (subjects_only.high - subjects_only.low)


def test_the_result_says_what_it_covers():
    who, when = grid(9, 1)
    assert mean_interval(np.arange(9), who, when).basis == "9 subjects, 1 seed: the interval covers subjects only, not the luck of training"
    who, when = grid(9, 3)
    assert mean_interval(np.arange(27), who, when).basis == "9 subjects × 3 seeds"


@settings(deadline=None, max_examples=30, derandomize=True)
@given(st.integers(2, 8), st.integers(1, 3), st.integers(0, 1000), st.floats(0.1, 10))
def test_properties(subjects, seeds, draw, factor):
    who, when = grid(subjects, seeds, 2)
    row, base = np.random.default_rng(draw).random((2, len(who)))
    seen = paired(row, base, who, when, resamples=200)
    assert seen.low <= seen.high
    assert 0 < seen.p <= 1
    assert seen.mean == pytest.approx(np.mean(row) - np.mean(base))

    turned = paired(base, row, who, when, resamples=200)
    assert (turned.mean, turned.low, turned.high, turned.p) == pytest.approx((-seen.mean, -seen.high, -seen.low, seen.p))

    scaled = paired(row * factor, base * factor, who, when, resamples=200)
    assert (scaled.low, scaled.high) == pytest.approx((seen.low * factor, seen.high * factor))
    assert (scaled.relative, scaled.relative_low) == pytest.approx((seen.relative, seen.relative_low))


def test_holm_by_hand():
    # Sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1: 0.02, 0.03, 0.06, 0.04 and the last may not fall below 0.06.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([0.2]) == [0.2]
    assert holm([]) == []
    with pytest.raises(ValueError, match=r"p\[1\]: 1.5 is not allowed"):
        holm([0.1, 1.5])


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_only_raises_and_keeps_the_order(p):
    adjusted = holm(p)
    assert all(before <= after <= min(1, len(p) * before) for before, after in zip(p, adjusted, strict=True))
    assert [adjusted[i] for i in np.argsort(p)] == sorted(adjusted)


def difference(mean, low, high):
    return PairedDifference(mean, low, high, 10, 1, None, None, None, 0.5)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((0.00005, -0.0001, 0.0002), "no difference found (−0.1 to +0.2)"),
        ((-0.0013, -0.0016, -0.001), "lower by 1.3 (−1.6 to −1.0)"),
        ((0.0021, 0.0009, 0.0034), "higher by 2.1 (+0.9 to +3.4)"),
        ((0.0, 0.0, 0.0), "no difference found (0.0 to 0.0)"),
        ((0.0, -0.00001, 0.0), "no difference found (0.0 to 0.0)"),
    ],
)
def test_the_verdict_says_what_the_interval_allows(numbers, words):
    assert verdict(difference(*numbers), scale=1e3) == words


def test_the_verdict_in_another_unit():
    assert verdict(difference(0.12, 0.08, 0.17), scale=100, digits=0, unit=" %") == "higher by 12 % (+8 to +17 %)"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1, 2], [1], ["a", "b"], [0, 0]), "base: 1 values"),
        (([1, 2], [1, 2], ["a"], [0, 0]), r"subjects: shape \(1,\)"),
        (([1, 2], [1, 2], ["a", "b"], [0]), r"seeds: shape \(1,\)"),
        (([1, np.nan], [1, 2], ["a", "b"], [0, 0]), r"row: values \[1\] are not finite"),
        (([], [], [], []), r"row: shape \(0,\)"),
        (([1, 2], [1, 2], ["a", "a"], [0, 0]), "subjects: 1 is not allowed"),
        (([1, 2], [1, 2], ["a", "b"], [0, 1]), "2 of 4 pairs of subject and seed have no image"),
    ],
)
def test_bad_input_is_refused_by_name(arguments, words):
    with pytest.raises(ValueError, match=words):
        paired(*arguments)
    with pytest.raises(ValueError, match="resamples: 1 is not allowed"):
        paired([1, 2], [1, 2], ["a", "b"], [0, 0], resamples=1)


def test_no_torch_is_imported():
    code = "import sys, bgmatte.statistics; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_smallest_difference_that_could_be_told_is_where_a_moved_interval_leaves_zero():
    who, when = grid(12, 1, 3)
    random = np.random.default_rng(8)
    base = random.random(len(who))
    row = base + random.normal(0, 0.2, 12)[who]
    least = smallest_told(paired(row, base, who, when))
    row -= np.mean(row - base)
    for sign in (-1, 1):
        near, far = (paired(row + sign * share * least, base, who, when) for share in (0.7, 1.001))
        assert near.low <= 0 <= near.high
        assert not far.low <= 0 <= far.high


def test_more_comparisons_ask_for_more():
    found = mean_interval([1.0, 2.0, 4.0], ["a", "b", "c"], [0, 0, 0])
    once, twice = smallest_told(found), smallest_told(found, 2)
    assert once == pytest.approx(max(found.mean - found.low, found.high - found.mean))
    assert twice / once == pytest.approx(2.2414 / 1.9600, abs=1e-4)  # tabulated normal quantiles at 97.5 % and 98.75 %
    with pytest.raises(ValueError, match="comparisons: 0"):
        smallest_told(found, 0)


def test_a_difference_is_found_as_often_as_said():
    random, found = np.random.default_rng(11), 0
    who, when = grid(60, 1)
    least = 1.96 / np.sqrt(60)  # of differences with a standard deviation of 1
    for trial in range(300):
        seen = mean_interval(random.normal(surely_told(0.8) * least, 1, 60), who, when, resamples=300, rng_seed=trial)
        found += seen.low > 0
    assert found / 300 == pytest.approx(0.8, abs=0.07)
    assert surely_told(0.5) == pytest.approx(1)
    with pytest.raises(ValueError, match=r"chance: 1\.0"):
        surely_told(1.0)


def test_differences_by_seed():
    assert by_seed([3, 5, 1, 3], [2, 2, 2, 2], [0, 0, 7, 7]) == {0: 2, 7: 0}
