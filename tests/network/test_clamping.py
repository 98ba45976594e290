"""The clamp of the predicted error: one function, two slopes; the returning one brings a dead prediction back."""

import pytest
import torch
from torch import Tensor

from bgmatte.config import NetworkConfig, PhaseConfig, Rates
from bgmatte.jsonable import ConfigError
from bgmatte.network import build
from bgmatte.network.clamping import CLAMPS
from bgmatte.training.learner import Learner

X = torch.tensor([-0.5, -0.5, 0.25, 0.25, 1.5, 1.5])
SLOPE = torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])  # of a loss: a step goes the other way


@pytest.mark.parametrize(("clamp", "passed"), [("hard", [0, 0, 1, -1, 0, 0]), ("returning", [0, -1, 1, -1, 1, 0])])
def test_values_are_clamped_and_slopes_pass_by_hand(clamp: str, passed: list[float]) -> None:
    x = X.clone().requires_grad_()
    out = CLAMPS[clamp](x)  # type: ignore[index]
    assert torch.equal(out, X.clamp(0, 1))
    out.backward(SLOPE)
    assert torch.equal(x.grad, torch.tensor(passed, dtype=torch.float32))


@pytest.mark.parametrize(("clamp", "heard"), [("hard", False), ("returning", True)])
@pytest.mark.parametrize("kind", ["base", "joint"])
def test_an_error_that_is_0_everywhere_learns_again(clamp: str, heard: bool, kind: str) -> None:
    generator = torch.Generator().manual_seed(0)
    src, bgr, fgr = (torch.rand(2, 3, 64, 64, generator=generator) for _ in range(3))
    pha = torch.rand(2, 1, 64, 64, generator=generator).round()
    network = build(NetworkConfig(width=0.25), seed=0)
    last = network.decoder.conv4
    with torch.no_grad():
        last.bias[4] = -5.0
    Learner(network, kind, "float32", clamp)(src, bgr, pha, fgr, generator).err.backward()  # type: ignore[arg-type]
    slope: Tensor = last.bias.grad[4]
    assert (slope < 0) == heard and (slope == 0) != heard


def test_another_clamp_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"phase.error_clamp is 'soft'|phase.error_clamp.*'soft'.*allowed: hard, returning"):
        PhaseConfig("base", ("videomatte",), 1, 1, 64, Rates(1e-3, 1e-3, 1e-3), error_clamp="soft")  # type: ignore[arg-type]
