"""What the report says of speed: which row's time is whose, and how busy the machine was, with a warning when that was too much."""

import json

import pytest
from bs4 import BeautifulSoup

from bgmatte.reporting import build_report, read_study
from bgmatte.reporting.tables import replaced_table
from bgmatte.reporting.timings import conditions, disturbance, speed_cell, timed_as

TIMING = {"machine": {"machine": "Example × 2"}, "threads": 2}


@pytest.mark.parametrize(("load", "warned"), [([0.1, 2.1], False), ([2.6, 1.9], True), ([0.1, 2.6], True), ([0.0, 0.0], False)])
def test_it_warns_when_more_wanted_to_run_than_there_were_threads(load, warned):
    warning = disturbance({**TIMING, "load": load})
    assert (warning is not None) == warned
    assert not warned or f"{max(load):.1f} processes wanted to run where 2 fit" in warning


def test_both_loads_are_told_and_nothing_where_there_is_no_record():
    assert conditions({**TIMING, "load": [0.24, 1.96]})[1].startswith("Processes that wanted to run, where 2 fit: 0.2 in the minute before, 2.0 in")
    assert len(conditions(TIMING)) == 1
    assert disturbance(TIMING) is None


@pytest.mark.parametrize(("load", "warned"), [([0.4, 5.1], True), ([0.4, 1.8], False)])
def test_the_page_shows_it(write_study, load, warned):
    folder = write_study("smoke", rows=("baseline", "no-refinement"), subjects=3)
    timing = json.loads((folder / "timing.json").read_text())
    (folder / "timing.json").write_text(json.dumps(timing | {"load": load}))
    section = BeautifulSoup(build_report("smoke").read_text(), "html.parser").find(id="speed").get_text()
    assert f"0.4 in the minute before, {load[1]} in the last" in section
    assert ("The machine was busy: 5.1 processes" in section) == warned


def test_a_row_of_the_same_network_is_timed_as_that_and_a_reference_line_is_not(write_study, cells):
    write_study("smoke", subjects=2)
    study = read_study("smoke")
    assert [timed_as(study, row) for row in ("baseline", "order-mixed", "stages-half", "oracle", "difference-key")] == [
        *("baseline", "baseline", "stages-half"),
        *(None, None),
    ]
    assert speed_cell(study, "only-photomatte", "HD").text == "as baseline"
    assert speed_cell(study, "oracle", "HD").text == ""
    told = cells(replaced_table(study, 4))
    fps = study.timing["sizes"][0]["rows"]["base-mobilenetv2"]["fps"]
    assert float(told["base-mobilenetv2"]["fps HD"].text) == pytest.approx(fps, rel=1e-2)
    assert "fps HD" not in cells(replaced_table(study, 3))["order-mixed"], "no column for what was not timed"
