"""What the explorer shows is what the network gives: ranked once, refined once, against the network itself and the metrics."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bgmatte.config import SELECTORS, RefineConfig
from bgmatte.explorer.exploration import Exploration
from bgmatte.explorer.selection import RANKED, WORDS, budgets, nearest
from bgmatte.explorer.shots import Pick, Shot, taken
from bgmatte.explorer.weights import opened
from bgmatte.inference.refusals import MatteError
from bgmatte.metrics import gradient_error, mad, sad
from bgmatte.network import with_config
from bgmatte.patches import coarse_error

HEIGHT, WIDTH = 130, 197  # no multiples of 4: the network pads


@pytest.fixture(scope="module")
def weights():
    return opened("shipped")


@pytest.fixture(scope="module")
def shot():
    whole = taken(Pick())
    src, bgr, pha = (x[..., 150 : 150 + HEIGHT, 120 : 120 + WIDTH].contiguous() for x in (whole.src, whole.bgr, whole.pha))
    return Shot("a part of it", src, bgr, pha)


@pytest.fixture(scope="module")
def exploration(shot, weights):
    return Exploration(shot, weights.at(0.25))


@pytest.fixture(scope="module")
def blind(shot, weights):
    return Exploration(replace(shot, pha=None), weights.at(0.25))


def by_network(weights, shot, **refine):
    """The network's own matte with a selector and a budget."""
    settings = {"patches": None, **refine} if "threshold" in refine or "everywhere" in refine else refine
    network = with_config(weights.network, replace(weights.config, refine=RefineConfig(**settings)))
    with torch.inference_mode():
        return network(shot.src, shot.bgr, true_pha=shot.pha)


@given(st.integers(1, 600_000))
def test_a_slider_goes_from_nothing_to_everything(patches):
    steps = budgets(patches)
    assert steps[0] == 0 and steps[-1] == patches
    assert list(steps) == sorted(set(steps))
    assert all(after <= 2 * before for before, after in pairwise(steps[1:]))
    assert {5_000, 20_000} & set(range(patches)) <= set(steps)
    assert nearest(patches, steps) == patches


@pytest.mark.parametrize("selector", SELECTORS)
@pytest.mark.parametrize("patches", [0, 1, 37, 400, 10**6])
def test_a_choice_is_the_networks_own(exploration, weights, shot, selector, patches):
    matte = by_network(weights, shot, selector=selector, patches=patches)
    chosen = exploration.chosen(selector, patches, 0.1)
    assert torch.equal(chosen, matte.ref_sm.flatten())
    shown = exploration.assembled(chosen)[:, :1, :HEIGHT, :WIDTH]
    assert torch.allclose(shown, matte.pha, atol=1e-5)


@pytest.mark.parametrize("threshold", [0.0, 0.05, 0.3, 1.0])
def test_a_threshold_is_the_networks_own(exploration, weights, shot, threshold):
    matte = by_network(weights, shot, threshold=threshold)
    assert torch.equal(exploration.chosen("threshold", 7, threshold), matte.ref_sm.flatten())


def test_everywhere_and_none(exploration, weights, shot):
    assert torch.allclose(exploration.after[:, :1, :HEIGHT, :WIDTH], by_network(weights, shot, everywhere=True).pha, atol=1e-5)
    assert exploration.chosen("everywhere", 0, 0).all()
    assert not exploration.chosen("none", 5, 0).any()
    assert {*RANKED, "threshold", "everywhere", "none"} == set(WORDS)


@pytest.mark.parametrize(("selector", "patches"), [("error", 0), ("error", 100), ("random", 333), ("grid", 10**6)])
def test_numbers_are_the_metrics_of_the_networks_matte(exploration, weights, shot, selector, patches):
    matte = by_network(weights, shot, selector=selector, patches=patches)
    chosen = exploration.chosen(selector, patches, 0)
    numbers = exploration.numbers(chosen)
    assert numbers.mad == pytest.approx(float(mad(matte.pha, shot.pha)), rel=1e-4)
    assert numbers.sad == pytest.approx(float(sad(matte.pha, shot.pha)), rel=1e-4)
    assert numbers.patches == int(matte.ref_sm.sum())
    assert numbers.share == pytest.approx(float(matte.ref_sm.float().mean()))
    assert exploration.gradient(chosen) == pytest.approx(float(gradient_error(matte.pha, shot.pha)), rel=1e-3)


def test_the_covered_share_is_the_studys(weights):
    whole = taken(Pick())  # whole patches, so that the study's formula holds as it stands
    exploration = Exploration(whole, weights.at(0.25))
    matte = by_network(weights, whole, selector="error", patches=1_000)
    error = coarse_error(matte.pha_sm, whole.pha)
    assert exploration.numbers(matte.ref_sm.flatten()).covered == pytest.approx(float((error * matte.ref_sm).sum() / error.sum()), rel=1e-4)


@pytest.mark.parametrize("selector", SELECTORS)
def test_a_curve_is_what_every_budget_gives(exploration, selector):
    for budget, error in exploration.curve(selector):
        assert error == pytest.approx(exploration.numbers(exploration.chosen(selector, budget, 0)).mad, rel=1e-9)


def test_the_refiner_alone_gives_what_is_shown(exploration):
    rehearsal = exploration.rehearsed(exploration.chosen("error", 200, 0))
    assert rehearsal.seconds > 0
    assert rehearsal.deviation < 1e-5


def test_without_truth_there_is_a_choice_but_no_error(blind):
    chosen = blind.chosen("error", 50, 0)
    numbers = blind.numbers(chosen)
    assert (numbers.patches, numbers.mad, numbers.sad, numbers.covered) == (50, None, None, None)
    assert blind.gradient(chosen) is None
    assert blind.curve("error") == []
    assert "oracle" not in blind.selectors
    with pytest.raises(MatteError, match="oracle chooses by the true error"):
        blind.chosen("oracle", 5, 0)
    with pytest.raises(MatteError, match="a part of it"):
        blind.wrong(blind.before)


def test_weights_without_a_refiner_change_nothing(shot, weights):
    plain = with_config(weights.network, replace(weights.config, refine=None))
    exploration = Exploration(shot, plain)
    assert torch.equal(exploration.before, exploration.after)


def test_the_same_twice_gives_the_same_bits(shot, weights):
    first, second = (Exploration(shot, weights.at(0.25)) for _ in range(2))
    assert torch.equal(first.after, second.after)
    assert torch.equal(first.chosen("random", 99, 0), second.chosen("random", 99, 0))
