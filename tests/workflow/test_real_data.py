"""A study on folders laid out like the published data sets: refused by name, indexed first, named by content, run to its end."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bgmatte import records, sources, starting
from bgmatte.__main__ import main
from bgmatte.fingerprint import PROJECT
from bgmatte.jsonable import ConfigError, changed
from bgmatte.phases import generated_sets, phase_plans
from bgmatte.profiles import PROFILES, run_config
from bgmatte.workflow import graph, real_data

ALL = ("videomatte240k", "photomatte13k", "distinctions-646", "backgrounds", "photomatte85", "aim")


@pytest.fixture
def place(monkeypatch, tmp_path):
    """A project whose reports are an empty folder and whose environment is its own."""
    monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BGMATTE_DATA", "")
    return tmp_path


def indexed(name: str, root: Path, content: str = "a") -> Path:
    """A folder with an index that says no more than what names it."""
    root.mkdir(exist_ok=True)
    path = sources.index_path(name, root)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"name": name, "root": str(root), "digest": content, "entries": []}))
    return root


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["videomatte=/"], "'videomatte' is not allowed; allowed: videomatte240k, photomatte13k, distinctions-646, backgrounds, photomatte85, aim"),
        (["aim"], "'aim' is not allowed; allowed: NAME=FOLDER"),
        (["aim="], "'aim=' is not allowed; allowed: NAME=FOLDER"),
        (["aim=/", "aim=/"], "each name once; aim is / already"),
        (
            ["aim=/no", "backgrounds=/nowhere"],
            "'aim=/no, backgrounds=/nowhere' is not allowed; allowed: folders that are there",
        ),
    ],
)
def test_what_is_wrong_is_refused_by_name(place, given, words):
    with pytest.raises(ConfigError, match=words):
        real_data.use(given, "smoke")
    assert os.environ["BGMATTE_DATA"] == ""


@pytest.mark.parametrize("text", ["no json", "[1]", '{"aim": 3}', "3"])
def test_a_broken_environment_is_refused(place, monkeypatch, text):
    monkeypatch.setenv("BGMATTE_DATA", text)
    with pytest.raises(ConfigError, match=r"BGMATTE_DATA: .* is not allowed; allowed: a JSON object"):
        run_config("smoke", "baseline")


def test_a_profile_that_needs_real_sets_lists_the_missing_ones(place, monkeypatch, capsys):
    needy = changed(PROFILES["smoke"], {"needs": ("videomatte240k", "photomatte13k", "backgrounds")})
    monkeypatch.setattr("bgmatte.profiles.PROFILES", {"smoke": needy})
    for command in ("study", "train", "evaluate"):
        assert main([command, "--profile", "smoke", "--data", f"photomatte13k={place}"]) == 2
        assert "profile smoke: 'without videomatte240k, backgrounds' is not allowed" in capsys.readouterr().err


def test_given_sets_are_handed_to_every_process_beside_those_of_the_environment(place, monkeypatch):
    first, second = indexed("aim", place / "aim", "1"), indexed("videomatte240k", place / "vm", "2")
    monkeypatch.setenv("BGMATTE_DATA", json.dumps({"aim": str(first)}))
    assert real_data.use([f"videomatte240k={second}"], "smoke") == {"videomatte240k": second, "aim": first}
    assert sources.roots() == {"videomatte240k": second, "aim": first}
    assert sources.root_of("aim") == first
    assert [(source.name, source.digest) for source in run_config("smoke", "baseline").sources] == [("videomatte240k", "2"), ("aim", "1")]
    with pytest.raises(ConfigError, match=r"data backgrounds: no folder was given; give it with study --data backgrounds=FOLDER"):
        sources.root_of("backgrounds")


def test_a_set_without_an_index_is_refused_with_the_command_that_makes_one(place, monkeypatch):
    monkeypatch.setenv("BGMATTE_DATA", json.dumps({"aim": str(place)}))
    with pytest.raises(ConfigError, match=rf"make it with: python -m bgmatte data index aim --root {place}"):
        run_config("smoke", "baseline")


def test_real_sets_take_the_place_of_stand_ins_and_name_the_phases(place, monkeypatch):
    monkeypatch.setattr(starting, "starting_weights", lambda network: indexed("aim", place / "weights") and place / "weights.bin")
    (place / "weights.bin").write_bytes(b"any")
    plain = graph.study("smoke")
    base = {plan.index: plan.key for plan in phase_plans(run_config("smoke", "only-photomatte"))}
    real_data.use([f"videomatte240k={indexed('videomatte240k', place / 'vm')}"], "smoke")
    real = graph.study("smoke")

    assert generated_sets(real.runs[0]) == ("proc-portrait", "proc-objects", "proc-background")
    labels = [job.label for job in real.jobs.values() if job.stage == "data"]
    assert labels == ["make proc-portrait", "make proc-objects", "make proc-background"]
    assert {job.label for job in plain.jobs.values()} - {job.label for job in real.jobs.values()} == {"make proc-video"}
    trained = [{plan.key for branch in study.branches for plan in branch.plans} for study in (plain, real)]
    assert not trained[0] & trained[1]
    assert not set(base.values()) & trained[1], "its validation pictures are others"
    runs = [{job.key for job in study.jobs.values() if job.stage == "run"} for study in (plain, real)]
    assert not runs[0] & runs[1]
    assert plain.jobs["timing.json"].key == real.jobs["timing.json"].key

    indexed("videomatte240k", place / "vm", content="another")
    os.utime(sources.index_path("videomatte240k", place / "vm"), ns=(1, 1))
    other = graph.study("smoke")
    assert not {plan.key for branch in other.branches for plan in branch.plans} & trained[1]


def test_first_weights_are_chosen_for_every_process(place, monkeypatch):
    monkeypatch.setenv("BGMATTE_START", "")
    real_data.start_from(None)
    assert run_config("smoke", "baseline").start.policy == "shipped"
    real_data.start_from("nothing")
    assert run_config("smoke", "baseline").start.policy == "nothing"
    with pytest.raises(ConfigError, match="start: 'file' is not allowed; allowed: shipped, nothing, imagenet, deeplabv3"):
        real_data.start_from("file")


def test_a_further_test_set_evaluates_again_and_trains_nothing_again(place):
    run = run_config("smoke", "difference-key")
    keys = [plan.key for plan in phase_plans(run_config("smoke", "baseline"))]
    before = graph.study("smoke", ["difference-key"]).jobs[f"runs/{run.name}/run.json"].key
    real_data.use([f"aim={indexed('aim', place / 'aim')}"], "smoke")
    assert [plan.key for plan in phase_plans(run_config("smoke", "baseline"))] == keys
    assert graph.study("smoke", ["difference-key"]).jobs[f"runs/{run.name}/run.json"].key != before


def test_a_tiny_study_on_published_layouts_runs_to_its_end(tmp_path, copies):
    """`study --data …` on every set at once, in a project of its own: indexed, trained two steps a phase, judged on all test parts."""
    for part in ("bgmatte", "notebooks", "data_manifests"):
        (tmp_path / part).symlink_to(PROJECT / part)
    roots = {name: copies.write_copy(name, tmp_path / "data" / name, count=2, size=(40, 56), frames=2) for name in ALL}
    given = [f"--data={name}={root}" for name, root in roots.items()]
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "BGMATTE_CACHE": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "bgmatte", "study", "--profile", "smoke", "--only", "baseline", *given]

    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "make proc-" not in done.stdout
    assert done.stdout.index("data videomatte240k: reading") < done.stdout.index("real data: videomatte240k") < done.stdout.index("start  train")
    record = records.read_run(tmp_path / "reports" / "smoke" / "runs" / "baseline-seed0")
    assert [source.name for source in record.config.sources] == [*ALL]
    assert record.story["held_out"]["pictures"] == {"rendered-people": 6, "photomatte85": 2, "distinctions-646": 2, "aim": 2}
    assert Counter(line["set"] for line in record.images) == record.story["held_out"]["pictures"]
    assert all(0 <= line["mad"] <= 1 for line in record.images)
    last = record.curves[-1]
    assert all(last[f"validation_{role}"] is not None for role in ("videomatte", "photomatte", "distinctions"))
    assert not (tmp_path / "cache" / "data").exists(), "nothing was drawn"
