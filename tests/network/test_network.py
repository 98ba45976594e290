"""The network's parts against torchvision, against slow loops and against each other."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bgmatte.config import TWO_STAGES, NetworkConfig, RefineConfig, Stage
from bgmatte.jsonable import ConfigError
from bgmatte.network import build, with_selector
from bgmatte.network.calibration import start_as_identity
from bgmatte.network.coarse import ASPP
from bgmatte.network.encoders import build_encoder, scaled
from bgmatte.network.refiner import Refiner, margins
from bgmatte.patches import crop


def pair(batch: int = 2, height: int = 64, width: int = 96, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(batch, 3, height, width, generator=generator), torch.rand(batch, 3, height, width, generator=generator)


def lively(module: nn.Module, seed: int = 0) -> nn.Module:
    """Batch norms with statistics of their own, so that eval mode tests them."""
    generator = torch.Generator().manual_seed(seed)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.copy_(0.1 * torch.randn(part.running_mean.shape, generator=generator))
            part.running_var.copy_(0.5 + torch.rand(part.running_var.shape, generator=generator))
    return module.eval()


@pytest.mark.parametrize("backbone", ["resnet50", "resnet101"])
def test_resnet_is_torchvisions_with_its_last_stage_dilated(backbone: str) -> None:
    from torchvision.models import resnet50, resnet101

    theirs = {"resnet50": resnet50, "resnet101": resnet101}[backbone](weights=None, replace_stride_with_dilation=[False, False, True])
    theirs.fc, theirs.avgpool = nn.Identity(), nn.Identity()
    ours = build_encoder(backbone, 3, 1.0)
    weights = theirs.state_dict()
    assert {name: t.shape for name, t in ours.state_dict().items()} == {name: t.shape for name, t in weights.items()}

    ours.load_state_dict(weights)
    x = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    ours.eval(), theirs.eval()
    with torch.no_grad():
        torch.testing.assert_close(ours(x)[0].flatten(1), theirs(x))


def test_mobilenet_has_torchvisions_names_and_shapes() -> None:
    from torchvision.models import mobilenet_v2

    theirs = {name: t.shape for name, t in mobilenet_v2(weights=None).state_dict().items() if not name.startswith(("classifier", "features.18"))}
    assert {name: t.shape for name, t in build_encoder("mobilenetv2", 3, 1.0).state_dict().items()} == theirs


def test_aspp_is_torchvisions() -> None:
    from torchvision.models.segmentation.deeplabv3 import ASPP as Theirs

    ours, theirs = ASPP(24, 8), Theirs(24, [3, 6, 9], 8)
    ours.load_state_dict(lively(theirs).state_dict())
    x = torch.rand(2, 24, 9, 11, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(ours.eval()(x), theirs(x))


@pytest.mark.parametrize("backbone", ["resnet50", "mobilenetv2"])
def test_width_scales_channels_and_nothing_else(backbone: str) -> None:
    full, quarter = (build(NetworkConfig(backbone=backbone, width=width)) for width in (1.0, 0.25))
    convolutions = [[m for m in net.modules() if isinstance(m, nn.Conv2d)] for net in (full, quarter)]
    assert len(convolutions[0]) == len(convolutions[1])
    for big, small in zip(*convolutions, strict=True):
        assert (big.kernel_size, big.stride, big.dilation) == (small.kernel_size, small.stride, small.dilation)
    assert scaled(64, 0.25) == 16 and scaled(12, 0.25) == 8 and scaled(4, 0.25) == 4


def test_margins_of_the_paper() -> None:
    assert margins(TWO_STAGES, kernel=3) == [3, 2]
    assert margins((Stage(1.0, (24, 16, 12, 4)),), kernel=3) == [4]


@pytest.mark.parametrize("stages", [TWO_STAGES, (Stage(1.0, (24, 16, 12, 4)),)])
@pytest.mark.parametrize("kernel", [1, 3])
def test_refining_every_patch_is_refining_everywhere(stages: tuple[Stage, ...], kernel: int) -> None:
    refiner = lively(Refiner(stages, hidden=5, kernel=kernel))
    generator = torch.Generator().manual_seed(2)
    src, bgr, matte, hidden = (torch.rand(2, c, h, w, generator=generator) for c, h, w in ((3, 32, 48), (3, 32, 48), (4, 8, 12), (5, 8, 12)))
    every = torch.ones(2, 1, 8, 12, dtype=torch.bool)
    with torch.no_grad():
        torch.testing.assert_close(refiner(src, bgr, matte, hidden, every), refiner(src, bgr, matte, hidden, None))


def test_refiner_changes_the_chosen_patches_alone() -> None:
    network = lively(build(NetworkConfig(width=0.25, refine=RefineConfig(patches=7, selector="random"))))
    src, bgr = pair()
    with torch.no_grad():
        matte = network(src, bgr)
    upsampled = F.interpolate(matte.pha_sm, scale_factor=4, mode="bilinear", align_corners=False)
    untouched = ~F.interpolate(matte.ref_sm.float(), scale_factor=4).bool()
    assert matte.ref_sm.sum((1, 2, 3)).tolist() == [7, 7]
    assert torch.equal(matte.pha[untouched], upsampled[untouched])
    assert not torch.equal(matte.pha, upsampled)


def test_coarse_and_full_outputs_have_the_promised_shapes_and_ranges() -> None:
    matte = build(NetworkConfig(width=0.25)).eval()(*pair())
    assert matte.pha.shape == (2, 1, 64, 96) and matte.fgr.shape == (2, 3, 64, 96)
    assert matte.pha_sm.shape == matte.err_sm.shape == (2, 1, 16, 24) and matte.ref_sm.dtype == torch.bool
    assert all(float(x.detach().min()) >= 0 and float(x.detach().max()) <= 1 for x in matte[:5])


def test_without_a_refiner_the_coarse_matte_is_upsampled() -> None:
    network = build(NetworkConfig(width=0.25, refine=None)).eval()
    matte = network(*pair())
    assert torch.equal(matte.pha, F.interpolate(matte.pha_sm, (64, 96), mode="bilinear", align_corners=False).clamp(0, 1))
    assert not matte.ref_sm.any()


def test_same_seed_same_weights() -> None:
    first, again, other = (build(NetworkConfig(width=0.25), seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["decoder.conv1.weight"], other["decoder.conv1.weight"])


def test_another_selector_keeps_the_weights() -> None:
    config = NetworkConfig(width=0.25, refine=RefineConfig(patches=9))
    network = build(config).eval()
    swapped = with_selector(network, config, "grid").eval()
    assert swapped.refiner is network.refiner
    assert swapped(*pair()).ref_sm.sum((1, 2, 3)).tolist() == [9, 9]


@pytest.mark.parametrize(("src", "bgr"), [((1, 3, 64, 64), (1, 3, 64, 60)), ((1, 4, 64, 64), (1, 4, 64, 64)), ((3, 64, 64), (3, 64, 64))])
def test_wrong_shapes_are_refused(src: tuple[int, ...], bgr: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="must have one shape"):
        build(NetworkConfig(width=0.25))(torch.rand(src), torch.rand(bgr))


def test_contradictory_budgets_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="exactly one of patches"):
        RefineConfig(patches=100, threshold=0.1)
    with pytest.raises(ConfigError, match=r"refine.kernel: 5"):
        RefineConfig(kernel=5)


def test_gradients_reach_every_parameter_in_the_joint_phase() -> None:
    network = build(NetworkConfig(width=0.25, refine=RefineConfig(patches=20, selector="random")))
    matte = network(*pair())
    (matte.pha.sum() + matte.fgr.sum() + matte.err_sm.sum()).backward()
    without = [name for name, p in network.named_parameters() if p.grad is None]
    assert not without


def test_crop_is_what_a_loop_cuts() -> None:
    x = torch.rand(2, 3, 8, 12, generator=torch.Generator().manual_seed(3))
    where = torch.tensor([[0, 0, 0], [1, 1, 2], [1, 0, 1]])
    cut = crop(x, where, side=4, margin=2)
    padded = F.pad(x, (2, 2, 2, 2))
    for got, (b, i, j) in zip(cut, where.tolist(), strict=True):
        assert torch.equal(got, padded[b, :, 4 * i : 4 * i + 8, 4 * j : 4 * j + 8])


@pytest.mark.parametrize("stages", [TWO_STAGES, (Stage(1.0, (24, 16, 12, 4)),)])
def test_a_calibrated_refiner_passes_the_coarse_matte_on(stages: tuple[Stage, ...]) -> None:
    network = build(NetworkConfig(width=0.25, refine=RefineConfig(patches=60, selector="random", stages=stages)))
    with torch.no_grad():  # a coarse matte that varies, as a trained one does
        network.decoder.conv4.weight *= 30
    src, bgr = pair()
    start_as_identity(network, src, bgr, generator=torch.Generator().manual_seed(1), true_pha=src[:, :1])
    network.train(), network.backbone.eval(), network.aspp.eval(), network.decoder.eval()
    with torch.no_grad():
        matte = network(src, bgr, generator=torch.Generator().manual_seed(1))
    upsampled = F.interpolate(matte.pha_sm, scale_factor=4, mode="bilinear", align_corners=False)
    inside = F.interpolate(matte.ref_sm.float(), scale_factor=4).bool()
    assert float(matte.pha_sm.std()) > 0.05
    # the free channels still add their small random part
    assert float((matte.pha - upsampled)[inside].abs().mean()) < 0.35 * float(matte.pha_sm.std())
