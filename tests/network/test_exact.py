"""A training step against what the original computes (tests/golden/README.md), and sizes and budgets at which the original stops."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bgmatte.config import SELECTORS, NetworkConfig, RefineConfig, Selector
from bgmatte.losses import Losses, base_losses, joint_losses
from bgmatte.network import MattingNetwork, build, with_config

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = json.loads((GOLDEN / "training.json").read_text())


def _recipe() -> ModuleType:
    """How golden weights and pictures are drawn; the test of the forward pass beside this one says it."""
    spec = importlib.util.spec_from_file_location("golden_recipe", Path(__file__).with_name("test_golden.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RECIPE = _recipe()


def training_network(case: dict) -> MattingNetwork:
    """The golden network in float64, in train mode, without dropout; a base phase has no refiner."""
    base = case["mode"] == "base"
    network = RECIPE.golden_network({**case, "mode": "full"} if base else case).double().train()
    for part in network.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    if base:
        network.refiner = None
    return network


def truth(height: int, width: int) -> tuple[Tensor, Tensor]:
    """True alpha (2, 1, H, W), a disc with a soft edge, and foreground (2, 3, H, W)."""
    y, x = torch.linspace(0, 1, height)[:, None], torch.linspace(0, 1, width)[None]
    pha = ((0.09 - (x - 0.5) ** 2 - (y - 0.5) ** 2) * 40 + 0.5).clamp(0, 1).expand(2, 1, height, width)
    wave = torch.stack([0.5 + 0.5 * torch.sin(9 * x + 3 * c + 2 * y) for c in range(3)]).expand(2, 3, height, width)
    return pha.double(), (1 - wave).double()


def step(network: MattingNetwork, src: Tensor, bgr: Tensor) -> tuple[dict[str, Tensor], Losses]:
    """What a phase computes of the pictures, and its losses."""
    pha, fgr = truth(src.shape[2], src.shape[3])
    if network.refiner is None:
        coarse = network.coarse(src, bgr)
        seen = {"pha_sm": coarse.pha, "fgr_sm": (coarse.residual + src).clamp(0, 1), "err_sm": coarse.err}
        return seen, base_losses(seen["pha_sm"], seen["fgr_sm"], seen["err_sm"], pha, fgr)
    matte = network(src, bgr)
    return matte._asdict(), joint_losses(matte.pha, matte.fgr, matte.pha_sm, matte.fgr_sm, matte.err_sm, pha, fgr)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['case']}-{case['backbone']}-{case['mode']}")
def test_a_training_step_agrees_with_the_original(case: dict) -> None:
    network = training_network(case)
    src, bgr = (x.double().clone().requires_grad_() for x in RECIPE.golden_pair(case["height"], case["width"]))
    outputs, losses = step(network, src, bgr)
    losses.total.backward()
    with np.load(GOLDEN / "training.npz") as stored:
        expected = {name.partition(".")[2]: torch.from_numpy(stored[name]) for name in stored.files if name.startswith(f"{case['case']}.")}

    if "ref_sm" in expected:
        assert torch.equal(outputs["ref_sm"], expected.pop("ref_sm"))
    gradients = [p.grad for _, p in sorted(network.named_parameters()) if p.grad is not None]
    statistics = [buffer for name, buffer in sorted(network.named_buffers()) if not name.endswith("tracked")]
    seen = {
        **{name: x.detach()[:, :, ::7, ::7] for name, x in outputs.items() if name in expected},
        **{f"{name}_grad": x.grad[:, :, ::7, ::7] for name, x in (("src", src), ("bgr", bgr)) if x.grad is not None},
        "loss": losses.total.detach(),
        "norms": torch.stack([gradient.norm() for gradient in gradients]),
        "first": torch.stack([gradient.flatten()[0] for gradient in gradients]),
        "statistics": torch.stack([buffer.norm() for buffer in statistics]),
    }
    assert set(seen) == set(expected)
    for name, ours in seen.items():
        torch.testing.assert_close(ours, expected[name].double(), rtol=1e-5, atol=1e-7, msg=lambda text, name=name: f"{name}: {text}")


def pair(batch: int, height: int, width: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(11)
    return torch.rand(batch, 3, height, width, generator=generator), torch.rand(batch, 3, height, width, generator=generator)


def small_network(error: float = 0.3, **refine: object) -> MattingNetwork:
    """A quarter-width network in eval mode whose predicted error lies about `error`."""
    network = build(NetworkConfig(backbone="mobilenetv2", width=0.25, refine=RefineConfig(**refine))).eval()  # type: ignore[arg-type]
    with torch.no_grad():
        network.decoder.conv4.bias[4] = error
    return network


def upsampled(x: Tensor, height: int, width: int) -> Tensor:
    """The coarse matte at the size that the padded picture has, cut to the picture's own."""
    size = (-(-height // 4) * 4, -(-width // 4) * 4)
    return F.interpolate(x, size, mode="bilinear", align_corners=False)[:, :, :height, :width]


@pytest.mark.parametrize("selector", SELECTORS)
@pytest.mark.parametrize(("height", "width"), [(4, 4), (5, 7), (33, 50), (65, 31)])
def test_any_size_is_the_padded_picture_cut_back(selector: Selector, height: int, width: int) -> None:
    network, (src, bgr) = small_network(selector=selector, patches=3), pair(2, height, width)
    rows, columns = (torch.arange(-(-side // 4) * 4).clamp(max=side - 1) for side in (height, width))
    wide = [x[:, :, rows][:, :, :, columns] for x in (src, bgr)]
    with torch.no_grad():
        matte = network(src, bgr, true_pha=src[:, :1])
        whole = network(*wide, true_pha=wide[0][:, :1])
    assert matte.pha.shape == (2, 1, height, width) and matte.fgr.shape == (2, 3, height, width)
    assert torch.equal(matte.pha, whole.pha[:, :, :height, :width]) and torch.equal(matte.fgr, whole.fgr[:, :, :height, :width])
    assert torch.equal(matte.ref_sm, whole.ref_sm) and matte.ref_sm.shape == (2, 1, -(-height // 4), -(-width // 4))
    assert matte.ref_sm.sum((1, 2, 3)).tolist() == [min(3, matte.ref_sm[0].numel())] * 2


@pytest.mark.parametrize("selector", SELECTORS)
def test_a_budget_beyond_the_picture_refines_everything(selector: Selector) -> None:
    config = NetworkConfig(backbone="mobilenetv2", width=0.25, refine=RefineConfig(patches=None, everywhere=True))
    network, (src, bgr) = small_network(selector=selector, patches=100_000), pair(1, 52, 66)
    with torch.no_grad():
        matte = network(src, bgr, true_pha=src[:, :1])
        everywhere = with_config(network, config)(src, bgr)
    assert matte.ref_sm.all() and everywhere.ref_sm.all()
    torch.testing.assert_close(matte.pha, everywhere.pha)
    torch.testing.assert_close(matte.fgr, everywhere.fgr)


@pytest.mark.parametrize("train", [False, True])
@pytest.mark.parametrize("refine", [{"patches": 9}, {"patches": None, "threshold": 0.0}, {"patches": 0}, {"patches": 0, "selector": "grid"}])
def test_an_error_of_zero_everywhere_and_an_empty_budget_refine_nothing(refine: dict, train: bool) -> None:
    error = -9.0 if refine["patches"] != 0 else 0.3  # the clamp makes 0 of it
    network, (src, bgr) = small_network(error, **refine).train(train), pair(2, 49, 64)
    matte = network(src, bgr)
    assert bool((matte.err_sm == 0).all()) == (error < 0)
    assert not matte.ref_sm.any()
    assert torch.equal(matte.pha, upsampled(matte.pha_sm, 49, 64))

    (matte.pha.sum() + matte.fgr.sum()).backward()
    assert all(p.grad is None for p in network.refiner.parameters())
    assert float(network.decoder.conv4.weight.grad.abs().sum()) > 0
