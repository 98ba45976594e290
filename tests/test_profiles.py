"""Profiles: the published recipe's numbers, what each needs, and how a start is chosen and refused."""

from pathlib import Path

import pytest

from bgmatte.config import ROLES, Rates, Start
from bgmatte.jsonable import ConfigError
from bgmatte.phases import phase_plans
from bgmatte.profiles import PROFILES, profile, run_config
from bgmatte.sources import PUBLISHED
from bgmatte.starting import DEEPLABV3


def test_the_paper_profile_is_the_published_recipe() -> None:
    """Written out from the paper's facts: steps as epochs times pictures over the batch, crops, rates, optimiser."""
    run = run_config("paper", "baseline")
    base, *joint = run.recipe
    assert base.steps * base.batch == pytest.approx(8 * 238_000, rel=0.01)
    assert [phase.steps for phase in joint] == [pytest.approx(steps, rel=0.01) for steps in (238_000 / 4, 25 * 13_165 / 4, 30 * 8_636 / 4)]
    assert [phase.datasets for phase in run.recipe] == [ROLES[:1], *((role,) for role in ROLES)]
    assert (base.kind, base.batch, base.size, base.largest) == ("base", 8, 256, 512)
    assert {(phase.kind, phase.batch, phase.size, phase.largest) for phase in joint} == {("joint", 4, 1024, 2048)}
    assert base.rates == Rates(1e-4, 5e-4, 5e-4) and {phase.rates for phase in joint} == {Rates(5e-5, 5e-5, 1e-4, 3e-4)}
    assert {(phase.schedule, phase.decay, phase.error_clamp) for phase in run.recipe} == {("constant", 0.0, "hard")}, "Adam, no decay, no schedule"
    assert (run.network.backbone, run.network.width, run.network.scale) == ("resnet50", 1.0, 0.25)
    assert run.network.refine is not None and run.network.refine.patches == 5_000
    assert (run.start.policy, run.precision) == ("deeplabv3", "mixed")
    assert set(profile("paper").needs) == set(PUBLISHED.values())


def test_the_standard_profile_is_for_one_gpu() -> None:
    size, quick = profile("standard"), profile("quick")
    assert (size.network.width, size.seeds, size.precision, size.needs) == (1.0, 3, "mixed", ())
    assert size.base.size > quick.base.size and (size.joint[0].largest or 0) > quick.joint[0].size
    assert size.data.size >= (size.joint[0].largest or 0), "crops larger than what is drawn would be blurred"


@pytest.mark.parametrize("name", ["smoke", "quick", "standard"])
def test_shorter_recipes_favour_no_place_in_the_order_and_let_a_dead_error_return(name: str) -> None:
    size = profile(name)
    assert len(set(size.joint)) == 1
    assert {phase.error_clamp for phase in (size.base, *size.joint)} == {"returning"}


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_says_what_it_is_for_and_shares_its_batches_between_two(name: str) -> None:
    size = profile(name)
    assert len(size.purpose) > 30
    assert all(phase.batch % 2 == 0 for phase in (size.base, *size.joint))


def test_another_start_is_one_variable_away(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_config("standard", "baseline").start == Start("imagenet")
    monkeypatch.setenv("BGMATTE_START", "nothing")
    assert run_config("standard", "baseline").start == Start("nothing")
    monkeypatch.setenv("BGMATTE_START", "vgg")
    with pytest.raises(ConfigError, match=r"start.policy: 'vgg' .* shipped, nothing"):
        run_config("standard", "baseline")


def test_deeplabv3_is_found_by_its_authors_names_or_refused_with_where_to_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BGMATTE_DEEPLABV3", str(tmp_path))
    with pytest.raises(ConfigError, match=rf"deeplabv3.*{tmp_path}/best_deeplabv3_resnet50_voc_os16.pth.*BGMATTE_DEEPLABV3"):
        phase_plans(run_config("paper", "baseline"))
    for number, name in enumerate(DEEPLABV3.values()):
        (tmp_path / name).write_bytes(bytes([number]))
    keys = {row: phase_plans(run_config("paper", row))[0].key for row in ("baseline", "base-resnet101", "base-mobilenetv2", "select-grid")}
    assert len(set(keys.values())) == 3 and keys["baseline"] == keys["select-grid"]
    assert run_config("paper", "base-mobilenetv2").start == run_config("paper", "baseline").start
