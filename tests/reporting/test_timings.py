"""The report says how busy the machine was while speed was measured, and warns when that was too much."""

import json

import pytest
from bs4 import BeautifulSoup

from bgmatte.reporting import build_report
from bgmatte.reporting.timings import conditions, disturbance

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
