"""Damaged or missing things are named and made again, never used; what was not asked for is left alone; no room is said first."""

import json
from pathlib import Path

import pytest

from bgmatte import cache, records, starting
from bgmatte.cache import checkpoint_path, data_folder, record_path
from bgmatte.fingerprint import file_digest
from bgmatte.profiles import run_config
from bgmatte.workflow import graph, repair, space


@pytest.fixture
def place(monkeypatch, tmp_path):
    """A project whose cache and reports are empty folders and whose starting weights are any file."""
    weights = tmp_path / "weights"
    weights.write_bytes(b"any")
    monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(starting, "starting_weights", lambda network: weights)
    for module in (records, repair, space):
        monkeypatch.setattr(module, "reports_folder", lambda profile: tmp_path / "reports" / profile)
    return tmp_path / "reports" / "smoke"


def finished(path: Path) -> None:
    """A checkpoint as training leaves it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"weights of " + path.stem.encode())
    record_path(path).write_text(json.dumps({"sha256": file_digest(path)}))


def checkpoints(study):
    return [checkpoint_path(plan.key) for branch in study.branches for plan in branch.plans]


def test_an_empty_place_has_nothing_to_say(place):
    assert repair.repair(graph.study("smoke", ["baseline"])) == []


def test_what_is_whole_in_the_cache_is_marked_and_stays(place):
    study = graph.study("smoke", ["baseline"])
    for path in checkpoints(study):
        finished(path)
    assert repair.repair(study) == []
    mark = place / graph.train_output(0, study.branches[0].key)
    assert mark.exists()
    before = mark.stat().st_mtime_ns
    assert repair.repair(study) == []
    assert mark.stat().st_mtime_ns == before


@pytest.mark.parametrize("harm", ["flip", "truncate", "remove", "no record", "broken record"])
def test_every_harm_to_a_checkpoint_is_named_and_unmarks_its_branch(place, harm):
    study = graph.study("smoke", ["baseline"])
    for path in checkpoints(study):
        finished(path)
    repair.repair(study)
    hurt = checkpoints(study)[1]
    {
        "flip": lambda: hurt.write_bytes(b"W" + hurt.read_bytes()[1:]),
        "truncate": lambda: hurt.write_bytes(hurt.read_bytes()[:5]),
        "remove": hurt.unlink,
        "no record": record_path(hurt).unlink,
        "broken record": lambda: record_path(hurt).write_text('{"sha'),
    }[harm]()

    (line,) = repair.repair(study)
    assert hurt.stem in line
    assert "trained again" in line
    assert not (place / graph.train_output(0, study.branches[0].key)).exists()


def test_a_row_not_asked_for_is_left_alone(place):
    other = graph.study("smoke", ["no-refinement"])
    for path in checkpoints(other):
        finished(path)
    checkpoints(other)[-1].write_bytes(b"damaged")
    assert repair.repair(graph.study("smoke", ["baseline"])) == []
    assert checkpoints(other)[-1].read_bytes() == b"damaged"


@pytest.mark.parametrize("harm", ["flip", "remove picture", "no index"])
def test_a_damaged_data_set_is_named(place, harm):
    study = graph.study("smoke", ["difference-key"])
    folder = data_folder("proc-video", study.runs[0].data)
    folder.mkdir(parents=True)
    (folder / "pictures.npy").write_bytes(b"pictures")
    (folder / "index.json").write_text(json.dumps({"sha256": file_digest(folder / "pictures.npy")}))
    assert repair.repair(study) == []
    {
        "flip": lambda: (folder / "pictures.npy").write_bytes(b"Pictures"),
        "remove picture": (folder / "pictures.npy").unlink,
        "no index": (folder / "index.json").unlink,
    }[harm]()
    (line,) = repair.repair(study)
    assert line.startswith("data set proc-video: ")


def test_a_damaged_record_is_named_and_its_run_evaluated_again(place):
    study = graph.study("smoke", ["difference-key"])
    folder = place / "runs" / "difference-key-seed0"
    folder.mkdir(parents=True)
    records.write_table(folder / "images.csv", [{"mad": 0.5}])
    records.write_table(folder / "curves.csv", [])
    records.seal(folder, run_config("smoke", "difference-key"), {})
    repair.begin(place, graph.run_outputs("difference-key-seed0"))
    assert repair.repair(study) == []
    (folder / "images.csv").write_text("mad\n0.4\n")
    (line,) = repair.repair(study)
    assert "images.csv" in line
    assert not (folder / "run.json").exists()


def test_damaged_timings_and_notebooks_are_named_and_removed(place):
    (place / "notebooks").mkdir(parents=True)
    for path in ("timing.json", "notebooks/data.ipynb"):
        (place / path).write_text("{}")
    repair.begin(place, ("timing.json",))
    repair.remember(place, ("timing.json", "notebooks/data.ipynb", "report.html"))
    study = graph.Study("smoke", (run_config("smoke", "difference-key"),), (), {"timing.json": graph.Job("time", "", "", ("timing.json",))}, False)
    assert repair.repair(study) == []
    for path in ("timing.json", "notebooks/data.ipynb"):
        (place / path).write_text("{ }")
    (line,) = repair.repair(study)
    assert "timing.json" in line
    assert not (place / "timing.json").exists()
    assert (place / "notebooks/data.ipynb").exists(), "this study did not ask for it"


def test_a_record_that_was_copied_here_is_not_taken_for_a_result(place):
    study = graph.study("smoke", ["difference-key"])
    folder = place / "runs" / "difference-key-seed0"
    records.write_table(folder / "images.csv", [{"mad": 0.5}])
    records.write_table(folder / "curves.csv", [])
    records.seal(folder, run_config("smoke", "difference-key"), {})
    (line,) = repair.repair(study)
    assert line == f"{folder / 'run.json'}: was not made by a study in this folder; it is made again"
    assert not (folder / "run.json").exists()

    outputs = graph.run_outputs("difference-key-seed0")
    repair.begin(place, outputs)
    records.seal(folder, run_config("smoke", "difference-key"), {})
    repair.remember(place, outputs[:1])
    assert repair.repair(study) == []
    records.seal(folder, run_config("smoke", "difference-key"), {"of": "another machine"})
    (line,) = repair.repair(study)
    assert "run.json: its hash differs from when it was made" in line


def test_what_an_earlier_job_left_says_nothing_about_the_one_that_began(place):
    (place / "notebooks").mkdir(parents=True)
    (place / "timing.json").write_text("{}")
    repair.begin(place, ("timing.json",))
    repair.remember(place, ("timing.json",))
    repair.begin(place, ("timing.json",))
    (place / "timing.json").write_text("{ }")  # finished while no study listened, as jobs of a cluster may
    study = graph.Study("smoke", (run_config("smoke", "difference-key"),), (), {"timing.json": graph.Job("time", "", "", ("timing.json",))}, False)
    assert repair.repair(study) == []


def test_what_a_killed_process_left_under_a_temporary_name_goes(place):
    with pytest.raises(KeyboardInterrupt), cache.written_whole(place / "timing.json") as temporary:
        temporary.write_text("half")
        kept = place / f"{temporary.parent.name}"
        (place / "copy").mkdir()
        raise KeyboardInterrupt
    kept.mkdir()  # as if the process had been killed before it could clean up
    (kept / "timing.json").write_text("half")
    repair.repair(graph.study("smoke", ["difference-key"]))
    assert not kept.exists()
    assert (place / "copy").exists()


def test_too_little_room_is_said_before_any_work(place, monkeypatch):
    study = graph.study("smoke", ["baseline"])
    todo = list(study.jobs.values())
    space.check_space(study, todo)
    monkeypatch.setattr(space.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 3 * space.MIB})())
    with pytest.raises(space.SpaceError, match=r"needs [\d,]+ MiB, 3 MiB are free"):
        space.check_space(study, todo)
