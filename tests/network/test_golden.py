"""The network against outputs of the original that others computed (tests/golden/README.md)."""

import json
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from bgmatte.config import NetworkConfig, RefineConfig
from bgmatte.network import MattingNetwork, build

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = json.loads((GOLDEN / "forward.json").read_text())
AGREE = 1e-3  # the stored outputs are half precision


def budget(case: dict) -> dict:
    return {
        "sampling": {"patches": case["sample_pixels"] // 16},
        "thresholding": {"patches": None, "threshold": case["threshold"]},
        "full": {"patches": None, "everywhere": True},
    }[case["mode"]]


def golden_network(case: dict) -> MattingNetwork:
    refine = RefineConfig(kernel=case["kernel_size"], **budget(case))
    network = build(NetworkConfig(backbone=case["backbone"], scale=case["backbone_scale"], refine=refine)).eval()
    for name, tensor in network.state_dict().items():
        drawn = golden_tensor(name, tensor)
        if drawn is not None:
            tensor.copy_(drawn)
    return network


def golden_tensor(name: str, like: Tensor) -> Tensor | None:
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    if name.endswith("num_batches_tracked"):
        return None
    if name.endswith("running_mean"):
        return 0.05 * torch.randn(like.shape, generator=generator)
    if name.endswith("running_var"):
        return 1 + 0.2 * torch.rand(like.shape, generator=generator)
    if like.ndim == 4:
        drawn = torch.randn(like.shape, generator=generator) * (2 / like[0].numel()) ** 0.5
    elif name.endswith("weight"):
        drawn = 1 + 0.1 * torch.randn(like.shape, generator=generator)
    else:
        drawn = 0.1 * torch.randn(like.shape, generator=generator)

    if name in ("decoder.conv4.bias", "refiner.conv4.bias"):
        drawn = torch.zeros_like(drawn)
        drawn[0] = 0.5
        if name.startswith("decoder"):
            drawn[4] = 0.3
    bottleneck = 0.3 if name.startswith("backbone") and name.endswith("bn3.weight") else 1.0
    return drawn * {"decoder.conv4.weight": 0.03, "refiner.conv4.weight": 0.1}.get(name, bottleneck)


def golden_pair(height: int, width: int) -> tuple[Tensor, Tensor]:
    y, x = torch.linspace(0, 1, height)[:, None], torch.linspace(0, 1, width)[None]
    wave = torch.stack([0.5 + 0.5 * torch.sin(9 * x + 3 * c + 2 * y) for c in range(3)]).expand(2, 3, height, width)
    chance = torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(7))
    bgr = (0.6 * wave + 0.4 * chance).clamp(0, 1)
    disc = ((x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.09).float()
    return (bgr * (1 - disc) + disc * (1 - wave)).clamp(0, 1), bgr


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['case']}-{case['backbone']}-{case['mode']}")
def test_forward_agrees_with_the_original(case: dict) -> None:
    with torch.inference_mode(), np.load(GOLDEN / "forward.npz") as stored:
        matte = golden_network(case)(*golden_pair(case["height"], case["width"]))
        expected = {key: torch.from_numpy(stored[f"{case['case']}.{key}"]) for key in ("pha", "fgr", "pha_sm", "err_sm", "ref_sm")}

    assert torch.equal(matte.ref_sm, expected["ref_sm"])
    for name, ours in (("pha", matte.pha), ("fgr", matte.fgr[..., ::4, ::4]), ("pha_sm", matte.pha_sm), ("err_sm", matte.err_sm)):
        torch.testing.assert_close(ours, expected[name].float(), rtol=0, atol=AGREE)


@pytest.mark.parametrize(("backbone", "count"), [("resnet50", 40_247_703), ("resnet101", 59_239_831), ("mobilenetv2", 5_006_839)])
def test_parameters_as_many_as_the_paper_has(backbone: str, count: int) -> None:
    network = build(NetworkConfig(backbone=backbone))
    assert sum(p.numel() for p in network.parameters()) == count
    assert network.refiner is not None
    assert sum(p.numel() for p in network.refiner.parameters()) == 15_444
