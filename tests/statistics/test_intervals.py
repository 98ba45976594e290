"""Means, paired differences, ratios and effects: Student's own numbers, slow loops, identities, the same bits, refusals."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bgmatte.statistics import by_seed, mean_interval, paired, ratio
from bgmatte.statistics.crossed import spread


def grid(subjects, seeds, images=1):
    """Labels of a complete table: `images` of each subject under each seed."""
    who, when, _ = np.indices((subjects, seeds, images))
    return who.ravel(), when.ravel()


def ends(found):
    return found.low, found.high


def test_hand_values():
    who, when = ["anna", "anna", "bert", "bert"], [0, 0, 0, 0]
    seen = paired([3, 5, 1, 3], [2, 2, 2, 2], who, when)
    assert seen.mean == 1  # (1 + 3 − 1 + 1) / 4
    assert (seen.subjects, seen.seeds, seen.above) == (2, 1, 1)
    # Two subjects with means 2 and 0: standard error 1, one degree of freedom, whose tabulated quantile is 12.706.
    assert (seen.standard_error, seen.degrees) == (1, 1)
    assert ends(seen) == pytest.approx((1 - 12.706, 1 + 12.706), abs=1e-3)
    assert seen.p == pytest.approx(0.5)  # Student's at t = 1 with one degree is ½
    assert seen.relative == 0.5
    assert (seen.relative_low, seen.relative_high) == pytest.approx((-5.853, 6.853), abs=1e-3)  # the base is 2 without doubt
    assert seen.effect is None, "two subjects have no spread worth a unit"


def test_one_seed_is_as_wide_as_students_interval_and_divided_as_a_slow_bootstrap_says():
    who, when = grid(12, 1, 3)
    values = np.array([0.0] * 10 + [1, 6])[who] + np.tile([-0.1, 0.0, 0.1], 12)
    seen = mean_interval(values, who, when, resamples=10_000)
    each = values.reshape(12, 3).mean(axis=1)
    student = stats.ttest_1samp(each, 0).confidence_interval()
    assert seen.high - seen.low == pytest.approx(student.high - student.low)

    random, means = np.random.default_rng(99), []
    for _ in range(4000):
        means.append(np.mean([each[person] for person in random.integers(12, size=12)]))
    low, high = np.percentile(means, [2.5, 97.5]) - seen.mean
    assert high > -1.3 * low, "this data must be skewed"
    assert (seen.high - seen.mean) / (seen.mean - seen.low) == pytest.approx(-high / low, rel=0.1)


def test_seeds_are_drawn_for_all_subjects_at_once():
    who, when = grid(6, 3, 2)
    values = np.random.default_rng(5).random(len(who)) + np.array([0, 0, 1])[when]
    seen = mean_interval(values, who, when, resamples=4000)
    random, means = np.random.default_rng(99), []
    for _ in range(4000):
        people, runs = random.integers(6, size=6), random.integers(3, size=3)
        means.append(np.mean([values[(who == person) & (when == run)] for person in people for run in runs]))
    low, high = np.percentile(means, [2.5, 97.5]) - seen.mean
    assert (seen.high - seen.mean) / (seen.high - seen.low) == pytest.approx(high / (high - low), abs=0.01)


def test_a_symmetric_difference_has_students_p():
    values = np.array([-3.0, -1, 0, 1, 3]) + 1.1
    seen = paired(values, np.zeros(5), *grid(5, 1), resamples=50_000)
    assert seen.p == pytest.approx(stats.ttest_1samp(values, 0).pvalue, rel=0.03)


def test_the_spread_of_subjects_alone_and_of_seeds_alone_is_students():
    people, runs = np.random.default_rng(1).normal(size=(7, 1)), np.random.default_rng(2).normal(size=(1, 3))
    assert spread(people) == pytest.approx((people.std(ddof=1) / 7**0.5, 6))
    assert spread(people + np.zeros((7, 3))) == pytest.approx((people.std(ddof=1) / 7**0.5, 6))
    assert spread(runs + np.zeros((7, 3))) == pytest.approx((runs.std(ddof=1) / 3**0.5, 2))
    assert spread(np.ones((7, 3)))[0] == 0


def test_the_spread_of_both_by_a_slow_analysis_of_variance():
    cells = np.random.default_rng(3).normal(size=(5, 3)) / 4 + np.arange(5)[:, None] + np.array([0, 1, 3])
    person = 3 * sum((line.mean() - cells.mean()) ** 2 for line in cells) / 4
    run = 5 * sum((line.mean() - cells.mean()) ** 2 for line in cells.T) / 2
    rest = sum((cells[s, k] - cells[s].mean() - cells[:, k].mean() + cells.mean()) ** 2 for s in range(5) for k in range(3)) / 8
    error, degrees = spread(cells)
    assert error == pytest.approx(((person + run - rest) / 15) ** 0.5)
    satterthwaite = (person + run - rest) ** 2 / (person**2 / 4 + run**2 / 2 + rest**2 / 8)
    cochran = (person * stats.t.ppf(0.975, 4) + (run - rest) * stats.t.ppf(0.975, 2)) / (person + run - rest)
    assert stats.t.ppf(0.975, degrees) == pytest.approx((stats.t.ppf(0.975, satterthwaite) + cochran) / 2)


def test_subjects_weigh_by_their_images():
    seen = mean_interval([1, 1, 1, 5], ["a", "a", "a", "b"], [0] * 4)
    assert seen.mean == 2
    # Influences (sum − count · mean) · cells / images: a gives (3 − 6) / 2, b gives (5 − 2) / 2; their standard error is 3 / 2.
    assert seen.standard_error == pytest.approx(1.5)


def test_a_constant_difference_is_certain():
    base = np.linspace(1, 2, 20)
    seen = paired(base - 0.25, base, *grid(10, 2))
    assert (seen.mean, *ends(seen)) == pytest.approx((-0.25, -0.25, -0.25))
    assert (seen.p, seen.above, seen.effect) == (pytest.approx(0), 0, None)


def test_no_difference_has_p_one():
    seen = paired(np.ones(5), np.ones(5), *grid(5, 1))
    assert (seen.mean, *ends(seen), seen.p, seen.above) == (0, 0, 0, 1, 0)


@pytest.mark.parametrize("base", [np.zeros(4), np.array([-9.0, 1, 5, 9])])
def test_a_baseline_that_may_be_zero_has_no_relative_difference(base):
    seen = paired(base + 1, base, *grid(4, 1))
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
    row, base = np.random.default_rng(1).integers(1, 100, (2, len(who))).astype(float)  # whole numbers add up exactly
    mixed = np.random.default_rng(2).permutation(len(who))
    assert paired(row, base, who, when) == paired(row[mixed], base[mixed], who[mixed], when[mixed])


def test_pictures_of_one_subject_are_not_independent():
    who, when = grid(10, 1, 8)
    random = np.random.default_rng(3)
    values = random.normal(0, 1, 10)[who] + random.normal(0, 0.3, len(who))
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
    assert mean_interval(np.arange(9), *grid(9, 1)).basis == "9 subjects, 1 seed: the interval covers subjects only, not the luck of training"
    assert mean_interval(np.arange(27), *grid(9, 3)).basis == "9 subjects × 3 seeds"


@settings(deadline=None, max_examples=30, derandomize=True)
@given(st.integers(2, 8), st.integers(1, 3), st.integers(0, 1000), st.floats(0.1, 10))
def test_properties(subjects, seeds, draw, factor):
    who, when = grid(subjects, seeds, 2)
    row, base = np.random.default_rng(draw).random((2, len(who))) + np.array([[0.3], [0.0]])
    seen = paired(row, base, who, when, resamples=200)
    assert seen.low <= seen.mean <= seen.high
    assert seen.mean == pytest.approx(np.mean(row) - np.mean(base))
    assert (seen.p < 0.05) == (seen.low > 0 or seen.high < 0)
    if seen.effect:
        assert (seen.effect.low > 0, seen.effect.high < 0) == (seen.low > 0, seen.high < 0)
        assert seen.effect.low <= seen.effect.high

    turned = paired(base, row, who, when, resamples=200)
    assert (turned.mean, turned.low, turned.high, turned.p) == pytest.approx((-seen.mean, -seen.high, -seen.low, seen.p))

    scaled = paired(row * factor, base * factor, who, when, resamples=200)
    assert ends(scaled) == pytest.approx((seen.low * factor, seen.high * factor))
    if seen.relative is not None:
        assert (scaled.relative, scaled.relative_low) == pytest.approx((seen.relative, seen.relative_low))
        assert (seen.relative_low > 0, seen.relative_high < 0) == (seen.low > 0, seen.high < 0)


@pytest.mark.parametrize("seeds", [1, 3])
def test_the_ends_of_a_ratio_are_where_the_paired_difference_can_just_not_be_told(seeds):
    who, when = grid(9, seeds, 2)
    random = np.random.default_rng(2)
    wholes = 1 + 0.2 * random.random(9)[who] + 0.1 * random.random(seeds)[when]
    parts = wholes * (0.7 + 0.1 * random.random(len(who)))
    seen = ratio(parts, wholes, who, when)
    assert seen.mean == pytest.approx(parts.mean() / wholes.mean())
    arm = seen.high - seen.low
    assert paired(parts, seen.low * wholes, who, when).low == pytest.approx(0, abs=1e-4 * arm)
    assert paired(parts, seen.high * wholes, who, when).high == pytest.approx(0, abs=1e-4 * arm)
    relative = paired(parts, wholes, who, when)
    assert (relative.relative_low, relative.relative_high) == pytest.approx((seen.low - 1, seen.high - 1), abs=1e-4 * arm)


def test_an_exact_share_is_certain_and_a_whole_that_may_be_zero_has_none():
    who, when = grid(8, 3)
    wholes = 1 + np.random.default_rng(0).random(24)
    assert ends(ratio(wholes / 4, wholes, who, when)) == pytest.approx((0.25, 0.25))
    assert ratio(wholes, wholes - wholes.mean(), who, when) is None
    with pytest.raises(ValueError, match="wholes: 1 values"):
        ratio([1, 2], [1], ["a", "b"], [0, 0])


def test_the_effect_is_hedges_g_and_its_ends_the_noncentral_distributions():
    change = np.array([0.2, 0.5, 0.4, 0.9, 0.1, 0.6])
    seen = paired(change, np.zeros(6), *grid(6, 1))
    assert seen.effect.value == pytest.approx((1 - 3 / 19) * 0.45 / change.std(ddof=1))
    assert seen.above == 6
    for end, arm, chance in ((seen.effect.low, seen.mean - seen.low, 0.025), (seen.effect.high, seen.high - seen.mean, 0.975)):
        error = arm / stats.t.ppf(0.975, 5)  # of the mean, on that side
        assert stats.nct.sf(seen.mean / error, 5, end * change.std(ddof=1) / error) == pytest.approx(chance, rel=1e-3)


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


def test_differences_by_seed():
    assert by_seed([3, 5, 1, 3], [2, 2, 2, 2], [0, 0, 7, 7]) == {0: 2, 7: 0}
