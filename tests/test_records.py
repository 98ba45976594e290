"""Records: what is written is read, what is damaged is named, nothing is half-written."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgmatte.cache import written_whole
from bgmatte.profiles import run_config
from bgmatte.records import RecordError, faults, read_run, read_table, seal, write_table

ROWS = [{"image": 'a "quoted", one', "mad": 0.1 + 0.2, "covered": None}, {"image": "b\nc", "mad": 1e-300, "covered": 3.0}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_table(tmp_path / "images.csv", ROWS)
    write_table(tmp_path / "curves.csv", [])
    seal(tmp_path, run_config("smoke", "select-grid", 3), {"seconds": {"train": 1.5}})
    return tmp_path


def test_what_is_written_is_read(folder: Path) -> None:
    record = read_run(folder)
    assert record.images == ROWS and record.curves == []
    assert record.config == run_config("smoke", "select-grid", 3) and record.story["seconds"] == {"train": 1.5}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_keep_every_digit(value: float) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "t.csv"
        write_table(path, [{"x": value}])
        assert read_table(path) == [{"x": value}]


def test_the_executed_notebook_is_no_part_of_the_record(folder: Path) -> None:
    (folder / "run.ipynb").write_text("{}")
    assert faults(folder) == []


@pytest.mark.parametrize("name", ["images.csv", "curves.csv"])
def test_a_missing_or_damaged_file_is_named(folder: Path, name: str) -> None:
    (folder / name).write_text("x")
    with pytest.raises(RecordError, match=f"{name}: its hash differs"):
        read_run(folder)
    (folder / name).unlink()
    with pytest.raises(RecordError, match=f"{name}: missing"):
        read_run(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "cannot be read"), ("no json", "cannot be read"), ("[]", "list is not allowed; allowed: an object"), ("{}", "config: missing")],
)
def test_a_broken_record_is_named(folder: Path, text: str, message: str) -> None:
    (folder / "run.json").write_text(text)
    with pytest.raises(RecordError, match=f"run.json: {message}"):
        read_run(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"config": None}, "run.json: config: None is not allowed; allowed: an object"),
        ({"held_out": ["a"]}, r"run.json: held_out: \['a'\] is not allowed; allowed: an object"),
        ({"machine": "a laptop"}, "run.json: machine: 'a laptop' is not allowed; allowed: an object"),
        ({"files": []}, r"run.json: files: \[\] is not allowed; allowed: an object"),
        ({"files": {}}, "run.json: files: images.csv is not listed"),
    ],
)
def test_a_part_of_another_kind_is_named(folder: Path, change: dict[str, object], message: str) -> None:
    story = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(story | change))
    with pytest.raises(RecordError, match=message):
        read_run(folder)


@pytest.mark.parametrize("part", ["config", "files"])
def test_a_part_that_is_missing_is_named(folder: Path, part: str) -> None:
    story = json.loads((folder / "run.json").read_text())
    del story[part]
    (folder / "run.json").write_text(json.dumps(story))
    with pytest.raises(RecordError, match=f"run.json: {part}: missing; it must be an object"):
        read_run(folder)


def test_a_table_that_the_record_does_not_list_is_refused(folder: Path) -> None:
    write_table(folder / "budgets.csv", ROWS)
    with pytest.raises(RecordError, match=r"budgets.csv: run.json does not list it"):
        read_run(folder)


def test_a_field_that_no_run_has_is_named(folder: Path) -> None:
    story = json.loads((folder / "run.json").read_text())
    story["config"]["network"]["backbone"] = "vgg"
    (folder / "run.json").write_text(json.dumps(story))
    with pytest.raises(RecordError, match=r"RunConfig.network.backbone: 'vgg' is not allowed; allowed: 'resnet50'"):
        read_run(folder)


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), written_whole(path) as temporary:
        temporary.write_text("half of the n")
        raise KeyboardInterrupt
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["kept.txt"]
