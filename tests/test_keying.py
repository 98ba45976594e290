"""The difference key: hand values, and the tuning against an exhaustive loop."""

import torch

from bgmatte.images import difference
from bgmatte.keying import LOWS, WIDTHS, DifferenceKey, tuned_key


def test_ramp_by_hand() -> None:
    bgr = torch.zeros(1, 3, 1, 3)
    src = torch.tensor([0.1, 0.2, 0.5]).expand(1, 3, 1, 3)
    torch.testing.assert_close(DifferenceKey(0.1, 0.3)(src, bgr), torch.tensor([[[[0.0, 0.5, 1.0]]]]))


def test_difference_is_the_mean_over_channels() -> None:
    src = torch.tensor([0.3, 0.0, 0.6]).view(1, 3, 1, 1)
    torch.testing.assert_close(difference(src, torch.zeros(1, 3, 1, 1)), torch.full((1, 1, 1, 1), 0.3))


def test_tuning_finds_what_trying_everything_finds() -> None:
    g = torch.Generator().manual_seed(0)
    triples = []
    for _ in range(2):
        bgr, true = torch.rand(1, 3, 8, 8, generator=g), (torch.rand(1, 1, 8, 8, generator=g) > 0.5).float()
        triples.append(((bgr + 0.3 * true * torch.rand(1, 3, 8, 8, generator=g)).clamp(0, 1), bgr, true))
    key = tuned_key(triples)

    def error(low: float, high: float) -> float:
        return sum(float((DifferenceKey(low, high)(src, bgr) - true).abs().mean()) for src, bgr, true in triples)

    best = min(error(float(low), float(low + width)) for low in LOWS for width in WIDTHS)
    assert abs(error(key.low, key.high) - best) < 1e-6
