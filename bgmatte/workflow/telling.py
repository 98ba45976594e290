"""How a study tells what it does: lines that read well in a log, and on a terminal one line that keeps moving."""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from bgmatte import installed
from bgmatte.workflow.durations import Durations, time_left
from bgmatte.workflow.graph import STAGES, Job, Study

HEARTBEAT = 15.0  # [s] between two signs of life in a log
_ERASE = "\r\033[K"  # back to the start of the terminal's line, and erase it
_TAIL = 14  # lines of a failed job's log that are shown


@dataclass
class Running:
    """One job at work."""

    job: Job
    log: Path
    begun: float = field(default_factory=time.monotonic)

    @property
    def told(self) -> Path:
        """Where the job says how far it is (see the Snakefile)."""
        return self.log.with_name(f"{self.log.name}.progress")

    def words(self) -> str:
        """What it does, in few words: the beginning of its label and how far it is."""
        words = self.progress()[1]
        return self.job.label.partition(":")[0] + (f" ({words})" if words else "")

    def progress(self) -> tuple[float, str]:
        """The share done as the job itself tells it, 0–1, and its words; 0 and none before it told anything."""
        try:
            told = json.loads(self.told.read_text())
            return told["done"] / max(told["total"], 1), f"{told['what']} {told['done']}/{told['total']}"
        except (OSError, ValueError, KeyError, TypeError):
            return 0.0, ""


class Teller:
    """Follows the jobs of one call and tells their story on `stream`."""

    def __init__(self, todo: list[Job], durations: Durations, slots: int, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.waiting = {job.outputs[0]: job for job in todo}
        self.running: dict[str, Running] = {}
        self.finished: dict[str, float] = {}  # first output → seconds
        self.failed: dict[str, Path] = {}  # first output → log
        self.total, self.durations, self.slots = len(todo), durations, slots
        self.begun = self.last = time.monotonic()
        self.moving = self.stream.isatty()

    def start(self, output: str, log: Path) -> None:
        """A job began."""
        if output in self.waiting:
            self.running[output] = work = Running(self.waiting.pop(output), log)
            work.told.unlink(missing_ok=True)  # what an earlier call was told says nothing about this one
            self.say(f"start  {self.running[output].job.label}")

    def finish(self, output: str) -> float | None:
        """A job ended well; gives its seconds."""
        if output not in self.running:
            return None
        done = self.running.pop(output)
        seconds = self.finished[output] = time.monotonic() - done.begun
        self.durations.note(done.job, seconds)
        self.say(f"done   {done.job.label} ({spelled(seconds)}) · {len(self.finished)} of {self.total}{self._left()}")
        return seconds

    def fail(self, output: str) -> None:
        """A job ended badly: the end of its log, and where the whole of it is."""
        if output in self.running:
            lost = self.running.pop(output)
            self.failed[output] = lost.log
            self.say(f"FAILED {lost.job.label}; the end of its log:")
            for line in tail(lost.log, _TAIL):
                print(f"         | {line}", file=self.stream)
            print(f"         the whole log: {lost.log}", file=self.stream, flush=True)

    def beat(self) -> None:
        """Keep the terminal's line moving, or give a log its sign of life."""
        pause = 1.0 if self.moving else HEARTBEAT
        if self.running and time.monotonic() - self.last >= pause:
            at_work = ", ".join(work.words() for work in self.running.values())
            line = f"{self._clock()} {len(self.finished)} of {self.total} done · now {at_work}{self._left()}"
            print(f"{_ERASE}{line[:150]}" if self.moving else line, end="" if self.moving else "\n", file=self.stream, flush=True)
            self.last = time.monotonic()

    def say(self, line: str) -> None:
        """One line with the time since the call began."""
        print(f"{_ERASE if self.moving else ''}{self._clock()} {line}", file=self.stream, flush=True)
        self.last = time.monotonic()

    def clear(self) -> None:
        """Take the moving line off the terminal."""
        if self.moving:
            print(_ERASE, end="", file=self.stream, flush=True)

    def _clock(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self.begun), 60)
        return f"[{minutes:3d}:{seconds:02d}]"

    def _left(self) -> str:
        if not self.waiting and not self.running:
            return ""
        left = {output: self._seconds_left(work) for output, work in self.running.items()}
        return " · " + estimate(list(self.waiting.values()), left, self.durations, self.slots) + " left"

    def _seconds_left(self, work: Running) -> float | None:
        elapsed, (share, _) = time.monotonic() - work.begun, work.progress()
        if share > 0.2:
            return elapsed / share - elapsed
        expected = self.durations.expected(work.job)
        return None if expected is None else max(expected - elapsed, 0.0)


def estimate(waiting: list[Job], running: Mapping[str, float | None], durations: Durations, slots: int) -> str:
    """How long waiting and running jobs still take, in words; says which stages were never measured on this machine."""
    expected = {job.outputs[0]: durations.expected(job) for job in waiting}
    unknown = list(dict.fromkeys(STAGES[job.stage] for job in waiting if expected[job.outputs[0]] is None))
    if unknown and all(seconds is None for seconds in expected.values()):
        return "an unknown time (nothing of this was measured here yet)"
    known = {output: seconds or 0.0 for output, seconds in expected.items()}
    left = time_left(waiting, {output: seconds or 0.0 for output, seconds in running.items()}, known, slots)
    words = f"about {spelled(left)}" if left >= 1 else "little time"
    return words + (f" plus {', '.join(unknown)} (not measured here yet)" if unknown else "")


def sets(study: Study) -> list[str]:
    """Which real data sets a study reads, and which optional held-out ones it leaves out."""
    real = [f"real data: {source.name} (its index: {source.digest})" for source in study.runs[0].sources]
    return real + [f"left out: {reason}" for name in installed.PACKAGES if (reason := installed.absence(name))]


def plan(study: Study, todo: list[Job], durations: Durations, slots: int) -> list[str]:
    """What will be done and what is up to date, one line per stage, and how long it should take."""
    lines = []
    for stage, words in STAGES.items():
        every = [job for job in study.jobs.values() if job.stage == stage]
        waits = sum(job.stage == stage for job in todo)
        fresh = len(every) - waits
        if every:
            lines.append(f"  {words:<16} {f'{waits} to do' if waits else '':<10} {f'{fresh} up to date' if fresh else ''}".rstrip())
    if study.shared:
        lines.append(f"  ({study.phases} phases; those that rows share save {study.shared:.0%} of the training steps)")
    lines.append(f"  {estimate(todo, {}, durations, slots)} with {slots} at a time" if todo else "  everything is up to date")
    return lines


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a text file; a note when it cannot be read."""
    try:
        return path.read_text(errors="replace").rstrip().splitlines()[-lines:] or ["(empty)"]
    except OSError as error:
        return [f"(no log: {error.strerror})"]


def spelled(seconds: float) -> str:
    """Seconds as a person says them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min" if seconds >= 600 else f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"
