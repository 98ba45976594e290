"""Families and the smallest detectable difference: hand values, statsmodels as witness."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bgmatte.statistics import Interval, detectable, half_widths, holm


def test_holm_by_hand():
    # Sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1: 0.02, 0.03, 0.06, 0.04 and the last may not fall below 0.06.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([0.2]) == [0.2]
    assert holm([]) == []
    with pytest.raises(ValueError, match=r"p\[1\]: 1.5 is not allowed"):
        holm([0.1, 1.5])


def test_holm_is_statsmodels():
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(0).beta(0.3, 2, size=12)
    assert holm(list(p)) == pytest.approx(list(multipletests(p, method="holm")[1]))


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_only_raises_and_keeps_the_order(p):
    adjusted = holm(p)
    assert all(before <= after <= min(1, len(p) * before) for before, after in zip(p, adjusted, strict=True))
    assert [adjusted[i] for i in np.argsort(p)] == sorted(adjusted)


def known(error, degrees, seeds=1):
    return Interval(0, 0, 0, 2, seeds, standard_error=error, degrees=degrees)


def test_the_detectable_difference_is_found_four_times_in_five():
    for degrees, comparisons in ((1, 1), (2, 5), (10, 1), (10, 5), (50, 1), (2.7, 3)):
        size = detectable(known(1.0, degrees), comparisons)
        least = stats.t.ppf(1 - 0.025 / comparisons, degrees)
        assert stats.nct.sf(least, degrees, size) == pytest.approx(0.8, abs=1e-6)
    assert detectable(known(1.0, 1e6)) == pytest.approx(1.95996 + 0.84162, abs=1e-3)  # tabulated normal quantiles
    assert detectable(known(0.3, 10)) == pytest.approx(0.3 * detectable(known(1.0, 10)))


def test_few_seeds_ask_more_of_a_family():
    assert (known(1, 20, 3).tail, known(1, 20, 5).tail, known(1, 20).tail) == pytest.approx((2, 2 / (1 / 20 + 1 / 4), 20))
    assert detectable(known(1, 20, 3)) == pytest.approx(detectable(known(1, 20))), "alone, at 0.05, the interval decides"
    least = stats.t.ppf(0.975, 20) * stats.t.ppf(0.995, 2) / stats.t.ppf(0.975, 2)  # standard errors at which p is 0.01
    assert stats.nct.sf(least, 20, detectable(known(1, 20, 3), 5)) == pytest.approx(0.8, abs=1e-6)


def test_half_widths_are_tabulated_quantiles():
    # Student's two-sided quantiles of 2 degrees of freedom: 4.303 at 5 %, 6.205 at 5/2 %, 9.925 at 1 %.
    assert [half_widths(known(1, 20, 3), count) for count in (1, 2, 5)] == pytest.approx([1, 6.205 / 4.303, 9.925 / 4.303], rel=1e-3)
    assert half_widths(known(1, 1e6), 5) == pytest.approx(2.5758 / 1.95996, rel=1e-3)  # tabulated normal quantiles


def test_the_detectable_difference_is_statsmodels():
    from statsmodels.stats.power import TTestPower

    effect = TTestPower().solve_power(nobs=11, alpha=0.05, power=0.9)  # in standard deviations of 11 differences
    assert detectable(known(11**-0.5, 10), chance=0.9) == pytest.approx(effect, rel=1e-4)


def test_what_cannot_be_asked_of_power_is_refused():
    with pytest.raises(ValueError, match="comparisons: 0"):
        detectable(known(1.0, 10), 0)
    for chance in (1.0, 0.05):
        with pytest.raises(ValueError, match="chance"):
            detectable(known(1.0, 10), chance=chance)
