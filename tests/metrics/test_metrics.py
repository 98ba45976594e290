"""Metrics against hand values, and bad input."""

import math

import pytest
import torch

from bgmatte import metrics

PAIRWISE = (metrics.mad, metrics.mse, metrics.sad, metrics.gradient_error, metrics.connectivity_error)


def test_halving_the_difference_halves_mad_and_quarters_mse():
    true = torch.rand(3, 1, 20, 30, generator=torch.Generator().manual_seed(0)).double()
    pha = 1 - true
    nearer = (pha + true) / 2
    torch.testing.assert_close(metrics.mad(nearer, true), metrics.mad(pha, true) / 2)
    torch.testing.assert_close(metrics.mse(nearer, true), metrics.mse(pha, true) / 4)


@pytest.mark.parametrize("metric", PAIRWISE)
def test_a_batch_is_its_images_and_numbers_are_float64(metric):
    pha, true = torch.rand(2, 4, 1, 24, 18, generator=torch.Generator().manual_seed(1))
    region = true > 0.5
    together = metric(pha, true, region)
    assert together.shape == (4,)
    assert together.dtype == torch.float64
    alone = torch.cat([metric(pha[i : i + 1], true[i : i + 1], region[i : i + 1]) for i in range(4)])
    torch.testing.assert_close(together, alone, rtol=1e-12, atol=0)


def test_hand_values():
    pha, true = torch.tensor([[[[0.0, 0.5], [1.0, 0.25]]]]), torch.tensor([[[[0.0, 1.0], [1.0, 0.0]]]])
    region = torch.tensor([[[[False, True], [False, True]]]])
    assert metrics.mad(pha, true).tolist() == [0.1875]
    assert metrics.mse(pha, true).tolist() == [0.078125]
    assert metrics.sad(pha, true).tolist() == [0.75]
    assert metrics.mad(pha, true, region).tolist() == [0.375]
    assert metrics.sad(pha, true, region).tolist() == [0.75]


def test_an_impulse_gives_the_filters_own_energy():
    # gx² + gy² of an impulse is the two filters squared, each of unit norm: their energies sum to 2.
    true = torch.zeros(1, 1, 21, 21)
    pha = true.clone()
    pha[..., 10, 10] = 1
    assert metrics.gradient_error(pha, true).item() == pytest.approx(2, rel=1e-12)
    assert metrics.gradient_error(pha / 2, true).item() == pytest.approx(0.5, rel=1e-12)
    assert metrics.gradient_error(pha / 2, true, stretch=True).item() == pytest.approx(2, rel=1e-12)


def test_a_flat_matte_has_no_gradient_even_stretched():
    flat = torch.full((1, 1, 12, 12), 0.3)
    assert metrics.gradient_error(flat, flat * 0, stretch=True).item() == pytest.approx(0, abs=1e-25)


def test_connectivity_counts_the_part_that_was_torn_off():
    # Two opaque squares of 9 and 4 pixels, bridged in truth only: the lesser one hangs on nothing at any level.
    true = torch.zeros(1, 1, 5, 9)
    true[..., 1:4, 1:4] = true[..., 2, 4:7] = true[..., 2:4, 6:8] = 1
    torn = true.clone()
    torn[..., 2, 4:6] = 0
    assert metrics.connectivity_error(true, true).item() == 0
    assert metrics.connectivity_error(torn, true).item() == 2  # the two pixels of the bridge; the lesser square is cut off in both


@pytest.mark.parametrize("value", [102, 153])
@pytest.mark.parametrize("rounded", [lambda alpha: alpha, lambda alpha: 1 - (1 - alpha), lambda alpha: alpha.double()])
def test_an_8_bit_value_on_a_level_reaches_it_however_it_was_rounded(value, rounded):
    # A field of 153 holds together at 0.6, so the one pixel of 200 stands 0.184 above it and the field 0.
    # Misread, the field would hold at 0.5 only: 0.284 and, below theta, again 0.
    true = torch.full((1, 1, 4, 4), value) / 255
    pha = true.clone()
    pha[..., 0, 0] = (value + 47) / 255
    seen = metrics.connectivity_error(rounded(pha), rounded(true)).item()
    assert seen == pytest.approx((value + 47) / 255 - value / 255, rel=1e-6)


def test_no_common_part_is_defined():
    empty, full = torch.zeros(1, 1, 6, 6), torch.ones(1, 1, 6, 6)
    assert metrics.connectivity_error(empty, full).item() == 36
    assert metrics.connectivity_error(empty, empty).item() == 0


def test_dtssd_of_a_flicker():
    true = torch.full((4, 1, 4, 4), 0.5)
    flicker = true + torch.tensor([0.0, 0.2, 0.0, 0.0]).view(4, 1, 1, 1)
    assert metrics.dtssd(true + 0.1, true).tolist() == [0, 0, 0]  # a constant error does not flicker
    assert metrics.dtssd(flicker, true).tolist() == pytest.approx([0.2, 0.2, 0])
    moving = torch.arange(4).view(4, 1, 1, 1) / 4 * torch.ones(4, 1, 4, 4)
    assert metrics.dtssd(moving, moving).tolist() == [0, 0, 0]  # the truth moved alike


def test_dtssd_of_a_sequence_is_that_of_its_pairs_of_frames():
    pha, true = torch.rand(2, 5, 1, 9, 7, generator=torch.Generator().manual_seed(2))
    region = true > 0.3
    for now in range(1, 5):
        wanted = (pha[now] - pha[now - 1]) - (true[now] - true[now - 1])
        assert metrics.dtssd(pha, true)[now - 1].item() == pytest.approx(wanted.square().mean().sqrt().item(), rel=1e-5)
        inside = wanted[region[now]].square().mean().sqrt().item()
        assert metrics.dtssd(pha, true, region)[now - 1].item() == pytest.approx(inside, rel=1e-5)


def test_foreground_mse_looks_only_where_there_is_foreground():
    true = torch.tensor([[[[0.0, 0.5], [1.0, 0.0]]]])
    true_fgr, fgr = torch.zeros(1, 3, 2, 2), torch.zeros(1, 3, 2, 2)
    fgr[:, 0, 0, 1] = 0.6  # one of three channels of one of two foreground pixels
    fgr[:, :, 0, 0] = 1  # not foreground
    everywhere = torch.ones_like(true, dtype=torch.bool)
    assert metrics.foreground_mse(fgr, true_fgr, true).item() == pytest.approx(0.36 / 6)
    assert metrics.foreground_mse(fgr, true_fgr, true, everywhere).item() == pytest.approx(0.36 / 12)


def test_the_unknown_region_of_a_hard_edge_is_a_band():
    true = torch.zeros(1, 1, 3, 10)
    true[..., 5:] = 1
    assert metrics.unknown_region(true, 2)[0, 0, 0].nonzero().flatten().tolist() == [3, 4, 5, 6]
    assert not metrics.unknown_region(true, 0).any()
    soft = true.clone()
    soft[..., 5] = 0.5
    assert metrics.unknown_region(soft, 0)[0, 0, 0].nonzero().flatten().tolist() == [5]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("metric", [*PAIRWISE, metrics.dtssd])
def test_half_precision_is_taken_as_it_is_and_computed_in_float64(metric, dtype):
    pha, true = torch.rand(2, 3, 1, 20, 30, generator=torch.Generator().manual_seed(3)).to(dtype)
    seen = metric(pha, true)
    assert seen.dtype == torch.float64
    torch.testing.assert_close(seen, metric(pha.double(), true.double()), rtol=1e-12, atol=0)
    torch.testing.assert_close(metric(pha, true.double()), seen, rtol=1e-12, atol=0)  # one of the two may be more precise


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.parametrize("metric", [*PAIRWISE, metrics.dtssd])
def test_a_gpu_gives_the_numbers_of_the_cpu_and_keeps_them(metric):
    pha, true = torch.rand(2, 3, 1, 200, 300, generator=torch.Generator().manual_seed(4))
    region = metrics.unknown_region(true.round(), 1)
    seen = metric(pha.cuda(), true.cuda(), region.cuda())
    assert seen.is_cuda
    torch.testing.assert_close(seen.cpu(), metric(pha, true, region), rtol=1e-10, atol=0)
    torch.testing.assert_close(metrics.unknown_region(true.round().cuda(), 1).cpu(), region)


GOOD = torch.full((2, 1, 8, 8), 0.5)


@pytest.mark.parametrize(
    ("pha", "true", "region", "error", "words"),
    [
        (GOOD[0], GOOD, None, ValueError, r"pha: shape \(1, 8, 8\) .*allowed: \(B, 1, H, W\)"),
        (GOOD.expand(2, 3, 8, 8), GOOD, None, ValueError, r"pha: shape \(2, 3, 8, 8\)"),
        (GOOD, GOOD[..., :7], None, ValueError, r"true: shape \(2, 1, 8, 7\) .*allowed: \(2, 1, 8, 8\)"),
        (GOOD[:0], GOOD[:0], None, ValueError, r"pha: shape \(0, 1, 8, 8\)"),
        ((GOOD * 255).byte(), GOOD, None, TypeError, r"pha: torch.uint8 .*divide 8-bit values by 255"),
        (GOOD, GOOD * 255, None, ValueError, r"true: values from 127.5 to 127.5 are not allowed; allowed: 0 to 1"),
        (GOOD - 0.6, GOOD, None, ValueError, r"pha: values from -0.1"),
        (GOOD * math.nan, GOOD, None, ValueError, r"pha: values from nan"),
        (GOOD, GOOD, GOOD, TypeError, r"region: torch.float32 .*allowed: torch.bool"),
        (GOOD, GOOD, GOOD[:1] > 0, ValueError, r"region: shape \(1, 1, 8, 8\)"),
        (GOOD, GOOD.to("meta"), None, ValueError, "true: on meta is not allowed; allowed: cpu"),
        (GOOD, GOOD, (GOOD > 0).to("meta"), ValueError, "region: on meta is not allowed; allowed: cpu"),
    ],
)
@pytest.mark.parametrize("metric", [*PAIRWISE, metrics.dtssd])
def test_bad_input_is_refused_by_name(metric, pha, true, region, error, words):
    with pytest.raises(error, match=words):
        metric(pha, true, region)


def test_a_mean_over_nothing_is_refused_and_a_sum_over_nothing_is_zero():
    region = torch.zeros(2, 1, 8, 8, dtype=torch.bool)
    region[0] = True
    with pytest.raises(ValueError, match=r"no pixel in image\(s\) \[1\]"):
        metrics.mad(GOOD, GOOD, region)
    assert metrics.sad(GOOD, GOOD * 0, region).tolist() == [32, 0]


def test_other_bad_input_is_refused_by_name():
    fgr = torch.zeros(2, 3, 8, 8)
    with pytest.raises(ValueError, match="true_fgr: shape"):
        metrics.foreground_mse(fgr, fgr[:1], GOOD)
    with pytest.raises(ValueError, match="against fgr"):
        metrics.foreground_mse(fgr, fgr, GOOD[:1])
    with pytest.raises(ValueError, match="pha: 1 frame is not allowed; allowed: 2 or more"):
        metrics.dtssd(GOOD[:1], GOOD[:1])
    with pytest.raises(ValueError, match="radius: -1 is not allowed"):
        metrics.unknown_region(GOOD, -1)
