"""Two studies side by side, and what of a study is kept: read back as they are, compared picture by picture, nothing said that they do not hold."""

import json
import re
import shutil

import numpy
import pytest

from bgmatte.__main__ import main
from bgmatte.fingerprint import PROJECT
from bgmatte.jsonable import ConfigError
from bgmatte.records import RecordError, faults, read_table
from bgmatte.reporting import keeping
from bgmatte.reporting.blocks import Table
from bgmatte.reporting.comparisons import BASE, compare
from bgmatte.reporting.side_by_side.page import Pair, build_comparison, sections, study_folder
from bgmatte.reporting.side_by_side.rows import Twins, agreement, kind, tally
from bgmatte.reporting.side_by_side.settings import differing, unpairable
from bgmatte.reporting.study import Arm, departures, read_folder, read_study

ROWS = ("baseline", "no-refinement", "stages-full", "stages-half")
COARSE = Arm("no-refinement")
NAMES = ("first", "second")


@pytest.fixture
def two(write_study, tmp_path):
    """The folders of two invented studies of equal settings; in the second `no-refinement` wins and `stages-half` was not run."""
    first = write_study("quick", rows=ROWS, seeds=2, subjects=8).rename(tmp_path / "reports" / "first")
    second = write_study("quick", rows=ROWS[:3], subjects=8, own={"no-refinement": 0.0060}).rename(tmp_path / "reports" / "second")
    return first, second


@pytest.fixture
def pair(two):
    return Pair(tuple(map(read_folder, two)), NAMES)


def by_hand(folder, row, seed=0):
    """MAD by picture, straight from the table."""
    return {line["image"]: line["mad"] for line in read_table(folder / "runs" / f"{row}-seed{seed}" / "images.csv") if line["weights"] == "own"}


def altered(folder, **fields):
    """A run's settings as other code may have written them; `run.json` alone has no hash."""
    record = json.loads((folder / "run.json").read_text())
    record["config"]["data"] |= fields
    (folder / "run.json").write_text(json.dumps(record))


def test_changes_are_those_of_a_loop_over_the_pictures(two, pair):
    twins = Twins(pair.studies, NAMES, "", pairable=True)
    mads = {(number, row): by_hand(folder, row) for number, folder in enumerate(two) for row in ("baseline", "no-refinement")}
    images = mads[0, "baseline"]
    level = [mads[1, "no-refinement"][image] - mads[0, "no-refinement"][image] for image in images]
    shift = [change - (mads[1, "baseline"][image] - mads[0, "baseline"][image]) for change, image in zip(level, images, strict=True)]
    assert twins.levels[COARSE].difference.mean == pytest.approx(numpy.mean(level))
    assert twins.shifts[COARSE].difference.mean == pytest.approx(numpy.mean(shift))
    assert twins.shifts[COARSE].difference.seeds == 1  # only seed 0 is in both
    assert twins.levels[COARSE].tone == "better"
    assert twins.levels[BASE].difference.mean == 0  # one seed, one invented training
    assert BASE not in twins.shifts


def test_one_studys_change_is_the_others_turned_round(pair):
    there, back = (Twins(studies, NAMES, "_unknown", True) for studies in (pair.studies, pair.studies[::-1]))
    for arm, found in there.shifts.items():
        assert back.shifts[arm].difference.mean == pytest.approx(-found.difference.mean)
        assert {found.tone, back.shifts[arm].tone} in ({"open"}, {"worse", "better"})


def test_readings_are_those_of_each_studys_report(pair):
    twins = Twins(pair.studies, NAMES, "", True)
    tones = [compare(study, "mad")[COARSE].tone for study in pair.studies]
    assert tones == ["worse", "better"]
    assert kind(twins, COARSE) == "opposite"
    assert kind(twins, Arm("stages-half")) == "lacking"
    assert "clearly worse in one and clearly better in the other: no-refinement" in tally(twins)


@pytest.mark.parametrize(
    ("tones", "word"),
    [
        (("worse", "worse"), "same"),
        (("open", "open"), "same"),
        (("worse", "open"), "half"),
        (("open", "better"), "half"),
        (("worse", "better"), "opposite"),
        (("yes", "no"), "opposite"),
        (("", "worse"), "lacking"),
        (("lacking", "lacking"), "lacking"),
    ],
)
def test_agreement(tones, word):
    assert agreement(*tones) == agreement(*tones[::-1]) == word


def test_answers_stand_under_their_question_with_the_worst_agreement_of_their_rows(write_study, tmp_path):
    rows = ("baseline", "no-refinement", "order-random", "order-mixed", "base-no-aspp", "stages-full", "stages-half")
    stages = {"stages-full": 0.0130, "stages-half": 0.0130}
    owns = (
        {"no-refinement": 0.0130, "order-random": 0.0060, "order-mixed": 0.0130, "base-no-aspp": 0.0130} | stages,
        {"no-refinement": 0.0060, "order-random": 0.0060, "order-mixed": 0.0090, "base-no-aspp": 0.0130} | stages | {"stages-half": 0.0060},
    )
    folders = [write_study("quick", rows, 8, own=own, luck=0.0).rename(tmp_path / name) for name, own in zip(NAMES, owns, strict=True)]
    counts, *found = sections(Pair(tuple(map(read_folder, folders)), NAMES), "x")[0].blocks
    assert [(finding.tone, finding.verdict) for finding in found] == [
        ("no", "opposite readings"),
        ("lacking", "not in both"),
        ("open", "one clear, one open: 1 of 2 rows"),
        ("yes", "same reading"),
        ("no", "opposite readings: 1 of 2 rows"),
    ]
    assert counts.paragraphs[0].startswith("Of 5 questions, same reading: 1; one clear, one open: 1; opposite readings: 2; not in both: 1. ")
    assert [point.partition(":")[0] for point in found[0].points] == list(NAMES)


def test_a_disagreement_of_measures_in_one_study_alone_is_said(write_study, tmp_path):
    own = {"stages-full": 0.0130, "stages-half": 0.0130}
    roughs = ({"stages-full": 0.4, "stages-half": 0.4}, {})
    folders = [
        write_study("quick", ("baseline", *own), 8, own=own, rough=rough, luck=0.0).rename(tmp_path / name)
        for name, rough in zip(NAMES, roughs, strict=True)
    ]
    *_, told = sections(Pair(tuple(map(read_folder, folders)), NAMES), "x")[0].blocks
    assert told.verdict == f"same reading, by MAD; other measures disagree with it in {NAMES[0]} alone"
    *_, told = sections(Pair((read_folder(folders[0]),) * 2, NAMES), "x")[0].blocks
    assert told.verdict == "same reading"


def test_only_what_differs_is_told(two, pair):
    lines = {cells[0].text: (cells[1].text, cells[2].text) for cells in differing(pair.studies, NAMES).rows}
    assert lines == {"rows": ("4", "3"), "rows that the other lacks": ("stages-half", "–"), "seeds": ("0, 1", "0")}
    altered(two[1] / "runs" / "baseline-seed0", portraits=95)
    lines = {cells[0].text: (cells[1].text, cells[2].text) for cells in differing((pair.studies[0], read_folder(two[1])), NAMES).rows}
    assert lines["data: portraits"] == ("96", "95")
    altered(two[1] / "runs" / "stages-full-seed0", objects=71)
    lines = [cells[0].text for cells in differing((pair.studies[0], read_folder(two[1])), NAMES).rows]
    assert "data: objects (stages-full)" in lines


def test_other_settings_are_read_and_said_and_a_report_refuses_them(write_study, monkeypatch):
    folder = write_study("quick", rows=ROWS[:2], subjects=6)
    assert not departures(read_study("quick"))
    altered(folder / "runs" / "no-refinement-seed0", portraits=95)
    assert departures(read_folder(folder)) == ("1 of 2 runs have other settings than profile 'quick' has now",)
    with pytest.raises(RecordError, match="other settings"):
        read_study("quick")


def test_pictures_of_another_size_are_not_paired(two, pair, write_study, tmp_path):
    smoke = read_folder(write_study("smoke", rows=ROWS[:2], subjects=6))
    assert not unpairable(pair.studies)
    mixed = Pair((pair.studies[0], smoke), NAMES)
    assert mixed.apart == "the held-out pictures are not the same: size 512 against 128"
    _, _, whole, _ = sections(mixed, "x")
    assert any("size 512 against 128" in " ".join(getattr(block, "paragraphs", ())) for block in whole.blocks)
    (table,) = [block for block in whole.blocks if isinstance(block, Table)]
    assert not [title for title, _ in table.columns if "−" in title]
    other = read_folder(write_study("quick", rows=ROWS[:2], subjects=6, seeds={"baseline": 1}, name=lambda number: f"stranger {number}"))
    assert unpairable((pair.studies[0], other)) == "the held-out pictures are not the same"


def test_a_kept_study_of_older_code_stands_beside_a_new_one(two, tmp_path, capsys):
    kept = tmp_path / "kept" / "quick"
    for row in ("baseline", "stages-full"):
        shutil.copytree(PROJECT / "reports" / "reference" / "quick" / "runs" / f"{row}-seed0", kept / "runs" / f"{row}-seed0")
    out = tmp_path / "elsewhere" / "page.html"
    assert main(["report", "--compare", str(two[0]), str(kept.parent), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    page = out.read_text()
    assert "stages-full" in page
    assert "An &lt;b&gt;Example&lt;/b&gt; &amp; Co CPU" in page
    assert "<b>Example" not in page
    assert not re.search(r"(src|href)=[\"']?https?:", page)
    assert str(tmp_path) not in page


def test_folders_that_hold_no_study_or_several_are_refused(two, tmp_path, capsys):
    with pytest.raises(ConfigError, match=r"one of .*first, .*second"):
        study_folder(tmp_path / "reports", beside=tmp_path / "third")
    assert study_folder(tmp_path / "reports", beside=tmp_path / "elsewhere" / "second") == two[1]
    with pytest.raises(ConfigError, match="a folder with runs/ in it"):
        study_folder(two[0] / "runs" / "baseline-seed0", beside=two[1])
    with pytest.raises(ConfigError, match="two different studies"):
        build_comparison(two[0], two[0])
    assert main(["report", "--compare", str(two[0]), str(tmp_path / "nowhere")]) == 2
    assert main(["report", "--out", str(tmp_path / "x.html")]) == 2
    assert "with --compare" in capsys.readouterr().err
    shutil.rmtree(two[1] / "runs")
    (two[1] / "runs").mkdir()
    with pytest.raises(RecordError, match="no finished run"):
        build_comparison(*two)


def finished(folder):
    """What a whole study has besides its runs."""
    (folder / "figures").mkdir()
    for name in ("overview.svg", "overview.txt", "another.svg"):
        (folder / "figures" / name).write_text("seen")
    (folder / "runs" / "baseline-seed0" / "run.ipynb").write_text("{}")
    for name in ("report.html", "summary.json", "answers.json"):
        (folder / name).write_text("{}")
    return folder


def test_numbers_are_kept_and_pictures_are_not_and_damage_is_found(write_study, monkeypatch):
    folder = finished(write_study("quick", rows=ROWS, subjects=4))
    monkeypatch.setattr(keeping, "VARIANTS", dict.fromkeys(ROWS))
    old = folder.parent / "reference" / "quick" / "runs" / "gone-seed0"
    old.mkdir(parents=True)
    place = keeping.keep("quick")
    assert place == folder.parent / "reference" / "quick"
    assert not old.exists()
    assert {path.suffix for path in place.rglob("*") if path.is_file()} == {".json", ".csv", ".html", ".svg", ".txt"}
    assert sorted(path.name for path in (place / "figures").iterdir()) == ["overview.svg", "overview.txt"]
    for run in (place / "runs").iterdir():
        assert faults(run) == []
        assert set(json.loads((run / "run.json").read_text())["files"]) == {path.name for path in run.glob("*.csv")}
        for line, told in zip(read_table(folder / "runs" / run.name / "images.csv"), read_table(run / "images.csv"), strict=True):
            assert told == {key: pytest.approx(value, rel=1e-4) if isinstance(value, float) else value for key, value in line.items()}
    curve = read_table(place / "runs" / "baseline-seed0" / "curves.csv")
    assert {line["step"] for line in curve if line["phase"] == 0} == {1, *range(10, 301, 10)}  # 300 steps, the first and some others validated
    assert all(line["validation_mad"] for line in curve if line["step"] % 10)
    table = place / "runs" / "baseline-seed0" / "images.csv"
    table.write_text(table.read_text().replace("bridge", "bride", 1))
    assert faults(table.parent) == [f"{table}: its hash differs from run.json"]


def test_a_study_of_some_rows_is_kept_by_their_names(write_study):
    folder = finished(write_study("quick", rows=ROWS[:2], subjects=4))
    (folder / "timing.json").unlink()
    with pytest.raises(ConfigError, match=r"row: 'no-refiner' is not allowed; allowed: baseline, "):
        keeping.keep("quick", ["baseline", "no-refiner"])
    with pytest.raises(ConfigError, match=r"it lacks stages-full; `python -m bgmatte study --profile quick --only baseline stages-full` goes on"):
        keeping.keep("quick", ["baseline", "stages-full"])
    place = keeping.keep("quick", ROWS[:2])
    assert sorted(run.name for run in (place / "runs").iterdir()) == ["baseline-seed0", "no-refinement-seed0"]
    assert not (place / "timing.json").exists()


def test_an_unfinished_or_too_large_study_leaves_what_was_kept(write_study, monkeypatch):
    folder = finished(write_study("quick", rows=ROWS[:2], subjects=4))
    before = folder.parent / "reference" / "quick" / "report.html"
    before.parent.mkdir(parents=True)
    before.write_text("the one before")
    with pytest.raises(ConfigError, match=r"it lacks select-random, .*, difference-key;"):
        keeping.keep("quick")
    monkeypatch.setattr(keeping, "VARIANTS", dict.fromkeys(ROWS[:2]))
    (folder / "summary.json").unlink()
    with pytest.raises(ConfigError, match=r"it lacks summary\.json;"):
        keeping.keep("quick")
    (folder / "summary.json").write_text("{}")
    monkeypatch.setattr(keeping, "LIMIT", 1000)
    with pytest.raises(ConfigError, match=r"images\.csv \d"):
        keeping.keep("quick")
    assert before.read_text() == "the one before"
