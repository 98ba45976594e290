"""The fast path against the plain one, its parts against slow loops, its tiles against counting by hand."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from bgmatte.config import TWO_STAGES, NetworkConfig, RefineConfig, Stage
from bgmatte.network import MattingNetwork, build, prepare_for_inference, with_selector
from bgmatte.network.cells import as_pixels, averaging, unfolding
from bgmatte.network.fast.convolution import Convolution, Weights, folded
from bgmatte.network.fast.refiner import GATHERING, TiledRefiner
from bgmatte.network.refiner import Refiner
from bgmatte.network.tiles import Windows, counts, occupied

FULL, HALF = (Stage(1.0, (24, 16, 12, 4)),), (Stage(0.5, (24, 16, 12, 4)),)
AGREE = {"rtol": 0, "atol": 1e-5}


def lively(module: nn.Module, seed: int = 0) -> nn.Module:
    """Batch norms with statistics and weights of their own, so that folding them is tested."""
    generator = torch.Generator().manual_seed(seed)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            for tensor, middle in ((part.running_mean, 0.0), (part.running_var, 1.0), (part.weight.data, 1.0), (part.bias.data, 0.0)):
                tensor.copy_(middle + 0.2 * torch.rand(tensor.shape, generator=generator))
    return module.eval()


def network(seed: int = 0, **options: object) -> MattingNetwork:
    """A quarter-width network whose error is above 0 nearly everywhere and differs from patch to patch."""
    built = lively(build(NetworkConfig(width=0.25, **options), seed), seed)
    with torch.no_grad():
        built.decoder.conv4.weight.mul_(3)
    return built


def pair(batch: int, height: int, width: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(batch, 3, height, width, generator=generator), torch.rand(batch, 3, height, width, generator=generator)


def assert_equal(plain: MattingNetwork, src: Tensor, bgr: Tensor) -> None:
    with torch.inference_mode():
        expected, seen = plain(src, bgr), prepare_for_inference(plain)(src, bgr)
    assert torch.equal(seen.ref_sm, expected.ref_sm)
    for ours, theirs in zip(seen, expected, strict=True):
        torch.testing.assert_close(ours, theirs, **AGREE)


@pytest.mark.parametrize("context", ["aspp", "projection"])
@pytest.mark.parametrize("backbone", ["resnet50", "resnet101", "mobilenetv2"])
def test_every_base_network_stays_the_same(backbone: str, context: str) -> None:
    assert_equal(network(backbone=backbone, context=context, refine=RefineConfig(patches=40)), *pair(2, 64, 96))


@pytest.mark.parametrize("scale", [0.5, 0.3, 0.25, 0.125])
@pytest.mark.parametrize("stages", [TWO_STAGES, FULL, HALF], ids=["two", "full", "half"])
@pytest.mark.parametrize("kernel", [1, 3])
def test_every_refiner_stays_the_same(kernel: int, stages: tuple[Stage, ...], scale: float) -> None:
    refine = RefineConfig(selector="edge-image", patches=90, kernel=kernel, stages=stages)
    assert_equal(network(backbone="mobilenetv2", scale=scale, refine=refine), *pair(2, 68, 100))


@pytest.mark.parametrize(
    "budget", [{"everywhere": True, "patches": None}, {"threshold": 0.5, "patches": None}, {"patches": 0}, {"patches": 10**6}], ids=str
)
@pytest.mark.parametrize("stages", [TWO_STAGES, HALF], ids=["two", "half"])
def test_every_budget_stays_the_same(stages: tuple[Stage, ...], budget: dict) -> None:
    assert_equal(network(backbone="mobilenetv2", refine=RefineConfig(stages=stages, **budget)), *pair(1, 61, 83))


def test_without_a_refiner_it_stays_the_same() -> None:
    assert_equal(network(backbone="mobilenetv2", refine=None), *pair(2, 50, 70))


def test_a_second_size_gives_what_a_first_would() -> None:
    plain = network(backbone="mobilenetv2", refine=RefineConfig(patches=50))
    fast = prepare_for_inference(plain)
    with torch.inference_mode():
        for height, width in ((64, 64), (96, 128), (64, 64)):
            src, bgr = pair(1, height, width)
            torch.testing.assert_close(fast(src, bgr).pha, plain(src, bgr).pha, **AGREE)


def test_the_network_it_was_made_from_stays_as_it_was() -> None:
    plain = network(backbone="mobilenetv2")
    before = {name: tensor.clone() for name, tensor in plain.state_dict().items()}
    with torch.inference_mode():
        prepare_for_inference(plain)(*pair(1, 64, 64))
    assert all(torch.equal(tensor, before[name]) for name, tensor in plain.state_dict().items())


@pytest.mark.parametrize(("dtype", "near"), [(torch.float64, 1e-12), (torch.bfloat16, 0.05), (torch.float16, 0.01)])
def test_other_precisions_are_as_close_as_they_allow(dtype: torch.dtype, near: float) -> None:
    plain = network(backbone="mobilenetv2", refine=RefineConfig(patches=None, everywhere=True)).to(dtype)
    src, bgr = (x.to(dtype) for x in pair(1, 64, 96))
    with torch.inference_mode():
        torch.testing.assert_close(prepare_for_inference(plain)(src, bgr).pha, plain(src, bgr).pha, rtol=0, atol=near)


def test_stages_that_do_not_fit_tiles_stay_patch_by_patch() -> None:
    stages = (Stage(0.5, (24, 16)), Stage(1.0, (12, 8)), Stage(1.0, (8, 4)))
    plain = network(backbone="mobilenetv2", refine=RefineConfig(patches=60, stages=stages))
    assert type(prepare_for_inference(plain).refiner) is Refiner
    assert_equal(plain, *pair(1, 64, 96))
    assert torch.isfinite(plain.train()(*pair(2, 64, 96)).pha).all()


def test_preparing_twice_is_preparing_once() -> None:
    fast = prepare_for_inference(network(backbone="mobilenetv2"))
    assert prepare_for_inference(fast) is fast


def test_channels_last_pictures_are_seen_alike() -> None:
    plain = network(backbone="mobilenetv2", refine=RefineConfig(patches=50))
    src, bgr = (x.contiguous(memory_format=torch.channels_last) for x in pair(2, 64, 96))
    assert_equal(plain, src, bgr)


def test_another_selector_can_be_put_in() -> None:
    config = NetworkConfig(width=0.25, backbone="mobilenetv2", refine=RefineConfig(patches=30))
    plain, (src, bgr) = lively(build(config)), pair(1, 64, 96)
    with torch.inference_mode():
        seen = with_selector(prepare_for_inference(plain), config, "grid")(src, bgr)
        expected = with_selector(plain, config, "grid").eval()(src, bgr)
    assert seen.ref_sm.sum() == 30 and torch.equal(seen.ref_sm, expected.ref_sm)
    torch.testing.assert_close(seen.pha, expected.pha, **AGREE)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the compiler's own modules
def test_compiled_parts_stay_the_same() -> None:
    plain, (src, bgr) = network(backbone="mobilenetv2", refine=RefineConfig(patches=50)), pair(1, 64, 64)
    with torch.inference_mode(), torch.compiler.set_stance("force_eager"):  # what a compiler makes of it is the compiler's affair
        torch.testing.assert_close(prepare_for_inference(plain, compile=True)(src, bgr).pha, plain(src, bgr).pha, **AGREE)


@pytest.mark.parametrize("pack", [True, False])
@pytest.mark.parametrize(("activation", "apply"), [(None, lambda x: x), ("relu", torch.relu), ("relu6", F.relu6)])
def test_a_convolution_is_its_layers_one_after_the_other(activation: str | None, apply: object, pack: bool) -> None:
    conv, norm = nn.Conv2d(6, 10, 3, 2, 2, 2, groups=2), lively(nn.BatchNorm2d(10))
    x = torch.randn(2, 6, 17, 13, generator=torch.Generator().manual_seed(1))
    one = Convolution(folded(conv, norm), activation, pack=pack)
    with torch.inference_mode():
        plain = 4 * norm(conv(x))
        torch.testing.assert_close(Convolution(folded(conv, norm), activation, pack=pack)(x), apply(plain / 4))
        plus = torch.ones_like(plain)
        torch.testing.assert_close(one(x, plus.clone()), apply(plain / 4 + plus))


@pytest.mark.parametrize("kernel", [1, 3])
def test_a_convolution_over_cells_is_the_one_over_pixels(kernel: int) -> None:
    generator = torch.Generator().manual_seed(0)
    carried, pictures = torch.rand(2, 5, 6, 8, generator=generator), torch.rand(2, 3, 12, 16, generator=generator)
    conv = nn.Conv2d(8, 4, kernel)
    pixels = torch.cat([F.interpolate(carried, scale_factor=2, mode="nearest"), pictures], 1)
    cells = torch.cat([carried, pictures.unflatten(2, (6, 2)).unflatten(4, (8, 2)).permute(0, 3, 5, 1, 2, 4).flatten(1, 3)], 1)
    seen = as_pixels(F.conv2d(cells, unfolding(conv.weight, 5), conv.bias.repeat(4)))
    torch.testing.assert_close(seen, conv(pixels)[:, :, : seen.shape[2], : seen.shape[3]])


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 2, 4, 8]), st.integers(0, 2**31 - 1))
def test_tiles_hold_every_chosen_patch_once(height: int, width: int, side: int, seed: int) -> None:
    chosen = torch.rand(height, width, generator=torch.Generator().manual_seed(seed)) < 0.1
    where, kept = occupied(chosen, side)
    seen = torch.zeros(height + side, width + side, dtype=torch.int)
    for (row, column), here in zip(where.tolist(), kept, strict=True):
        assert here.any()
        seen[row * side : (row + 1) * side, column * side : (column + 1) * side] += here
    assert torch.equal(seen[:height, :width], chosen.int()) and seen.sum() == chosen.sum()
    assert counts(chosen, (1, 2, 4, 8))[side] == len(where)


def test_an_averaging_convolution_sees_the_mean_of_each_cell() -> None:
    x, conv = torch.rand(1, 3, 12, 16, generator=torch.Generator().manual_seed(0)), nn.Conv2d(3, 4, 3, bias=False)
    cells = x.unflatten(2, (6, 2)).unflatten(4, (8, 2)).permute(0, 3, 5, 1, 2, 4).flatten(1, 3)
    torch.testing.assert_close(F.conv2d(cells, averaging(conv.weight, 0)), conv(F.avg_pool2d(x, 2)))


def test_windows_see_what_padding_and_resizing_would_show() -> None:
    generator = torch.Generator().manual_seed(0)
    coarse, picture = torch.rand(1, 3, 5, 7, generator=generator), torch.rand(2, 24, 28, generator=generator)
    top, left = torch.tensor([-3, 2, 9]), torch.tensor([-1, 4, 11])
    windows = Windows.at(top, left, 6, (12, 14))

    cut, between = torch.empty(3, 6, 6, 2, 2, 2), torch.empty(3, 6, 6, 3)
    windows.cut(picture, 2, cut)
    windows.interpolated(coarse[0].permute(1, 2, 0).contiguous(), between)
    both = torch.cat([cut.flatten(3), between], 3)
    windows.zero_outside(both)

    resized = F.interpolate(coarse, (12, 14), mode="bilinear", align_corners=False)[0]
    cells = picture.unflatten(1, (12, 2)).unflatten(3, (14, 2)).permute(2, 4, 0, 1, 3).flatten(0, 2)
    padded = F.pad(torch.cat([cells, resized]), (8, 8, 8, 8))
    expected = torch.stack([padded[:, 8 + r : 14 + r, 8 + c : 14 + c] for r, c in zip(top.tolist(), left.tolist(), strict=True)])
    torch.testing.assert_close(both.permute(0, 3, 1, 2), expected)


def test_clustered_patches_get_large_tiles_and_scattered_ones_small() -> None:
    tiled = TiledRefiner(Refiner(TWO_STAGES, 32, 3).eval(), Convolution)
    block, scattered = torch.zeros(64, 64, dtype=torch.bool), torch.zeros(64, 64, dtype=torch.bool)
    block[:32, :32] = True
    scattered[::8, ::8] = True
    assert tiled.cheapest(block) >= 8 and tiled.cheapest(scattered) == 1


def test_a_tile_of_one_patch_multiplies_as_often_as_the_paper_says() -> None:
    """474,336 multiply-adds a patch (PAPER, section 1), counted over pixels; cells need a few more taps and inputs."""
    tiled = TiledRefiner(Refiner(TWO_STAGES, 32, 3).eval(), Convolution)
    first = 36 * 24 * (36 + 24) * 9 + 16 * 16 * 24 * 9
    second = 9 * 48 * (16 + 24) * 4 + 4 * 16 * 48 * 4
    seen = tiled.work[1] - GATHERING * 8**2
    assert seen == first + second
    assert 474_336 < seen < 1.5 * 474_336


def test_weights_keep_their_geometry() -> None:
    weights = folded(nn.Conv2d(4, 4, 3, 2, 1, 3, groups=2))
    assert weights[2:] == ([1, 1], [2, 2], [3, 3], 2) and isinstance(weights, Weights)
