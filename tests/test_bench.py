"""The bench: parts by a false clock, differences by hand, and the smoke profile once, told as a page."""

import json
from types import SimpleNamespace

import pytest
import torch

import bgmatte.timing.bench
from bgmatte.config import NetworkConfig
from bgmatte.network import Matte, build
from bgmatte.reporting.bench import tell_bench
from bgmatte.timing.bench import bench, benched, largest_difference
from bgmatte.timing.parts import PARTS, Stopwatch, time_by_part


def test_a_part_is_what_passes_inside_it_and_calls_add_up():
    now = SimpleNamespace(seconds=0.0)

    def work(seconds):
        now.seconds += seconds
        return seconds

    watch = Stopwatch(settle=lambda: work(0.5), clock=lambda: now.seconds)  # a device that is busy for half a second after each call
    walk = watch.watched(work, "walk")
    assert walk(2.0) == 2.0
    walk(1.0)
    with watch.part("rest"):
        pass
    assert watch.spent == {"walk": pytest.approx(1000 * (2.0 + 0.5 + 1.0 + 0.5)), "rest": pytest.approx(500)}


@pytest.mark.parametrize("refine", [NetworkConfig().refine, None], ids=["refined", "coarse"])
def test_parts_add_up_to_the_whole(refine):
    network = build(NetworkConfig(backbone="mobilenetv2", width=0.25, refine=refine)).eval()
    src, bgr = torch.rand(2, 1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    spent = time_by_part(network, src, bgr, settle=lambda: None)
    assert tuple(spent) == PARTS and all(value >= 0 for value in spent.values())
    assert all(spent[part] > 0 for part in ("encoder", "context", "decoder"))
    assert (spent["select"] > 0) == (refine is not None)


def matte(pha, ref):
    small = torch.zeros(1, 1, 2, 2)
    return Matte(pha, pha.expand(-1, 3, -1, -1), small, small.expand(-1, 3, -1, -1), small, ref)


def test_patches_that_only_one_refined_are_told_apart_from_the_difference():
    one, other = torch.zeros(1, 1, 7, 8), torch.zeros(1, 1, 7, 8)
    refs = torch.zeros(2, 1, 1, 2, 2, dtype=torch.bool)
    other[..., 0, 0], refs[1, ..., 0, 0] = 1.0, True  # the first patch was refined by the second matte alone
    other[..., 6, 7] = 0.25
    assert largest_difference(matte(one, refs[0]), matte(other, refs[1])) == {"pha": 0.25, "fgr": 0.25, "patches": 1}


def test_every_backbone_and_scattered_patches_are_measured():
    networks = benched()
    assert {network.backbone for network in networks.values()} == {"resnet50", "resnet101", "mobilenetv2"}
    assert [network.refine.selector for network in networks.values()] == ["error", "error", "error", "random"]


def test_the_smoke_profile_is_measured_and_told(tmp_path, monkeypatch):
    few = {"mobilenetv2": NetworkConfig(backbone="mobilenetv2")}
    monkeypatch.setattr(bgmatte.timing.bench, "benched", lambda: few)
    monkeypatch.setattr(bgmatte.timing.bench, "TRAINED", ("mobilenetv2",))
    result = bench("smoke", tmp_path / "bench.json", device="cpu", threads=1)
    assert json.loads((tmp_path / "bench.json").read_text()) == result
    (size,) = result["sizes"]
    seen = size["networks"]["mobilenetv2"]
    assert seen["difference"]["pha"] < 1e-4 and seen["difference"]["patches"] == 0
    ratios = sorted(plain / fast for plain, fast in zip(seen["plain"]["ms"], seen["fast"]["ms"], strict=True))
    assert seen["speedup"] == {"median": pytest.approx(sum(ratios) / 2), "low": ratios[0], "high": ratios[1]}  # two rounds
    for path in ("plain", "fast"):
        assert tuple(seen[path]["parts"]) == PARTS and seen[path]["peak_mib"] > 5_006_839 * 4 / 2**20  # at least the weights

    page = tell_bench(tmp_path / "bench.json").read_text()
    assert f"| {seen['fast']['fps']:.2f} |" in page and "(bench.svg)" in page
    assert all(f" {part} |" in page for part in PARTS)
    assert "| mobilenetv2, fast |" in page.partition("## Training")[2] and result["training"]["networks"]["mobilenetv2"]["difference"] < 1e-4
    assert (tmp_path / "bench.svg").read_text().startswith("<?xml")
