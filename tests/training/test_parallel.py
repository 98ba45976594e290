"""Several processes train as one does on the whole batch: losses, gradients, statistics and whole learning curves agree.

Run as a script by torchrun, this file is what each of the processes does.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from bgmatte.__main__ import main
from bgmatte.cache import checkpoint_path, record_path
from bgmatte.fingerprint import PROJECT
from bgmatte.jsonable import ConfigError
from bgmatte.network import build
from bgmatte.phases import PhasePlan, phase_plans
from bgmatte.profiles import run_config
from bgmatte.training import train_phase
from bgmatte.training.parallel import ALONE, Team, together
from bgmatte.training.pictures import drawn, open_pictures
from bgmatte.training.state import ready


def first_phases() -> tuple[PhasePlan, ...]:
    """Of the smoke baseline's phases the base network's and the first joint one: the others differ in data alone."""
    return phase_plans(run_config("smoke", "baseline"))[:2]


def slopes(plan: PhasePlan, us: Team) -> dict[str, torch.Tensor]:
    """Losses, gradients and running statistics after one backward pass from random weights, in float64.

    In float32 the slopes of a network that was never trained carry rounding of some per cent: two pictures to norm by.
    """
    pictures = open_pictures(plan)
    state = ready(plan, build(plan.network, seed=1).double(), us)
    batch, generator = drawn(plan, pictures, 0, us)
    torch.manual_seed(5)
    state.network.train()
    losses = state.learner(*(x.double() for x in batch[:4]), generator)
    losses.total.backward()
    found = {f"loss.{name}": us.mean(value.detach().clone()) for name, value in zip(losses._fields, losses, strict=True)}
    found |= {f"grad.{name}": weight.grad for name, weight in state.network.named_parameters() if weight.grad is not None}
    return found | {f"state.{name}": value for name, value in state.network.named_buffers()}


@pytest.fixture(scope="module")
def apart(smoke_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache in which two processes over gloo trained the smoke baseline's `first_phases`; their gradients lie in it as files."""
    folder = tmp_path_factory.mktemp("team")
    (folder / "data").symlink_to(smoke_cache / "data")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", __file__, str(folder)]
    environment = {**os.environ, "BGMATTE_CACHE": str(folder), "OMP_NUM_THREADS": "1", "PYTHONPATH": str(PROJECT), "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stdout.count(".safetensors") == len(first_phases()), "the leader alone says what was made"
    return folder


@pytest.mark.parametrize("index", [0, 1])
def test_two_processes_give_the_losses_and_gradients_of_one_with_both_shares(apart: Path, index: int) -> None:
    plan = first_phases()[index]
    expected = slopes(plan, ALONE)
    for rank in (0, 1):
        found = torch.load(apart / f"{plan.phase.kind}-{rank}.pt")
        assert found.keys() == expected.keys()
        for name, value in found.items():
            away = float((value - expected[name]).double().norm() / expected[name].double().norm().clamp_min(1e-12))
            assert away < 1e-8, (name, away)


def test_a_training_in_two_processes_learns_as_one_does(apart: Path, smoke_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path))
    (tmp_path / "data").symlink_to(smoke_cache / "data")
    for plan in first_phases():
        train_phase(plan)
        one, two = (json.loads(record_path(folder / checkpoint_path(plan.key).relative_to(tmp_path)).read_text()) for folder in (tmp_path, apart))
        assert [line["step"] for line in two["curve"]] == [1, 2]
        for mine, its in zip(one["curve"], two["curve"], strict=True):
            assert its["loss"] == pytest.approx(mine["loss"], rel=0.01)


def test_a_batch_that_cannot_be_shared_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"phase.batch: 4 .*a multiple of the number of processes, 3"):
        Team(0, 3, torch.device("cpu")).share(4)
    assert [Team(rank, 2, torch.device("cpu")).share(4) for rank in (0, 1)] == [slice(0, 2), slice(2, 4)]


if __name__ == "__main__":
    with together() as us:
        for plan in first_phases():
            found = slopes(plan, us)
            torch.save(found, Path(sys.argv[1]) / f"{plan.phase.kind}-{us.rank}.pt")
        status = main(["train", "--profile", "smoke", "--seed", "0", "--phase", first_phases()[-1].key])
    sys.exit(status)
