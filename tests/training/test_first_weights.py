"""What a run starts from reaches its first phase and stays on record, whatever happens in between."""

from pathlib import Path

import pytest
import torch

from bgmatte.cache import checkpoint_path
from bgmatte.config import RunConfig, Start
from bgmatte.fingerprint import file_digest
from bgmatte.jsonable import changed
from bgmatte.network import build
from bgmatte.phases import phase_plans
from bgmatte.profiles import run_config
from bgmatte.training import loop, train_phase
from bgmatte.training.checkpoints import read_checkpoint
from bgmatte.training.pictures import open_pictures


@pytest.fixture
def run(smoke_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunConfig:
    """The smoke baseline, started from a file, in a cache that holds the data and no checkpoints."""
    monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path))
    (tmp_path / "data").symlink_to(smoke_cache / "data")
    plain = run_config("smoke", "baseline")
    torch.save(build(plain.network, seed=9).state_dict(), tmp_path / "own.pth")
    return changed(plain, {"start": Start("file", str(tmp_path / "own.pth"))})


def test_a_file_starts_the_first_phase(run: RunConfig) -> None:
    plan = phase_plans(run)[0]
    state = loop._begun(plan, open_pictures(plan))
    given = build(run.network, seed=9).state_dict()
    own = state.network.state_dict()
    assert all(torch.equal(own[name], given[name]) for name in own if not name.startswith("refiner."))


def test_the_start_is_on_record_after_a_kill_too(run: RunConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(done: int, total: int, label: str) -> None:
        if done == total:  # the step before is saved
            raise KeyboardInterrupt

    base, joint = phase_plans(run)[:2]
    monkeypatch.setattr(loop, "SAVE_EVERY", -1.0)  # save after every step
    with pytest.raises(KeyboardInterrupt):
        train_phase(base, killed)
    start = read_checkpoint(train_phase(base))[1]["start"]
    assert (start["policy"], start["file"], start["sha256"]) == ("file", "own.pth", file_digest(Path(str(run.start.file))))
    assert (start["copied"], start["random"], start["unused"]) == (["backbone", "aspp", "decoder"], [], ["refiner"])
    assert read_checkpoint(train_phase(joint))[1]["start"] is None, "it starts from its parent"
    assert checkpoint_path(joint.key).exists()
