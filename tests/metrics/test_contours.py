"""Error by distance from the contour, against a loop over all pairs of pixels, by hand, and by what must add up."""

import math

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bgmatte.metrics import contour_distance, mad, mad_by_distance

EASY = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def cases(draw):
    """Two mattes (2, 1, H, W): blobs with soft edges, sometimes without any contour."""
    height, width = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = draw(st.sampled_from([(0.0, 1.0), (0.0, 0.4, 0.5, 1.0), (0.2,), (0.9,)]))
    return (torch.from_numpy(random.choice(values, (2, 1, height, width))) for _ in range(2))


def slow_distance(true):
    height, width = true.shape
    found = np.full((height, width), math.inf)
    for y in range(height):
        for x in range(width):
            others = [math.hypot(y - v, x - u) for v in range(height) for u in range(width) if (true[v, u] >= 0.5) != (true[y, x] >= 0.5)]
            found[y, x] = min(others, default=math.inf) - 0.5
    return found


@EASY
@given(cases())
def test_a_loop_over_all_pairs_agrees(case):
    pha, true = case
    seen = mad_by_distance(pha, true, (0, 1, 2.5, 4, math.inf))
    assert list(seen) == ["mad_band_0_1", "mad_band_1_2.5", "mad_band_2.5_4", "mad_band_4_up"]
    for picture in range(2):
        distance = slow_distance(true[picture, 0].numpy())
        np.testing.assert_allclose(contour_distance(true)[picture, 0].numpy(), distance)
        for mean, (low, high) in zip(seen.values(), ((0, 1), (1, 2.5), (2.5, 4), (4, math.inf)), strict=True):
            errors = [
                abs(float(pha[picture, 0, y, x] - true[picture, 0, y, x]))
                for (y, x), far in np.ndenumerate(distance)
                if low <= far and (far < high or high == math.inf)
            ]
            assert float(mean[picture]) == pytest.approx(np.mean(errors) if errors else math.nan, nan_ok=True)


@EASY
@given(cases())
def test_the_bands_weighted_by_their_pixels_are_the_whole(case):
    pha, true = case
    distance = contour_distance(true)
    means = mad_by_distance(pha, true, (0, 2, math.inf))
    near = (distance < 2).double().mean((1, 2, 3))
    parts = means["mad_band_0_2"].nan_to_num() * near + means["mad_band_2_up"].nan_to_num() * (1 - near)
    torch.testing.assert_close(parts, mad(pha, true))


def test_by_hand():
    true = torch.tensor([0.0, 0.0, 0.2, 0.5, 1.0, 1.0]).view(1, 1, 1, 6)  # the contour lies between the third and the fourth pixel
    pha = torch.tensor([0.0, 0.3, 0.2, 0.6, 1.0, 0.8]).view(1, 1, 1, 6)
    assert contour_distance(true).flatten().tolist() == [2.5, 1.5, 0.5, 0.5, 1.5, 2.5]
    seen = {name: round(float(mean), 6) for name, mean in mad_by_distance(pha, true, (0, 1, 2, math.inf)).items()}
    assert seen == {"mad_band_0_1": 0.05, "mad_band_1_2": 0.15, "mad_band_2_up": 0.1}


def test_the_published_bands_have_names_a_table_can_hold():
    names = list(mad_by_distance(torch.rand(1, 1, 8, 8), torch.rand(1, 1, 8, 8)))
    assert names == ["mad_band_0_2", "mad_band_2_4", "mad_band_4_8", "mad_band_8_16", "mad_band_16_32", "mad_band_32_up"]


def test_a_picture_without_a_contour_is_all_far_away():
    true = torch.ones(1, 1, 8, 8)
    seen = mad_by_distance(true * 0.75, true)
    assert seen["mad_band_32_up"].item() == 0.25
    assert all(math.isnan(mean.item()) for name, mean in seen.items() if name != "mad_band_32_up")


@pytest.mark.parametrize("edges", [(0,), (0, 2, 2), (4, 2)])
def test_bands_must_rise(edges):
    with pytest.raises(ValueError, match="rising"):
        mad_by_distance(torch.rand(1, 1, 8, 8), torch.rand(1, 1, 8, 8), edges)


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match="shape"):
        contour_distance(torch.rand(8, 8))
