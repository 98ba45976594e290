"""Quality against budget is what the network itself gives for each budget, and sums agree with a slow loop."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator

from bgmatte.config import SELECTORS, NetworkConfig, RefineConfig
from bgmatte.data.test_pictures import Picture
from bgmatte.evaluation.budgets import budget_lines, budgets
from bgmatte.evaluation.judging import errors, unknown
from bgmatte.network import build, prepare_for_inference, with_selector
from bgmatte.ranking import Ranking

CONFIG = NetworkConfig(width=0.25, refine=RefineConfig(patches=64))


@pytest.fixture(scope="module")
def picture():
    random = torch.Generator().manual_seed(0)
    y, x = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    pha = ((20 - torch.hypot(x - 32, y - 32)) / 4 + 0.5).clamp(0, 1)[None, None]
    src, bgr, fgr = torch.rand(3, 1, 3, 64, 64, generator=random)
    return Picture("disc", "rendered-people", "disc", "noise", src, bgr, pha, fgr)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(1)
    return build(CONFIG).eval()


@pytest.fixture(scope="module")
def lines(picture, network):
    return list(budget_lines(picture, unknown(picture), prepare_for_inference(network), SELECTORS, 100, Generator().manual_seed(5)))


@pytest.mark.parametrize("selector", SELECTORS)
def test_every_budget_is_what_the_network_gives(picture, network, lines, selector):
    for line in (line for line in lines if line["selector"] == selector):
        changed = NetworkConfig(width=0.25, refine=RefineConfig(selector=selector, patches=line["patches"]))
        with torch.inference_mode():
            matte = with_selector(network, changed, selector)(picture.src, picture.bgr, generator=Generator().manual_seed(5), true_pha=picture.pha)
        assert line["refined"] == int(matte.ref_sm.sum())
        wanted = errors(matte.pha, picture.pha, unknown(picture))
        for name in ("mad", "mse", "grad", "mad_unknown", "mse_unknown", "grad_unknown"):
            assert line[name] == pytest.approx(float(wanted[name]), rel=1e-4), (selector, line["patches"], name)


def test_all_selectors_begin_and_end_alike(lines):
    for patches in (0, 256):
        ends = [{name: line[name] for name in ("mad", "grad")} for line in lines if line["patches"] == patches and line["selector"] != "error"]
        assert all(end == pytest.approx(ends[0]) for end in ends)


def test_covered_error_grows_from_nothing_to_all_and_fastest_for_the_oracle(lines):
    covered = {name: [line["covered"] for line in lines if line["selector"] == name] for name in SELECTORS}
    for shares in covered.values():
        assert shares[0] == 0
        assert shares == sorted(shares)
    assert covered["oracle"][-1] == pytest.approx(1)
    for shares in covered.values():
        assert all(best >= other - 1e-12 for best, other in zip(covered["oracle"], shares, strict=True))


@given(st.integers(1, 10**6), st.none() | st.integers(1, 10**4))
def test_budgets_go_from_nothing_to_everything(patches, own):
    steps = budgets(patches, own)
    assert steps[0] == 0
    assert steps[-1] == patches
    assert list(steps) == sorted(set(steps))
    assert own is None or own > patches or own in steps


def test_sums_in_the_order_of_a_ranking_by_hand():
    ranking = Ranking(torch.tensor([2, 0, 1]), torch.tensor([3.0, 2.0, 1.0]), 3)
    before, after = torch.tensor([1.0, 2.0, 4.0]), torch.tensor([0.5, 3.0, 1.0])
    assert ranking.mixed(before, after).tolist() == [7, 4, 3.5, 4.5]
