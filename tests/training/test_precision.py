"""Mixed precision: close to float32, finite, resumable, and nothing to do with a float32 run."""

from pathlib import Path

import pytest
import torch

from bgmatte.config import RunConfig
from bgmatte.jsonable import changed
from bgmatte.network import build
from bgmatte.network.clamping import CLAMPS
from bgmatte.phases import phase_plans
from bgmatte.profiles import run_config
from bgmatte.training import loop, train_phase
from bgmatte.training.checkpoints import read_checkpoint
from bgmatte.training.learner import Learner, gradient_scaler
from bgmatte.training.pictures import drawn, open_pictures

ROWS = ("baseline", "no-refinement", "select-edge-image", "base-mobilenetv2", "stages-half")


@pytest.fixture
def mixed(smoke_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunConfig:
    """The smoke baseline in mixed precision, in a cache that holds the data and no checkpoints."""
    monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path))
    (tmp_path / "data").symlink_to(smoke_cache / "data")
    return changed(run_config("smoke", "baseline"), {"precision": "mixed", "test.validation": 2})


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("row", ROWS)
def test_losses_and_slopes_are_close_to_those_of_float32(row: str, index: int, smoke_cache: Path) -> None:
    run = changed(run_config("smoke", row), {"start.policy": "nothing"})
    plan = phase_plans(run)[index]
    batch, generator = drawn(plan, open_pictures(plan), 0)
    told = {}
    for precision in ("float32", "mixed"):
        network = build(run.network, seed=2).train()
        torch.manual_seed(3)
        network.clamp_error = CLAMPS[plan.phase.error_clamp]
        losses = Learner(network, plan.phase.kind, precision)(*batch[:4], generator)  # type: ignore[arg-type]
        assert all(loss.dtype == torch.float32 for loss in losses)
        losses.total.backward()
        slopes = [weight.grad for weight in network.parameters() if weight.grad is not None]
        assert all(torch.isfinite(slope).all() and slope.dtype == torch.float32 for slope in slopes)
        told[precision] = [loss.item() for loss in losses], len(slopes)
    assert told["mixed"][0] == pytest.approx(told["float32"][0], rel=0.03, abs=2e-3)
    assert told["mixed"][0] != told["float32"][0], "it is another arithmetic"
    assert told["mixed"][1] == told["float32"][1]


def test_a_mixed_phase_learns_is_named_otherwise_and_goes_on_after_a_kill_to_the_bit(mixed: RunConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = phase_plans(mixed)[0]
    assert plan.key != phase_plans(changed(mixed, {"precision": "float32"}))[0].key
    whole = train_phase(plan)
    expected, record = read_checkpoint(whole)
    assert record["plan"]["precision"] == "mixed"
    assert all(tensor.dtype in (torch.float32, torch.int64) and torch.isfinite(tensor).all() for tensor in expected.values())
    for file in whole.parent.glob(f"{plan.key}*"):
        file.unlink()

    def killed(done: int, total: int, label: str) -> None:
        if done == total:
            raise KeyboardInterrupt

    monkeypatch.setattr(loop, "SAVE_EVERY", -1.0)
    with pytest.raises(KeyboardInterrupt):
        train_phase(plan, killed)
    again, _ = read_checkpoint(train_phase(plan))
    assert all(torch.equal(again[name], expected[name]) for name in expected)


def test_gradients_are_scaled_for_float16_alone() -> None:
    assert not gradient_scaler("mixed", torch.device("cpu")).is_enabled()
    assert not gradient_scaler("float32", torch.device("cpu")).is_enabled()
    loss = torch.tensor(2.0, requires_grad=True)
    assert gradient_scaler("mixed", torch.device("cpu")).scale(loss) is loss
