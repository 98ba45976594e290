"""Predicted against true error: hand values, identities, and nothing said where nothing was predicted."""

import pytest
import torch

from bgmatte.data.test_pictures import Picture
from bgmatte.evaluation.calibration import BINS, calibration, reliability
from bgmatte.network import Matte
from bgmatte.records import ERROR_SHARES


def judged(predicted: torch.Tensor, true_error: torch.Tensor) -> tuple[Picture, Matte]:
    """A picture whose coarse matte errs by `true_error` in each patch and predicts `predicted`, both (h, w)."""
    height, width = true_error.shape
    blank = torch.zeros(1, 3, 4 * height, 4 * width)
    picture = Picture("p", "rendered-people", "s", "b", blank, blank, torch.zeros(1, 1, 4 * height, 4 * width), blank)
    wrong = torch.nn.functional.interpolate(true_error[None, None], scale_factor=4, mode="nearest")
    return picture, Matte(wrong, blank, wrong, blank, predicted[None, None], torch.zeros(1, 1, height, width, dtype=torch.bool))


def test_hand_values():
    true = torch.zeros(10, 10)
    true.view(-1)[:4] = torch.tensor([0.4, 0.3, 0.2, 0.1])
    predicted = torch.zeros(10, 10)
    predicted.view(-1)[[3, 0]] = torch.tensor([0.9, 0.5])
    seen = calibration(*judged(predicted, true))
    assert seen["err_recall_1"] == pytest.approx(0.1)  # the one patch it ranks first holds 0.1 of 1.0
    assert seen["err_recall_2"] == pytest.approx(0.5)
    assert seen["err_recall_5"] == pytest.approx(0.5 + 3 * 0.5 / 98)  # three of the 98 others, which hold 0.5 together, by chance
    assert [seen[f"err_best_{share}"] for share in ERROR_SHARES] == pytest.approx([0.4, 0.7, 1, 1, 1])


def test_a_perfect_prediction_ranks_as_well_as_can_be():
    true = torch.rand(12, 12, generator=torch.Generator().manual_seed(2))
    seen = calibration(*judged(true.sqrt(), true))  # any rising function of the truth
    assert seen["err_rank"] == pytest.approx(1)
    assert all(seen[f"err_recall_{share}"] == pytest.approx(seen[f"err_best_{share}"]) for share in ERROR_SHARES)
    assert calibration(*judged(-true + 1, true))["err_rank"] == pytest.approx(-1)


def test_nothing_is_said_where_nothing_was_predicted():
    true = torch.rand(8, 8)
    seen = calibration(*judged(torch.zeros(8, 8), true))
    assert set(seen.values()) == {None}
    assert set(seen) == set(calibration(*judged(true, true)))


def test_bins_hold_every_patch_once_and_their_sums_are_the_whole():
    random = torch.Generator().manual_seed(3)
    predicted, true = torch.rand(16, 16, generator=random) ** 4, torch.rand(16, 16, generator=random)
    predicted.view(-1)[0] = 1.0  # the last bin's upper edge belongs to it
    lines = reliability(*judged(predicted, true))
    assert sum(line["patches"] for line in lines) == 256
    assert sum(line["predicted"] for line in lines) == pytest.approx(float(predicted.sum()), rel=1e-5)
    assert sum(line["true"] for line in lines) == pytest.approx(float(true.sum()), rel=1e-5)
    for line in lines:
        assert line["low"] <= line["predicted"] / line["patches"] <= line["high"]
        assert line["low"] in BINS
