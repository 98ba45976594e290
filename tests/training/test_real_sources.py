"""Training on real data sets: streamed in place of the stand-ins, resumable, refused where the copy is another one."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch

from bgmatte.config import RunConfig, Source
from bgmatte.data.published import index
from bgmatte.data.streaming import StreamedPictures
from bgmatte.data.training_pictures import TrainingPictures
from bgmatte.jsonable import ConfigError
from bgmatte.phases import phase_plans
from bgmatte.profiles import run_config
from bgmatte.sources import VARIABLE
from bgmatte.training import train_phase
from bgmatte.training.checkpoints import read_checkpoint
from bgmatte.training.parallel import ALONE
from bgmatte.training.pictures import Ahead, drawn, open_pictures, threads_for
from bgmatte.training.state import last_partial


@pytest.fixture
def run(smoke_cache: Path, tmp_path: Path, copies: ModuleType, monkeypatch: pytest.MonkeyPatch) -> RunConfig:
    """The smoke baseline with tiny copies of VideoMatte240K and of the backgrounds, crops drawn between 64 and 96 px."""
    monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path))
    (tmp_path / "data").symlink_to(smoke_cache / "data")
    roots = {name: copies.write_copy(name, tmp_path / name, size=(72, 100)) for name in ("videomatte240k", "backgrounds")}
    for name, root in roots.items():
        index(name, root, workers=1)
    monkeypatch.setenv(VARIABLE, json.dumps({name: str(root) for name, root in roots.items()}))
    plain = run_config("smoke", "baseline")
    assert [source.name for source in plain.sources] == list(roots)
    recipe = tuple(replace(phase, steps=3, size=64, largest=96) for phase in plain.recipe)
    return replace(plain, recipe=recipe, test=replace(plain.test, validation=2))


def test_real_sets_are_streamed_and_stand_ins_fill_in_for_the_others(run: RunConfig) -> None:
    base, video, portraits, _ = phase_plans(run)
    for plan, strict in ((base, True), (video, True), (portraits, False)):
        pictures = open_pictures(plan)
        assert isinstance(pictures, StreamedPictures) and pictures.how.strict == strict
        assert len(pictures.backgrounds) == 1 and threads_for(pictures, ALONE) == 1
        batch, _ = drawn(plan, pictures, 0)
        assert all(side in range(64, 97, 4) for side in batch.src.shape[2:])
    assert isinstance(open_pictures(phase_plans(replace(run, sources=()))[0]), TrainingPictures)


@pytest.mark.parametrize("index", [0, 1])
def test_killed_and_resumed_equals_one_that_was_not(run: RunConfig, index: int, interrupted: Callable[..., dict[str, torch.Tensor]]) -> None:
    plans = phase_plans(run)
    expected = interrupted(plans, index)
    assert last_partial(plans[index]) is not None
    again, record = read_checkpoint(train_phase(plans[index]))
    assert all(torch.equal(again[name], expected[name]) for name in expected)
    assert [source["name"] for source in record["plan"]["sources"]] == ["videomatte240k", "backgrounds"]


def test_another_copy_than_the_run_was_planned_with_is_refused(run: RunConfig) -> None:
    other = replace(run, sources=(Source("videomatte240k", "0" * 16), *run.sources[1:]))
    with pytest.raises(ConfigError, match=r"data videomatte240k: 'index \w+' .* 0000000000000000, the copy"):
        open_pictures(phase_plans(other)[0])


def test_what_is_made_ahead_comes_in_order_and_its_faults_are_raised() -> None:
    made: list[int] = []

    def make(step: int) -> int:
        made.append(step)
        if step == 5:
            raise OSError("unreadable.png")
        return 10 * step

    with Ahead(make, 7, threads=2) as ahead:  # type: ignore[arg-type]
        assert [ahead(step) for step in range(2, 5)] == [20, 30, 40]
        with pytest.raises(OSError, match=r"unreadable.png"):
            ahead(5)
        assert ahead(6) == 60
    assert sorted(made) == [2, 3, 4, 5, 6], "each once, none beyond the end"
