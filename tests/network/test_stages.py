"""Stages as data: margins counted backwards, and the two published stages written out by hand, bit for bit."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from bgmatte.config import TWO_STAGES, Stage
from bgmatte.network.refiner import Refiner, margins
from bgmatte.variants import VARIANTS

FULL, HALF = (VARIANTS[row].change["network.refine.stages"] for row in ("stages-full", "stages-half"))
HIDDEN = 32


def refiner(stages: tuple[Stage, ...], kernel: int = 3) -> Refiner:
    torch.manual_seed(5)
    made = Refiner(stages, HIDDEN, kernel)
    for name, value in made.state_dict().items():
        if "running_mean" in name:
            value.normal_(0, 0.3)
        if "running_var" in name:
            value.uniform_(0.5, 2)
    return made.eval()


def scene(size: int = 48) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(6)
    src, bgr = (torch.rand(2, 3, size, size, generator=generator) for _ in range(2))
    matte = torch.rand(2, 4, size // 4, size // 4, generator=generator)
    hidden = torch.rand(2, HIDDEN, size // 4, size // 4, generator=generator)
    return src, bgr, matte, hidden, torch.rand(2, 1, size // 4, size // 4, generator=generator) < 0.2


def windows(x: Tensor, where: Tensor, step: int, margin: int) -> Tensor:
    padded = F.pad(x, (margin,) * 4)
    side = step + 2 * margin
    cut = [padded[b, :, r * step : r * step + side, c * step : c * step + side] for b, r, c in where.tolist()]
    return torch.stack(cut).contiguous(memory_format=torch.channels_last)  # as patches are cut here: the layout decides how sums are rounded


def published(net: Refiner, src: Tensor, bgr: Tensor, matte: Tensor, hidden: Tensor, chosen: Tensor, kernel: int) -> Tensor:
    """The paper's section 3.3 in order: 8×8 at one half, two convolutions, nearest ×2, 8×8 at full size, two convolutions."""
    half, margin = [side // 2 for side in src.shape[2:]], (3, 2) if kernel == 3 else (0, 0)
    enlarged = F.interpolate(torch.cat([hidden, matte], 1), half, mode="bilinear", align_corners=False)
    pair = F.interpolate(torch.cat([src, bgr], 1), half, mode="bilinear", align_corners=False)
    where = chosen[:, 0].nonzero()
    x = torch.cat([windows(enlarged, where, 2, margin[0]), windows(pair, where, 2, margin[0])], 1)
    x = F.relu(net.bn1(net.conv1(x)))
    x = F.relu(net.bn2(net.conv2(x)))
    x = F.interpolate(x, scale_factor=2, mode="nearest")
    x = torch.cat([x, windows(torch.cat([src, bgr], 1), where, 4, margin[1])], 1)
    x = net.conv4(F.relu(net.bn3(net.conv3(x))))
    out = F.interpolate(matte, src.shape[2:], mode="bilinear", align_corners=False)
    for (b, r, c), patch in zip(where.tolist(), x, strict=True):
        out[b, :, 4 * r : 4 * r + 4, 4 * c : 4 * c + 4] = patch
    return out


@pytest.mark.parametrize("kernel", [3, 1])
def test_two_stages_as_data_are_the_published_ones_bit_for_bit(kernel: int) -> None:
    net = refiner(TWO_STAGES, kernel)
    src, bgr, matte, hidden, chosen = scene()
    with torch.inference_mode():
        assert torch.equal(net.one_by_one(src, bgr, matte, hidden, chosen), published(net, src, bgr, matte, hidden, chosen, kernel))


@pytest.mark.parametrize(("stages", "expected"), [(TWO_STAGES, [3, 2]), (FULL, [4]), (HALF, [4])], ids=["two", "full", "half"])
def test_margins_counted_backwards_leave_exactly_the_patch(stages: tuple[Stage, ...], expected: list[int]) -> None:
    assert margins(stages, 3) == expected
    assert margins(stages, 1) == [0] * len(stages)


@pytest.mark.parametrize("stages", [FULL, HALF], ids=["full", "half"])
def test_one_stage_is_four_convolutions_of_the_published_widths_over_the_whole_picture(stages: tuple[Stage, ...]) -> None:
    """Patches are what dense convolutions of the enlarged features give, resampled to 4×4."""
    net = refiner(stages)
    src, bgr, matte, hidden, chosen = scene()
    assert [getattr(net, f"conv{i}").out_channels for i in (1, 2, 3, 4)] == [24, 16, 12, 4]
    size = [int(side * stages[0].scale) for side in src.shape[2:]]
    x = torch.cat([F.interpolate(torch.cat(parts, 1), size, mode="bilinear", align_corners=False) for parts in ((hidden, matte), (src, bgr))], 1)
    x = F.pad(x, (4,) * 4)
    with torch.inference_mode():
        for i in (1, 2, 3):
            x = F.relu(getattr(net, f"bn{i}")(getattr(net, f"conv{i}")(x)))
        x = net.conv4(x)
        seen = net.one_by_one(src, bgr, matte, hidden, chosen)
    side = int(4 * stages[0].scale)
    for b, r, c in chosen[:, 0].nonzero().tolist():
        dense = x[b : b + 1, :, r * side : r * side + side, c * side : c * side + side]
        wanted = F.interpolate(dense, (4, 4), mode="bilinear", align_corners=False)[0]
        torch.testing.assert_close(seen[b, :, 4 * r : 4 * r + 4, 4 * c : 4 * c + 4], wanted, rtol=1e-4, atol=1e-5)
