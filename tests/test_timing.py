"""Timing: the order of calls, the arithmetic on a false clock, costs by hand, and the smoke profile once."""

import json
import math
from itertools import accumulate

import pytest
import torch
from torch import nn

import bgmatte.timing
from bgmatte.config import NetworkConfig, RefineConfig
from bgmatte.jsonable import ConfigError
from bgmatte.profiles import TimingSize, profile, run_config
from bgmatte.timing import time_rows, timed_rows
from bgmatte.timing.cost import gmacs, parameters
from bgmatte.timing.interleaving import interleaved, median_interval, quartiles, summary
from bgmatte.timing.subject import picture_pair, sized, timed_network
from bgmatte.variants import VARIANTS


class Clock:
    """Seconds that pass only while work is done."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def work(self, *seconds):
        each = iter(seconds)

        def call():
            self.now += next(each)

        return call


def test_rows_take_turns_and_the_device_settles_around_each():
    calls = []
    work = {name: lambda name=name: calls.append(name) for name in "abc"}
    interleaved(work, 2, settle=lambda: calls.append("."))
    assert "".join(calls) == ".a..b..c." * 2


def test_times_are_wall_time_in_ms():
    clock = Clock()
    times = interleaved({"a": clock.work(0.1, 0.3), "b": clock.work(0.2, 0.5)}, 2, clock=clock)
    assert times == {"a": pytest.approx([100, 300]), "b": pytest.approx([200, 500])}


def test_work_that_the_device_does_later_is_counted():
    clock = Clock()
    settle = clock.work(*[0, 0.7] * 2)
    assert interleaved({"a": lambda: None}, 2, settle=settle, clock=clock) == {"a": pytest.approx([700, 700])}


def test_no_round_is_refused():
    with pytest.raises(ValueError, match="repeats: 0 is not allowed"):
        interleaved({}, 0)


def test_summary_by_hand():
    seen = summary([20.0, 30.0, 50.0], [10.0, 20.0, 20.0])
    assert seen == {
        "ms": [20, 30, 50],
        "median_ms": 30,
        "spread_ms": [25, 40],
        "fps": pytest.approx(100 / 3),
        "ratio": {"median": 2, "low": 1.5, "high": 2.5},
        "repeats": 3,
    }


def test_the_ratio_survives_a_machine_that_slows_down():
    drift = [1.0, 3.0, 9.0, 2.0, 5.0]
    seen = summary([2 * slow for slow in drift], drift)
    assert seen["ratio"] == {"median": 2, "low": 2, "high": 2}


def test_quartiles():
    assert quartiles([7.0]) == [7, 7]
    assert quartiles([1.0, 2.0]) == [1.25, 1.75]
    assert quartiles([5.0, 1.0, 3.0, 2.0, 4.0]) == [2, 4]


@pytest.mark.parametrize(("count", "cut"), [(1, 0), (2, 0), (5, 0), (8, 0), (9, 1), (12, 2), (25, 7)])
def test_the_interval_of_a_median_is_the_sign_tests(count, cut):
    # Tables of the sign test: 6 to 8 values all, 9 the second to the eighth, 12 the third, 25 the eighth.
    values = [float(i) for i in reversed(range(count))]
    assert median_interval(values) == (cut, count - 1 - cut)
    tails = list(accumulate(math.comb(count, k) / 2**count for k in range(count)))
    if count >= 6:
        assert 1 - 2 * tails[cut] >= 0.95


def test_gmacs_of_a_small_network_by_hand():
    network = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 4, 1, stride=2))
    seen, result = gmacs(lambda: network(torch.zeros(2, 3, 10, 12)))
    assert seen * 1e9 == 2 * (10 * 12 * 8 * 3 * 9 + 5 * 6 * 4 * 8)
    assert result.shape == (2, 4, 5, 6)
    assert parameters(network) == 8 * 3 * 9 + 8 + 4 * 8 + 4


def test_each_patch_costs_what_the_paper_says():
    costs = []
    for patches in (0, 100):
        network = timed_network(NetworkConfig(refine=RefineConfig(patches=patches)))
        src, bgr = picture_pair(64, 64)
        with torch.inference_mode():
            costs.append(gmacs(lambda network=network, src=src, bgr=bgr: network(src, bgr))[0])
    assert (costs[1] - costs[0]) * 1e9 == pytest.approx(100 * 474_336, abs=1)  # by hand from the layer sizes


def test_the_pictures_are_seeded_and_in_range():
    first, second = picture_pair(36, 52), picture_pair(36, 52)
    for one, other in zip(first, second, strict=True):
        assert one.shape == (1, 3, 36, 52)
        assert 0 <= one.min() < one.max() <= 1
        assert torch.equal(one, other)
    assert not torch.equal(first[0], first[1])


def test_the_predicted_error_is_above_zero_everywhere():
    network = timed_network(sized(NetworkConfig(width=0.25), TimingSize("tiny", 64, 96, 0.25, 20, 1)))
    with torch.inference_mode():
        matte = network(*picture_pair(64, 96))
    assert matte.err_sm.min() > 0
    assert matte.err_sm.std() > 0
    assert matte.ref_sm.sum() == 20


def test_every_row_that_a_user_could_deploy_is_timed_at_full_width():
    rows = timed_rows("smoke")
    assert next(iter(rows)) == "baseline"
    deployed = {name for name, row in VARIANTS.items() if not row.reference}
    assert set(rows) == {name for name in deployed if not name.startswith(("order-", "only-"))}, "those differ in training alone"
    assert {run_config("smoke", name).network for name in deployed} == set(rows.values())
    for network in rows.values():
        config = sized(network, profile("quick").timing[1])
        assert (config.width, config.scale) == (1.0, 0.125)
        assert config.refine is None or config.refine.patches == 20_000


def test_an_unknown_profile_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="profile: 'huge' is not allowed"):
        time_rows("huge", tmp_path / "timing.json")


def test_the_smoke_profile_is_timed(tmp_path, monkeypatch):
    rows = timed_rows("smoke")
    some = {name: rows[name] for name in ("baseline", "no-refinement", "select-edge")}  # each kind once
    monkeypatch.setattr(bgmatte.timing, "timed_rows", lambda _profile: some)
    threads = torch.get_num_threads()

    result = time_rows("smoke", tmp_path / "timing.json", device="cpu", threads=1)

    assert torch.get_num_threads() == threads
    assert json.loads((tmp_path / "timing.json").read_text()) == result
    assert result["threads"] == 1
    (size,) = result["sizes"]
    assert set(size["rows"]) == set(some)
    base, bare, edge = size["rows"].values()
    assert (base["parameters"], bare["parameters"]) == (40_247_703, 40_247_703 - 15_444)  # by hand from the layer sizes
    assert (base["patches"], bare["patches"], edge["patches"]) == (64, 0, 64)
    assert base["gmacs"] == edge["gmacs"] > bare["gmacs"]
    assert base["ratio"] == {"median": 1, "low": 1, "high": 1}
    for row in size["rows"].values():
        assert len(row["ms"]) == row["repeats"] == 2
        assert row["peak_mib"] > row["parameters"] * 4 / 2**20  # at least the weights


def test_a_row_that_saves_patches_is_refused(tmp_path, monkeypatch):
    def idle(config):
        network = timed_network(config)
        dict(network.named_parameters())["decoder.conv4.bias"].data[4] = -1  # no error predicted, so nothing refined
        return network

    monkeypatch.setattr(bgmatte.timing, "timed_rows", lambda name: {"baseline": NetworkConfig()})
    monkeypatch.setattr(bgmatte.timing, "timed_network", idle)
    with pytest.raises(RuntimeError, match="baseline refined 0 patches at tiny and not its budget of 64"):
        time_rows("smoke", tmp_path / "timing.json", device="cpu", threads=1)
    assert not (tmp_path / "timing.json").exists()
