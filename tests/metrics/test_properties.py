"""Metrics against a second, slow writing of them, pixel by pixel in NumPy, and their identities, on drawn mattes."""

import math
from collections import deque

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bgmatte import metrics

PAIRWISE = (metrics.mad, metrics.mse, metrics.sad, metrics.gradient_error, metrics.connectivity_error)
EASY = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def cases(draw):
    """Two 8-bit mattes (H, W) of one size, blocky or noisy, and a region with a pixel."""
    height, width = draw(st.integers(1, 14)), draw(st.integers(1, 14))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = draw(st.sampled_from([(0, 255), (0, 76, 153, 255), tuple(range(256))]))
    pha, true = random.choice(values, (2, height, width)).astype(np.uint8)
    region = random.random((height, width)) < draw(st.sampled_from([0.3, 1.0]))
    region[random.integers(height), random.integers(width)] = True
    return pha, true, region


def tensor(picture):
    """(H, W) → (1, 1, H, W); 8-bit values become 0–1 in single precision, as the network's mattes are."""
    picture = torch.from_numpy(np.ascontiguousarray(picture))[None, None]
    return picture if picture.dtype == torch.bool else picture.float() / 255


@EASY
@given(cases())
def test_the_witness_agrees(case):
    pha, true, region = case
    asked = tensor(pha), tensor(true), tensor(region)
    exact = pha / 255, true / 255, region

    assert metrics.mad(*asked).item() == pytest.approx(slow_mad(*exact), abs=1e-6)
    assert metrics.mse(*asked).item() == pytest.approx(slow_mse(*exact), abs=1e-6)
    assert metrics.sad(*asked).item() == pytest.approx(slow_sad(*exact), rel=1e-6, abs=1e-6)
    for stretch in (False, True):
        seen = metrics.gradient_error(*asked, stretch=stretch).item()
        assert seen == pytest.approx(slow_gradient_error(*exact, stretch), rel=1e-5, abs=1e-6)
    assert metrics.connectivity_error(*asked).item() == pytest.approx(slow_connectivity_error(pha, true, region), rel=1e-5, abs=1e-5)


@EASY
@given(cases(), st.integers(0, 4))
def test_the_witness_agrees_on_the_unknown_region(case, radius):
    seen = metrics.unknown_region(tensor(case[1]), radius)
    assert seen.dtype == torch.bool
    np.testing.assert_array_equal(seen[0, 0].numpy(), slow_unknown_region(case[1] / 255, radius))


@EASY
@given(cases())
def test_identities(case):
    pha, true, region = map(tensor, case)
    everywhere = torch.ones_like(region)
    for metric in PAIRWISE:
        assert metric(true, true).item() == 0
        assert metric(pha, true).item() >= 0
        assert metric(pha, true, everywhere).item() == pytest.approx(metric(pha, true).item(), rel=1e-12, abs=1e-15)
        assert metric(pha, true).item() == pytest.approx(metric(true, pha).item(), rel=1e-12, abs=1e-15)
    for summed in (metrics.sad, metrics.gradient_error, metrics.connectivity_error):
        halves = summed(pha, true, region) + summed(pha, true, ~region)
        assert halves.item() == pytest.approx(summed(pha, true).item(), rel=1e-12, abs=1e-12)
    assert metrics.sad(pha, true).item() == pytest.approx(metrics.mad(pha, true).item() * pha.numel(), rel=1e-12)


@EASY
@given(cases())
def test_the_witness_agrees_on_the_foreground(case):
    _, true, region = case
    random = np.random.default_rng(0)
    fgr, true_fgr = random.random((2, 3, *true.shape))
    asked = torch.from_numpy(fgr)[None], torch.from_numpy(true_fgr)[None], tensor(true)
    assert metrics.foreground_mse(*asked, tensor(region)).item() == pytest.approx(slow_foreground_mse(fgr, true_fgr, true, region))
    if (true > 0).any():
        assert metrics.foreground_mse(*asked).item() == pytest.approx(slow_foreground_mse(fgr, true_fgr, true, true > 0))


def slow_mad(pha, true, region):
    return sum(abs(pha[i] - true[i]) for i in zip(*region.nonzero(), strict=True)) / region.sum()


def slow_mse(pha, true, region):
    return sum((pha[i] - true[i]) ** 2 for i in zip(*region.nonzero(), strict=True)) / region.sum()


def slow_sad(pha, true, region):
    return sum(abs(pha[i] - true[i]) for i in zip(*region.nonzero(), strict=True))


def slow_foreground_mse(fgr, true_fgr, true, region):
    total = 0.0
    for row, column in zip(*region.nonzero(), strict=True):
        if true[row, column] > 0:
            total += sum((fgr[c, row, column] - true_fgr[c, row, column]) ** 2 for c in range(3)) / 3
    return total / region.sum()


def slow_gradient_error(pha, true, region, stretch):
    if stretch:
        pha, true = stretched(pha), stretched(true)
    return ((amplitude(pha) - amplitude(true)) ** 2)[region].sum()


def stretched(matte):
    return matte if matte.max() == matte.min() else (matte - matte.min()) / (matte.max() - matte.min())


def amplitude(matte):
    """The filter as the original's MATLAB writes it: a 9×9 matrix, normalised, slid over the replicated frame."""
    sigma, half = 1.4, 4
    kernel = np.zeros((9, 9))
    for i in range(9):
        for j in range(9):
            kernel[i, j] = normal(i - half, sigma) * -(j - half) * normal(j - half, sigma) / sigma**2
    kernel /= math.sqrt((kernel**2).sum())
    padded = np.pad(matte, half, mode="edge")
    gx, gy = np.zeros_like(matte), np.zeros_like(matte)
    for row, column in np.ndindex(matte.shape):
        window = padded[row : row + 9, column : column + 9]
        gx[row, column], gy[row, column] = (window * kernel).sum(), (window * kernel.T).sum()
    return np.sqrt(gx**2 + gy**2)


def normal(x, sigma):
    return math.exp(-(x**2) / (2 * sigma**2)) / (sigma * math.sqrt(2 * math.pi))


def slow_connectivity_error(pha_8bit, true_8bit, region):
    """On whole 8-bit values, so that every threshold is exact: alpha ≥ k/10 is 10·value ≥ 255·k."""
    level = np.full(true_8bit.shape, -1.0)
    for k in range(1, 11):
        common = (10 * pha_8bit.astype(int) >= 255 * k) & (10 * true_8bit.astype(int) >= 255 * k)
        part = max(parts(common), key=len, default=set())
        for at in np.ndindex(level.shape):
            if level[at] == -1 and at not in part:
                level[at] = (k - 1) / 10
    level[level == -1] = 1
    firm_pha, firm_true = firmness(pha_8bit / 255 - level), firmness(true_8bit / 255 - level)
    return np.abs(firm_pha - firm_true)[region].sum()


def firmness(distance):
    return 1 - np.where(distance >= 0.15, distance, 0)


def parts(mask):
    """4-connected parts as sets of pixels, found by breadth-first search, down the columns first as MATLAB does."""
    unseen, found = {at for at in np.ndindex(mask.shape) if mask[at]}, []
    for start in sorted(unseen, key=lambda at: (at[1], at[0])):
        if start not in unseen:
            continue
        part, queue = set(), deque([start])
        unseen.discard(start)
        while queue:
            row, column = queue.popleft()
            part.add((row, column))
            for near in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                if near in unseen:
                    unseen.discard(near)
                    queue.append(near)
        found.append(part)
    return found


def slow_unknown_region(true, radius):
    height, width = true.shape
    result = np.zeros(true.shape, bool)
    for row, column in np.ndindex(true.shape):
        near = true[max(row - radius, 0) : min(row + radius + 1, height), max(column - radius, 0) : min(column + radius + 1, width)]
        result[row, column] = (near > 0).any() and (near < 1).any()
    return result
