"""Training at smoke size: shared prefixes, resuming to the bit, refusing what is not finite."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from bgmatte.cache import cache_root, checkpoint_path, record_path
from bgmatte.config import RunConfig
from bgmatte.jsonable import changed
from bgmatte.phases import phase_plans
from bgmatte.profiles import run_config
from bgmatte.training import TrainingError, learner, loop, train_phase
from bgmatte.training.checkpoints import read_checkpoint
from bgmatte.training.optimisation import one_cycle, optimiser, trained_parts, with_moments
from bgmatte.training.pictures import open_pictures
from bgmatte.training.state import last_partial
from bgmatte.variants import VARIANTS, rows_of

TRAINED = [name for name, row in VARIANTS.items() if row.trained]


@pytest.fixture
def run(smoke_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunConfig:
    """The smoke baseline with four-step phases, in a cache that holds the data and no checkpoints."""
    monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path))
    (tmp_path / "data").symlink_to(smoke_cache / "data")
    plain = run_config("smoke", "baseline")
    return replace(plain, recipe=tuple(replace(phase, steps=4) for phase in plain.recipe))


def test_rows_share_the_prefix_that_does_not_see_their_difference() -> None:
    keys = {row: [plan.key for plan in phase_plans(run_config("smoke", row))] for row in TRAINED}
    refined = [row.name for number in (1, 2, 5) for row in rows_of(number) if row.trained]
    assert len({keys[row][0] for row in refined}) == 1, "one base for all refiners"
    assert len({keys[row][1] for row in refined}) == len(set(refined)), "every refiner its own"
    other_seed = phase_plans(run_config("smoke", "baseline", seed=1))
    assert not {plan.key for plan in other_seed} & set(keys["baseline"])


def test_a_changed_first_phase_renames_all_that_follow(run: RunConfig) -> None:
    first = replace(run, recipe=(replace(run.recipe[0], steps=5), *run.recipe[1:]))
    assert not {plan.key for plan in phase_plans(first)} & {plan.key for plan in phase_plans(run)}


def test_every_row_trains_equally_long() -> None:
    assert len({sum(phase.steps for phase in run_config("quick", row).recipe) for row in TRAINED}) == 1


@pytest.mark.parametrize("index", [0, 1])
def test_killed_and_resumed_equals_one_that_was_not(run: RunConfig, index: int, interrupted: Callable[..., dict[str, torch.Tensor]]) -> None:
    plans = phase_plans(run)
    expected = interrupted(plans, index)
    assert not checkpoint_path(plans[index].key).exists() and last_partial(plans[index]) is not None
    record_path(last_partial(plans[index])).unlink()  # a kill while saving: the record, written last, is not there
    assert last_partial(plans[index]) is not None, "the save before it still is"

    seen: list[int] = []
    again, record = read_checkpoint(train_phase(plans[index], lambda done, total, label: seen.append(done)))
    assert seen[0] > 1, "it went on instead of starting again"
    assert all(torch.equal(again[name], expected[name]) for name in expected)
    assert [line["step"] for line in record["curve"]] == [1, 2, 3, 4]
    assert not list((cache_root() / "partial").iterdir())


def test_a_finished_phase_is_not_trained_again(run: RunConfig) -> None:
    plan = phase_plans(run)[0]
    path = train_phase(plan)
    before = path.stat().st_mtime_ns
    assert train_phase(plan, lambda *_: pytest.fail("a step was taken")) == path
    assert path.stat().st_mtime_ns == before


def test_a_loss_that_is_not_finite_stops_with_names(run: RunConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    real = learner.base_losses

    def broken(*args: Any) -> Any:
        losses = real(*args)
        return losses._replace(pha=losses.pha * float("nan"))

    monkeypatch.setattr(learner, "base_losses", broken)
    with pytest.raises(TrainingError, match=r"baseline-seed0, base on videomatte, step 0: .*nan.*proc-video-.* on .*last good checkpoint"):
        train_phase(phase_plans(run)[0])
    assert not checkpoint_path(phase_plans(run)[0].key).exists()


def test_the_base_phase_leaves_no_refiner_and_the_joint_phase_starts_from_it(run: RunConfig) -> None:
    base, joint = phase_plans(run)[:2]
    weights, _ = read_checkpoint(train_phase(base))
    assert not any(name.startswith("refiner") for name in weights)
    started = loop._begun(joint, open_pictures(joint)).network.state_dict()
    assert all(torch.equal(started[name], tensor) for name, tensor in weights.items())


def test_rates_follow_the_parts() -> None:
    from bgmatte.network import build

    run = run_config("smoke", "baseline")
    network = build(run.network)
    assert list(trained_parts(network, run.recipe[0])) == ["backbone", "context", "decoder"]
    groups = optimiser(network, run.recipe[1]).param_groups
    assert [group["lr"] for group in groups] == [getattr(run.recipe[1].rates, name) for name in ("backbone", "context", "decoder", "refiner")]
    assert sum(len(group["params"]) for group in groups) == len(list(network.parameters()))


def test_one_cycle_rises_then_falls() -> None:
    shares = [one_cycle(step / 100) for step in range(1, 101)]
    assert max(shares) == 1 == one_cycle(0.15) and shares[:15] == sorted(shares[:15]) and shares[15:] == sorted(shares[15:], reverse=True)
    assert abs(shares[-1] - 0.02) < 1e-12


def test_unknown_fields_of_a_run_are_refused(run: RunConfig) -> None:
    with pytest.raises(ValueError, match="selctor"):
        changed(run, {"network.refine.selctor": "grid"})


def test_the_fused_optimiser_goes_on_as_the_plain_one_from_moments_that_lie_otherwise() -> None:
    from bgmatte.network import build

    phase = run_config("smoke", "baseline").recipe[1]
    networks = [build(run_config("smoke", "baseline").network).to(memory_format=torch.channels_last) for _ in range(2)]  # type: ignore[call-overload]
    opts = [optimiser(network, phase) for network in networks]
    for group in opts[1].param_groups:
        group["fused"], group["foreach"] = False, False
    for step in range(3):
        if step == 2:  # through a file, moments come back contiguous
            flat = {i: {name: value.contiguous().clone() for name, value in slot.items()} for i, slot in opts[0].state_dict()["state"].items()}
            assert any(slot["exp_avg"].stride() != weight.stride() for slot, weight in zip(flat.values(), networks[0].parameters(), strict=False))
            opts[0] = with_moments(optimiser(networks[0], phase), flat)
        for network, opt in zip(networks, opts, strict=True):
            generator = torch.Generator().manual_seed(step)
            for weight in network.parameters():
                weight.grad = torch.empty_like(weight).copy_(torch.randn(weight.shape, generator=generator))
            opt.step()
    for mine, its in zip(networks[0].parameters(), networks[1].parameters(), strict=True):
        torch.testing.assert_close(mine, its, rtol=1e-4, atol=1e-7)
