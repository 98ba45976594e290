"""The real engine on a toy graph: runs, finds up to date, survives failures, interrupts and kills."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from bgmatte.fingerprint import PROJECT
from bgmatte.workflow import repair

TOY = Path(__file__).with_name("toy.py")


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    monkeypatch.setattr(repair, "repair", lambda _: [])
    monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path / "cache"))
    spec = importlib.util.spec_from_file_location("toy", TOY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def started(folder: Path, seconds: float) -> "Iterator[subprocess.Popen[str]]":
    """A toy study in a process of its own, whose second job is at work."""
    environment = os.environ | {"PYTHONPATH": str(PROJECT), "BGMATTE_CACHE": str(folder.parent / "cache")}
    command = [sys.executable, str(TOY), str(folder), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        wait_for(lambda: (folder / "second.txt").exists() and (folder / "second.txt").read_text() == "half")
        yield process
        process.kill()


def wait_for(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_runs_once_then_is_up_to_date_until_a_setting_changes_or_an_intermediate_is_lost(toy, tmp_path, capsys):
    folder = tmp_path / "toy"
    assert toy.call(folder).run(True) == 0
    assert "to do" in capsys.readouterr().out
    assert not (folder / "first.txt").exists(), "a plan does nothing"

    assert toy.call(folder).run(False) == 0
    told = capsys.readouterr().out
    assert (folder / "last.txt").read_text() == "wholetwo\n"
    assert "3 to do" in told
    assert told.index("start  second job") < told.index("done   second job") < told.index("start  last job")
    assert "4 of 4" in told

    assert toy.call(folder).run(False) == 0
    assert "everything is up to date" in capsys.readouterr().out

    assert [job.label for job in toy.call(folder, 0.01).todo()] == ["second job", "last job"]
    (folder / "first.txt").unlink()
    assert "first job" in [job.label for job in toy.call(folder).todo()]


def test_failure_is_told_and_others_go_on(toy, tmp_path, capsys):
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / "break").touch()
    assert toy.call(folder).run(False) == 1
    told = capsys.readouterr().out
    assert "FAILED side job" in told
    assert "| the reason" in told
    assert f"the whole log: {folder / 'logs' / 'side.log'}" in told
    assert told.splitlines()[-1] == "failed: side job; 2 of 4 jobs are finished and kept, the same command tries the rest again"
    assert (folder / "second.txt").read_text() == "whole"
    assert not (folder / "side.txt").exists()

    (folder / "break").unlink()
    assert toy.call(folder).run(False) == 0
    assert "done   first job" not in capsys.readouterr().out


def test_interrupt_leaves_nothing_half_and_the_next_call_goes_on(toy, tmp_path, capsys):
    folder = tmp_path / "toy"
    with started(folder, 60.0) as process:
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert told.splitlines()[-1].startswith("interrupted: ")
    assert not (folder / "second.txt").exists() or (folder / "second.txt").read_text() == "half"
    assert not alive(int((folder / "pid").read_text()))

    assert toy.call(folder).run(False) == 0
    assert (folder / "last.txt").read_text() == "wholetwo\n"


@pytest.mark.skipif(sys.platform != "linux", reason="ending with the parent is the Linux kernel's doing")
def test_a_second_study_is_refused_and_a_kill_takes_the_jobs_along_and_the_next_call_goes_on(toy, tmp_path):
    folder, environment = tmp_path / "toy", os.environ | {"PYTHONPATH": str(PROJECT)}
    with started(folder, 60.0) as process:
        second = subprocess.run([sys.executable, str(TOY), str(folder), "0"], env=environment, capture_output=True, text=True, check=False)
        process.kill()
    assert f"a toy is already at work (process {process.pid})" in second.stderr
    wait_for(lambda: not alive(int((folder / "pid").read_text())), 60)

    assert toy.call(folder).run(False) == 0
    assert (folder / "last.txt").read_text() == "wholetwo\n"
