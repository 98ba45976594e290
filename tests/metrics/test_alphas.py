"""Error by true alpha: a slow loop, the whole as the sum of its parts, refusals."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bgmatte.metrics import mad, mad_by_alpha


def test_a_slow_loop_sorts_pixels_alike():
    random = torch.Generator().manual_seed(0)
    true = torch.rand(1, 1, 9, 7, generator=random)
    true.view(-1)[:5], true.view(-1)[5:9], true.view(-1)[9:12] = 0, 1, torch.tensor([0.25, 0.5, 0.75])
    pha = torch.rand(1, 1, 9, 7, generator=random)
    bands: dict[str, list[float]] = {}
    for t, p in zip(true.flatten().tolist(), pha.flatten().tolist(), strict=True):
        quarter = math.ceil(4 * t)
        name = "mad_alpha_0" if t == 0 else "mad_alpha_100" if t == 1 else f"mad_alpha_{25 * (quarter - 1)}_{25 * quarter}"
        bands.setdefault(name, []).append(abs(t - p))
    found = mad_by_alpha(pha, true)
    assert set(found) == set(bands)
    for name, errors in bands.items():
        assert float(found[name]) == pytest.approx(sum(errors) / len(errors), rel=1e-6), name


@given(st.integers(0, 1000))
def test_the_parts_make_the_whole(seed):
    random = torch.Generator().manual_seed(seed)
    true = (torch.rand(1, 1, 8, 8, generator=random) * 6).round() / 6
    pha = torch.rand(1, 1, 8, 8, generator=random)
    shares = {name: float((mad_by_alpha(true, true)[name] == 0).sum()) for name in mad_by_alpha(pha, true)}
    present = {name: value for name, value in mad_by_alpha(pha, true).items() if shares[name]}
    counts = {name: count(true, name) for name in present}
    assert sum(counts.values()) == 64
    assert sum(float(value) * counts[name] for name, value in present.items()) / 64 == pytest.approx(float(mad(pha, true)))


def count(true: torch.Tensor, name: str) -> int:
    """How many pixels a band's name means."""
    places = [float(part) / 100 for part in name.removeprefix("mad_alpha_").split("_")]
    if len(places) == 1:
        return int((true == places[0]).sum())
    return int(((true > places[0]) & (true <= places[1]) & (true < 1)).sum())


def test_a_band_without_a_pixel_has_no_mean():
    found = mad_by_alpha(torch.full((1, 1, 4, 4), 0.25), torch.ones(1, 1, 4, 4))
    assert float(found.pop("mad_alpha_100")) == 0.75
    assert all(value.isnan() for value in found.values())


@pytest.mark.parametrize("edges", [(0.5, 1.0), (0.0, 0.5), (0.0, 0.5, 0.5, 1.0), (0.0,)])
def test_edges_that_do_not_rise_from_0_to_1_are_refused(edges):
    with pytest.raises(ValueError, match="edges"):
        mad_by_alpha(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 4, 4), edges)
