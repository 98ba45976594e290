"""The plan, row by row: every row builds, learns a step, has the published number of parameters, and differs as said."""

from itertools import pairwise

import pytest
import torch

from bgmatte.config import RunConfig
from bgmatte.jsonable import changed, to_dict
from bgmatte.losses import base_losses, joint_losses
from bgmatte.network import build
from bgmatte.phases import phase_plans
from bgmatte.profiles import PROFILES, run_config
from bgmatte.training.optimisation import optimiser, set_rates
from bgmatte.variants import ABLATIONS, VARIANTS, rows_of

# Parameters at full width; 40,247,703 is the published network's, 15,444 of them the refiner's. A new row without a
# number here fails; None says that a row has no network.
PARAMETERS = {
    "baseline": 40_247_703,
    "no-refinement": 40_247_703 - 15_444,
    "select-random": 40_247_703,
    "select-grid": 40_247_703,
    "select-edge": 40_247_703,
    "select-edge-image": 40_247_703,
    "oracle": 40_247_703,
    "difference-key": None,
}


def from_nothing(row: str, profile: str = "smoke") -> RunConfig:
    """A run that needs no starting weights."""
    return changed(run_config(profile, row), {"start.policy": "nothing"})


def test_every_row_has_an_expected_number():
    assert set(PARAMETERS) == set(VARIANTS)


@pytest.mark.parametrize("row", [row for row, count in PARAMETERS.items() if count])
def test_every_row_builds_with_the_expected_parameters(row):
    network = build(changed(run_config("quick", row).network, {"width": 1.0}))
    assert sum(parameter.numel() for parameter in network.parameters()) == PARAMETERS[row]


@pytest.mark.parametrize("row", [row.name for row in VARIANTS.values() if row.trained])
def test_every_trained_row_learns_a_step_in_both_kinds_of_phase(row):
    run = from_nothing(row)
    generator = torch.Generator().manual_seed(1)
    network = build(run.network, seed=1)
    src, bgr, fgr = (torch.rand(2, 3, 64, 64, generator=generator) for _ in range(3))
    true = torch.rand(2, 1, 64, 64, generator=generator)

    for phase in (run.recipe[0], run.recipe[1]):
        before = {name: value.clone() for name, value in network.named_parameters()}
        opt = optimiser(network, phase)
        set_rates(opt, phase, 0)
        if phase.kind == "base":
            coarse = network.coarse(src, bgr)
            losses = base_losses(coarse.pha, (coarse.residual + src).clamp(0, 1), coarse.err, true, fgr)
        else:
            matte = network(src, bgr, generator=generator, true_pha=true)
            losses = joint_losses(*matte[:5], true, fgr)
        losses.total.backward()
        opt.step()
        moved = {name for name, value in network.named_parameters() if not torch.equal(value, before[name])}
        assert torch.isfinite(losses.total)
        assert any(name.startswith("backbone") for name in moved)
        assert any(name.startswith("refiner") for name in moved) == (phase.kind == "joint" and run.network.refine is not None)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("row", VARIANTS)
def test_a_row_differs_from_the_baseline_in_what_it_names_and_in_nothing_else(profile, row):
    base, run = to_dict(run_config(profile, "baseline")), run_config(profile, row)
    undone = {path: _at(run_config(profile, "baseline"), path) for path in VARIANTS[row].change}
    assert {**to_dict(changed(run, undone)), "row": "baseline"} == base


@pytest.mark.parametrize("profile", PROFILES)
def test_rows_are_held_equal(profile):
    runs = {row: run_config(profile, row) for row in VARIANTS}
    base = runs["baseline"]
    for row, run in runs.items():
        assert sum(phase.steps for phase in run.recipe) == sum(phase.steps for phase in base.recipe), row
        assert run.start == base.start, row
    assert {runs[row.name].network.refine.patches for row in rows_of(2) if runs[row.name].network.refine} == {base.network.refine.patches}


def test_rows_that_share_a_prefix_share_its_phases():
    plans = {row: phase_plans(from_nothing(row)) for row in VARIANTS if VARIANTS[row].trained}
    assert len({chain[0].key for chain in plans.values()}) == 1, "the base phase does not know the refiner"
    assert len({chain[1].key for chain in plans.values()}) == len(plans), "joint phases do"
    assert all(later.parent == earlier.key for chain in plans.values() for earlier, later in pairwise(chain))


def test_every_ablation_has_rows_and_a_baseline_first():
    for number in ABLATIONS:
        assert rows_of(number)[0].name == "baseline"
        assert len(rows_of(number)) > 1


def _at(value, path):
    for name in path.split("."):
        value = getattr(value, name)
    return value
