"""What the study says while it works: honest estimates, lines for a log, one moving line for a terminal."""

import io
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgmatte.workflow.durations import KEPT, Durations, time_left, urgency
from bgmatte.workflow.graph import Job
from bgmatte.workflow.telling import Teller, estimate, spelled


def job(name, *needs, stage="run", kind="toy"):
    return Job(stage, kind, f"job {name}", (name,), needs)


def test_what_was_never_measured_is_not_guessed(tmp_path):
    durations = Durations(tmp_path / "durations.json", "smoke")
    assert durations.expected(job("a")) is None
    assert estimate([job("a")], {}, durations, 2) == "an unknown time (nothing of this was measured here yet)"


def test_medians_of_its_kind_then_of_its_stage_and_never_of_another_profile(tmp_path):
    durations = Durations(tmp_path / "durations.json", "smoke")
    for seconds in (1.0, 2.0, 30.0):
        durations.note(job("a"), seconds)
    again = Durations(tmp_path / "durations.json", "smoke")
    assert again.expected(job("b")) == 2.0
    assert again.expected(job("b", kind="other")) == 2.0
    assert again.expected(job("b", stage="report")) is None
    assert Durations(tmp_path / "durations.json", "quick").expected(job("a")) is None


def test_only_the_last_measurements_count_and_a_damaged_file_costs_only_the_estimate(tmp_path):
    path = tmp_path / "durations.json"
    durations = Durations(path, "smoke")
    for seconds in range(50):
        durations.note(job("a"), float(seconds))
    assert durations.expected(job("a")) == 49 - KEPT // 2
    path.write_text("{half")
    assert Durations(path, "smoke").expected(job("a")) is None


def test_time_left_plays_the_schedule_forward():
    diamond = [job("a"), job("b", "a"), job("c", "a"), job("d", "b", "c")]
    seconds = {"a": 1.0, "b": 5.0, "c": 3.0, "d": 2.0}
    assert time_left(diamond, {}, seconds, 2) == 8.0
    assert time_left(diamond, {}, seconds, 1) == 11.0
    assert time_left(diamond[1:], {"a": 0.5}, seconds, 2) == 7.5


def test_what_the_longest_chain_waits_for_is_most_urgent():
    tree = [job("a"), job("b", "a"), job("c", "a"), job("d", "b", "c"), job("e")]
    seconds = {"a": 1.0, "b": 5.0, "c": 3.0, "d": 2.0, "e": 6.0}
    assert urgency(tree, seconds) == {"a": 8.0, "b": 7.0, "c": 5.0, "d": 2.0, "e": 6.0}


def test_a_long_job_does_not_come_last():
    jobs = [job("x"), job("y"), job("long")]
    assert time_left(jobs, {}, {"x": 4.0, "y": 4.0, "long": 8.0}, 2) == 8.0


def test_timing_runs_alone():
    jobs = [job("a"), job("t", stage="time"), job("b")]
    assert time_left(jobs, {}, {"a": 4.0, "t": 3.0, "b": 4.0}, 2) == 7.0
    assert time_left([job("t", stage="time")], {"x": 2.0}, {"t": 3.0}, 2) == 5.0


@given(st.lists(st.floats(0, 100), min_size=1, max_size=12), st.integers(1, 4))
def test_time_left_lies_between_the_bounds_of_any_schedule(seconds, slots):
    jobs = [job(str(index)) for index in range(len(seconds))]
    left = time_left(jobs, {}, {str(index): value for index, value in enumerate(seconds)}, slots)
    least = max(sum(seconds) / slots, max(seconds))
    assert least - 1e-6 <= left <= sum(seconds) / slots + max(seconds) + 1e-6
    assert math.isfinite(left)


def test_a_log_gets_lines_and_no_control_characters(tmp_path):
    stream = io.StringIO()
    teller = Teller([job("a"), job("b")], Durations(tmp_path / "d.json", "smoke"), 2, stream)
    teller.start("a", tmp_path / "a.log")
    (tmp_path / "a.log.progress").write_text(json.dumps({"done": 3, "total": 10, "what": "base on videomatte"}))
    teller.last -= 60
    teller.beat()
    teller.beat()  # at once again: nothing
    teller.finish("a")
    lines = stream.getvalue().splitlines()
    assert [line[9:] for line in lines[:1]] == ["start  job a"]
    assert "0 of 2 done · now job a (base on videomatte 3/10)" in lines[1]
    assert "done   job a (0 s) · 1 of 2 · little time left" in lines[2]
    assert len(lines) == 3
    assert not any(character in stream.getvalue() for character in "\r\033")


def test_a_terminal_gets_one_moving_line(tmp_path):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    teller = Teller([job("a")], Durations(tmp_path / "d.json", "smoke"), 2, stream)
    teller.start("a", tmp_path / "a.log")
    teller.last -= 2
    teller.beat()
    teller.finish("a")
    moving = stream.getvalue().split("\n")[1]
    assert moving.startswith("\r\033[K")
    assert "\r\033[K[  0:00] done   job a" in moving


def test_a_failed_job_shows_the_end_of_its_log_and_where_it_is(tmp_path):
    stream = io.StringIO()
    log = tmp_path / "a.log"
    log.write_text("\n".join(f"line {index}" for index in range(100)))
    teller = Teller([job("a")], Durations(tmp_path / "d.json", "smoke"), 2, stream)
    teller.start("a", log)
    teller.fail("a")
    told = stream.getvalue()
    assert "FAILED job a" in told
    assert "| line 99" in told
    assert "| line 80" not in told
    assert str(log) in told


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (89, "89 s"), (90, "1.5 min"), (599, "10.0 min"), (600, "10 min"), (5400, "1.5 h")])
def test_durations_in_words(seconds, words):
    assert spelled(seconds) == words
