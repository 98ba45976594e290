"""Drawn studies with known truth: intervals hold it, tests stay silent, detectable differences are found (all: `python -m bgmatte.statistics`)."""

import numpy as np
import pytest

from bgmatte.statistics.simulation import Design, coverage, designs, effect_coverage, family_alarms, found_share, ratio_coverage

PEOPLE, SKEWED = (Design(11, 1, 5, (0.9, 0.0, 0.1), skewness) for skewness in (0.0, 1.0))
LUCK = Design(25, 3, 1, (0.3, 0.4, 0.3))
MANY = Design(51, 3, 1, (0.9, 0.05, 0.05))


@pytest.mark.parametrize(("design", "percentiles"), [(SKEWED, 92.5), (LUCK, 85), (MANY, 93)])
def test_intervals_hold_the_truth_and_percentiles_alone_do_not(design, percentiles):
    held = coverage(design, trials=900, resamples=400)
    assert 93 <= held.interval <= 97
    assert held.percentiles < percentiles


# Where seeds differ little, p with its 2 degrees of freedom is far more cautious than the 5 % that are promised.
@pytest.mark.parametrize(("design", "members", "least", "most"), [(PEOPLE, 5, 1, 6.5), (LUCK, 8, 1, 6.5), (MANY, 8, 0, 1)])
def test_a_family_without_a_difference_stays_silent(design, members, least, most):
    assert least <= family_alarms(design, members, trials=400, resamples=100) <= most


def test_p_by_the_interval_s_own_degrees_of_freedom_would_not():
    assert family_alarms(LUCK, members=8, trials=200, resamples=100, wary=False) > 8


@pytest.mark.parametrize(("design", "comparisons"), [(PEOPLE, 1), (PEOPLE, 5), (LUCK, 5)])
def test_a_detectable_difference_is_found_four_times_in_five(design, comparisons):
    assert found_share(design, comparisons, trials=600, resamples=200)[1] == pytest.approx(80, abs=4)


def test_ratios_and_effects_hold_theirs():
    assert ratio_coverage(PEOPLE, 0.8, trials=150, resamples=100) == pytest.approx(95, abs=4)
    assert effect_coverage(PEOPLE, 0.8, trials=500, resamples=200) == pytest.approx(95, abs=3)


def test_drawn_studies_have_the_variance_and_skewness_asked_for():
    random = np.random.default_rng(0)
    for design in (SKEWED, LUCK, MANY):
        means = [design.drawn(random).mean() for _ in range(3000)]
        assert np.std(means) == pytest.approx(design.known.standard_error, rel=0.05)
    people = np.concatenate([Design(100, 1, 1, (1.0, 0.0, 0.0), 1.0).drawn(random) for _ in range(300)])
    assert np.mean(people**3) == pytest.approx(1, abs=0.15)
    assert (people.mean(), people.std()) == pytest.approx((0, 1), abs=0.03)


def test_the_grid_spans_the_plan():
    grid = set(designs())
    assert {(design.subjects, design.seeds, design.images) for design in grid} >= {(s, k, i) for s in (11, 25, 51) for k in (1, 3, 5) for i in (1, 5)}
    assert all(sum(design.shares) <= 1 + 1e-9 for design in grid)
