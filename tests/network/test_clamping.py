"""The clamp of the predicted error: one function, two slopes; the returning one brings a dead prediction back."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from bgmatte.config import NetworkConfig, PhaseConfig, Rates
from bgmatte.jsonable import ConfigError, changed
from bgmatte.network import build
from bgmatte.network.clamping import CLAMPS
from bgmatte.phases import phase_plans
from bgmatte.profiles import run_config
from bgmatte.training.learner import Learner
from bgmatte.training.parallel import ALONE
from bgmatte.training.state import ready

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
    network.clamp_error = CLAMPS[clamp]  # type: ignore[index]
    Learner(network, kind, "float32")(src, bgr, pha, fgr, generator).err.backward()
    slope: Tensor = last.bias.grad[4]
    assert (slope < 0) == heard and (slope == 0) != heard


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("clamp", CLAMPS)
def test_a_phase_learns_with_the_clamp_that_it_names(clamp: str, index: int) -> None:
    plan = phase_plans(changed(run_config("smoke", "baseline"), {"start.policy": "nothing"}))[index]
    plan = replace(plan, phase=changed(plan.phase, {"error_clamp": clamp}))
    learner = ready(plan, build(plan.network), ALONE).learner
    assert learner.network.clamp_error is CLAMPS[clamp]  # type: ignore[union-attr,index]


def test_another_clamp_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"phase.error_clamp: 'soft' .* hard, returning"):
        PhaseConfig("base", ("videomatte",), 1, 1, 64, Rates(1e-3, 1e-3, 1e-3), error_clamp="soft")  # type: ignore[arg-type]
