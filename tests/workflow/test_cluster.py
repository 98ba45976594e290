"""Slurm without a Slurm: the engine's options, the settings that ship, and what an earlier call left in the queue."""

import os
import stat
from pathlib import Path

import pytest

from bgmatte.jsonable import ConfigError
from bgmatte.workflow import engine, study
from bgmatte.workflow.cluster import end_leftovers


def test_here_is_cores_and_elsewhere_is_jobs_with_the_settings_that_ship():
    shipped = engine.PROFILES / "slurm"
    assert engine.where("local", 3) == ["--cores", "3"]
    assert engine.where("slurm", 20) == ["--executor", "slurm", "--jobs", "20", "--profile", str(shipped)]
    assert engine.where("kubernetes", 2) == ["--executor", "kubernetes", "--jobs", "2"]


def test_ones_own_settings_take_the_place_of_the_shipped_ones(tmp_path):
    (tmp_path / "config.yaml").write_text("latency-wait: 5\n")
    assert engine.where("slurm", 1, tmp_path)[4:] == ["--profile", str(tmp_path)]
    with pytest.raises(ConfigError, match=r"'.*nowhere' is not allowed; allowed: a folder with a file config.yaml"):
        engine.where("slurm", 1, tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="an executor other than local beside it"):
        engine.where("local", 1, tmp_path)


def test_an_executor_that_is_not_installed_is_refused_with_where_to_read():
    with pytest.raises(ConfigError, match=r"executor: 'marvin' is not allowed; allowed: local.*CLUSTER.md"):
        study.run_study("smoke", executor="marvin")


def test_the_engine_takes_the_settings_that_ship(tmp_path):
    config = {"profile": "smoke", "only": ["difference-key"], "seeds": 1, "environment": {}, "cores": 1}
    options = [*engine.where("slurm", 4)[4:], "--cores", "4", "--dry-run"]
    with engine.start(tmp_path, config, options) as child:
        outputs = [event.output for event in engine.events(child)]
    told = (tmp_path / engine.LOG).read_text()
    assert child.returncode == 0, told
    assert "runs/difference-key-seed0/run.json" in outputs
    drawing = next(block for block in told.split("rule ") if block.startswith("data:"))
    judging = next(block for block in told.split("rule ") if block.startswith("run:"))
    assert "threads: 4" in drawing and "mem_mb=12000" in drawing, "8 are asked for, and no more are there"
    assert "threads" not in judging and "mem_mb=6000" in judging and "runtime=120" in judging


@pytest.fixture
def queue(tmp_path, monkeypatch):
    """Programs that answer like Slurm's, from a file with one job a line: number and working directory."""
    jobs = tmp_path / "jobs"
    programs = {
        "squeue": f'[ "$*" = "--me --noheader --format=%A %Z" ] && cat {jobs}',
        "scancel": f'for number; do echo "$number" >> {tmp_path}/ended; sed -i "/^$number /d" {jobs}; done',
    }
    for name, body in programs.items():
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return jobs


def test_only_what_was_submitted_from_this_folder_is_ended(queue, tmp_path):
    folder = tmp_path / "reports" / "quick"
    queue.write_text(f"7 {folder}\n8 {folder}2\n9 /elsewhere\n12 {folder}\n")
    (line,) = end_leftovers(folder)
    assert "2 job(s)" in line and "12, 7" in line
    assert (tmp_path / "ended").read_text().split() == ["12", "7"]
    assert queue.read_text() == f"8 {folder}2\n9 /elsewhere\n"
    assert end_leftovers(folder) == []


def test_where_there_is_no_slurm_nothing_is_left(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    assert end_leftovers(Path("/anywhere")) == []
