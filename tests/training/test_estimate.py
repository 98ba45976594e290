"""The estimate of a training's hours: a step of each kind measured once, counted for every phase that is missing."""

from pathlib import Path

import pytest

from bgmatte.jsonable import changed
from bgmatte.phases import PhasePlan
from bgmatte.profiles import profile, run_config
from bgmatte.training import estimate
from bgmatte.training.estimate import estimated_hours, mean_side
from bgmatte.training.parallel import ALONE


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path))


def test_kinds_are_measured_once_and_shared_phases_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[str] = []

    def slow(plan: PhasePlan, us: object) -> float:
        measured.append(plan.phase.kind)
        return 1800.0 if plan.phase.kind == "base" else 3600.0

    monkeypatch.setattr(estimate, "step_seconds", slow)
    found = estimated_hours([run_config("smoke", row) for row in ("baseline", "only-videomatte", "no-refinement")])
    # phases: one base; of the baseline three, of only-videomatte two more, of no-refinement three; two steps each
    assert measured.count("base") == 1 and measured.count("joint") == 2, "with and without a refiner; all places are alike"
    assert found.hours == pytest.approx(2 * 0.5 + 2 * (3 + 2 + 3))
    assert found.lines[0] == "training: about 17.0 h for 9 phases" and "measured here" in found.lines[-1]


def test_a_step_is_measured_on_two_pictures_and_counted_for_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = estimate.phase_plans(changed(run_config("smoke", "baseline"), {"precision": "mixed"}))[1]
    seen = []

    def timed(state: object, tensors: list, generator: object) -> float:
        seen.append([tuple(x.shape) for x in tensors])
        return 0.5

    monkeypatch.setattr(estimate, "_timed", timed)
    assert estimate.step_seconds(plan, ALONE) == 0.5 * plan.phase.batch / 2
    assert seen == 2 * [[(2, channels, 128, 128) for channels in (3, 3, 1, 3)]], "the first is the warm-up"
    monkeypatch.undo()
    assert 0 < estimate.step_seconds(plan, ALONE) < 60


def test_the_mean_side_is_that_of_the_crops() -> None:
    assert mean_side(profile("paper").base) == 384 and mean_side(profile("paper").joint[0]) == 1536
    assert mean_side(profile("quick").base) == 128
