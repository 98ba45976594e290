"""The plan, row by row: every row builds, learns a step, has the published number of parameters, and differs as said."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from bgmatte.config import ROLES, RunConfig
from bgmatte.jsonable import ConfigError, changed, to_dict
from bgmatte.losses import base_losses, joint_losses
from bgmatte.network import build
from bgmatte.orders import visits
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
    **dict.fromkeys(("order-random", "order-mixed", "order-reverse"), 40_247_703),
    **dict.fromkeys(("only-videomatte", "only-photomatte", "only-distinctions"), 40_247_703),
    "base-resnet101": 59_239_831,
    "base-mobilenetv2": 5_006_839,
    "base-no-aspp": 40_247_703 - 15_535_104 + (2_048 * 256 + 2 * 256),  # torchvision's ASPP against a 1×1 convolution and its norm
    **dict.fromkeys(("stages-full", "stages-half"), 40_247_703 - 6 * 12 * 9),  # src and bgr enter once, not before each stage
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
def test_every_trained_row_learns_a_step_in_every_phase(row):
    run = from_nothing(row)
    generator = torch.Generator().manual_seed(1)
    network = build(run.network, seed=1)
    src, bgr, fgr = (torch.rand(2, 3, 64, 64, generator=generator) for _ in range(3))
    true = torch.rand(2, 1, 64, 64, generator=generator)

    for phase in run.recipe:
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
    if VARIANTS[row].order != "published":
        published = run_config(profile, "baseline").recipe
        assert run.recipe != published
        undone["recipe"] = tuple(replace(phase, datasets=its.datasets) for phase, its in zip(run.recipe, published, strict=True))
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
    base = {row: chain[0].key for row, chain in plans.items()}
    refined = [row.name for number in (1, 2, 5) for row in rows_of(number) if row.trained]
    assert len({base[row] for row in (*refined, "only-videomatte")}) == 1, "the base phase does not know the refiner"
    assert base["order-reverse"] == base["only-distinctions"], "nor what comes after it"
    assert len({base[row] for row in ("baseline", "order-mixed", "order-reverse", *(row.name for row in rows_of(4) if row.trained))}) == 6
    assert len({plans[row][1].key for row in refined}) == len(set(refined)), "joint phases do know the refiner"
    assert plans["only-videomatte"][1].key == plans["baseline"][1].key != plans["order-mixed"][1].key
    assert plans["order-reverse"][1].key == plans["only-distinctions"][1].key
    assert len({chain[-1].key for chain in plans.values()}) == len(plans)
    assert all(later.parent == earlier.key for chain in plans.values() for earlier, later in pairwise(chain))


def test_the_random_order_is_neither_the_published_one_nor_its_reverse_and_follows_the_seed():
    seen = {visits("random", seed) for seed in range(40)}
    assert len(seen) == 4, "all other permutations occur"
    assert not seen & {visits("published", 0), visits("reverse", 0)}
    assert all(set(joint) == {(role,) for role in ROLES} and base == joint[0] for base, *joint in seen)


def test_mixed_phases_draw_from_every_set_and_single_ones_from_their_own():
    assert visits("mixed", 0) == (ROLES,) * 4
    assert {role: visits(role, 0) for role in ROLES} == {role: ((role,),) * 4 for role in ROLES}
    with pytest.raises(ConfigError, match=r"order: 'sorted' .* published, random, mixed, reverse"):
        visits("sorted", 0)


def test_every_ablation_has_rows_and_a_baseline_first():
    for number in ABLATIONS:
        assert rows_of(number)[0].name == "baseline"
        assert len(rows_of(number)) > 1


def _at(value, path):
    for name in path.split("."):
        value = getattr(value, name)
    return value
