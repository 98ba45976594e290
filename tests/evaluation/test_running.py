"""Evaluation at smoke size: what a run leaves, and that its numbers are the metrics of its pictures."""

import json
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from bgmatte.cache import checkpoint_path
from bgmatte.config import SELECTORS, RefineConfig
from bgmatte.data.test_pictures import test_pictures as frozen_pictures
from bgmatte.evaluation import evaluate_run, judge, matters, start_of
from bgmatte.evaluation.captured import AMOUNTS
from bgmatte.fingerprint import file_digest
from bgmatte.jsonable import changed
from bgmatte.network import Matte
from bgmatte.network.loading import network_from_file
from bgmatte.phases import phase_plans
from bgmatte.profiles import run_config
from bgmatte.records import RecordError, faults, read_run
from bgmatte.sampling import SAMPLES, sample_crops
from bgmatte.starting import starting_weights
from bgmatte.training import train


@pytest.fixture(scope="module")
def trained_cache(smoke_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the smoke baseline and one replaced selector, trained."""
    cache = tmp_path_factory.mktemp("trained")
    (cache / "data").symlink_to(smoke_cache / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BGMATTE_CACHE", str(cache))
        for row in ("baseline", "select-grid"):
            train(run_config("smoke", row))
    return cache


@pytest.fixture
def folder(trained_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BGMATTE_CACHE", str(trained_cache))
    return tmp_path


@pytest.mark.parametrize(
    ("row", "ways"), [("baseline", ["own"]), ("select-grid", ["own", "swapped"]), ("oracle", ["own"]), ("difference-key", ["own"])]
)
def test_a_run_leaves_every_picture_and_every_number(folder: Path, row: str, ways: list[str]) -> None:
    run = run_config("smoke", row)
    evaluate_run(run, folder)
    record = read_run(folder)
    pictures = frozen_pictures(run.test, run.data, "test")
    assert record.config == run
    assert [(line["weights"], line["image"]) for line in record.images] == [(way, p.name) for p in pictures for way in ways]
    assert all(line["mad"] is not None and line["mad"] >= 0 for line in record.images)
    budget = 64 if row in ("select-grid", "oracle") else 0
    assert all(line["patches"] == budget for line in record.images) or row == "baseline"
    assert len(record.curves) == (8 if row in ("baseline", "select-grid") else 0)
    assert all(line["set"] == "rendered-people" for line in record.images)
    bands = [name for name in record.images[0] if name.startswith("mad_band_")]
    assert bands[0] == "mad_band_0_2" and bands[-1] == "mad_band_32_up"
    assert record.story["held_out"]["pictures"] == {"rendered-people": 6}
    assert [line.split(":")[0] for line in record.story["held_out"]["left_out"]] == ["real-stamps", "painted-portraits"]
    samples = json.loads((folder / "pictures" / "samples.json").read_text())
    assert all((folder / "pictures" / sample["image"] / "pha.webp").exists() for sample in samples)


@pytest.mark.parametrize(
    ("row", "selectors", "disturbed"), [("baseline", set(SELECTORS), True), ("select-grid", {"grid"}, False), ("difference-key", set(), True)]
)
def test_a_run_leaves_its_further_tables_and_a_matte_of_every_picture(folder: Path, row: str, selectors: set[str], disturbed: bool) -> None:
    run = run_config("smoke", row)
    evaluate_run(run, folder)
    record = read_run(folder)
    own = {line["image"]: line for line in record.images if line["weights"] == "own"}
    assert all((folder / "pictures" / image / "pha.webp").exists() for image in own)
    assert all((folder / "pictures" / image / "src.webp").exists() for image in own) == (row == "baseline" or len(own) <= SAMPLES)

    budgets = record.table("budgets")
    assert {line["selector"] for line in budgets} == selectors
    for line in (line for line in budgets if line["selector"] == (run.network.refine or RefineConfig()).selector and line["patches"] == 64):
        assert line["mad"] == pytest.approx(own[line["image"]]["mad"], rel=1e-5), "the study's own budget is judged twice"
        assert line["grad_unknown"] == pytest.approx(own[line["image"]]["grad_unknown"], rel=1e-4)

    for line in record.table("reliability"):
        assert line["low"] - 1e-7 <= line["predicted"] / line["patches"] <= line["high"] + 1e-7
    assert bool(record.table("reliability")) == (row != "difference-key")

    captured = record.table("captured")
    assert bool(captured) == disturbed
    assert {(line["disturbance"], line["amount"]) for line in captured} == {(n, a) for n, amounts in AMOUNTS.items() for a in amounts if disturbed}
    still = {line["image"]: line["mad"] for line in captured if (line["disturbance"], line["amount"]) == ("shift", 0)}
    assert all(line["mad"] == still[line["image"]] for line in captured if line["amount"] == AMOUNTS[line["disturbance"]][0])


@pytest.mark.parametrize(("row", "policy"), [("baseline", "shipped"), ("oracle", "shipped"), ("difference-key", "nothing")])
def test_a_run_says_where_its_weights_came_from(folder: Path, row: str, policy: str) -> None:
    start = start_of(run_config("smoke", row))
    assert start["policy"] == policy
    if policy == "shipped":
        weights = starting_weights(run_config("smoke", row).network)
        assert (start["file"], start["sha256"]) == (weights.name, file_digest(weights))
        assert (start["copied"], start["random"]) == (["backbone", "aspp"], ["decoder"]), "a base phase has no refiner"


def test_every_checkpoint_can_be_opened_by_itself(folder: Path) -> None:
    run = run_config("smoke", "select-grid")
    for plan in phase_plans(run):
        network, config = network_from_file(checkpoint_path(plan.key))
        assert config == (run.network if plan.phase.kind == "joint" else changed(run.network, {"refine": None}))
        assert (network.refiner is None) == (plan.phase.kind == "base")


def test_same_run_same_numbers(folder: Path) -> None:
    run = run_config("smoke", "baseline")
    first, again = (evaluate_run(run, folder / name) / "images.csv" for name in ("first", "again"))
    assert first.read_bytes() == again.read_bytes()


def test_a_damaged_record_is_named_and_never_read(folder: Path) -> None:
    evaluate_run(run_config("smoke", "baseline"), folder)
    table = folder / "images.csv"
    table.write_text(table.read_text().replace("0.", "1.", 1))
    assert faults(folder) == [f"{table}: its hash differs from run.json"]
    with pytest.raises(RecordError, match=r"images.csv"):
        read_run(folder)


def test_the_oracle_covers_at_least_as_much_error_as_any_other(folder: Path) -> None:
    pictures = frozen_pictures(run_config("smoke", "oracle").test, run_config("smoke", "oracle").data, "test")[:2]
    covered = {}
    for row in ("oracle", "select-grid"):
        (own, *_), _ = matters(run_config("smoke", row))
        swapped = [way for way in matters(run_config("smoke", row))[0] if way.weights == "swapped"] or [own]
        covered[row] = [judge(picture, swapped[0].matter(picture))["covered"] for picture in pictures]
    assert all(best >= other for best, other in zip(covered["oracle"], covered["select-grid"], strict=True))


def test_the_truth_is_judged_perfect(folder: Path) -> None:
    run = run_config("smoke", "baseline")
    picture = frozen_pictures(run.test, run.data, "test")[0]
    small = F.avg_pool2d(picture.pha, 4)
    matte = Matte(picture.pha, picture.fgr, small, F.avg_pool2d(picture.fgr, 4), small * 0, torch.zeros_like(small).bool())
    values = judge(picture, matte)
    assert all(values[name] == 0 for name in ("mad", "mse", "sad", "grad", "conn", "fgr_mse", "mad_unknown", "grad_unknown"))
    assert values["patches"] == 0 and values["covered"] is None


def test_samples_are_chosen_from_the_truth_alone(folder: Path) -> None:
    run = run_config("smoke", "baseline")
    pictures = frozen_pictures(run.test, run.data, "test")
    crops = sample_crops(pictures)
    assert crops == sample_crops(list(reversed(pictures))) and len(crops) == 3
    for top, left, height, width in crops.values():
        assert 0 <= top <= 128 - height and 0 <= left <= 128 - width
