"""One command for the whole study: plan, run, tell, resume."""

import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bgmatte.cache import cache_root, write_text
from bgmatte.jsonable import require
from bgmatte.profiles import START
from bgmatte.profiles import profile as profile_named
from bgmatte.records import reports_folder
from bgmatte.sources import VARIABLE
from bgmatte.workflow import engine, graph, repair, telling
from bgmatte.workflow.cluster import end_leftovers
from bgmatte.workflow.durations import Durations
from bgmatte.workflow.processes import only_one
from bgmatte.workflow.space import check_space

GRACE = 10.0  # [s] jobs get to end after Ctrl-C before they are killed


class EngineError(RuntimeError):
    """Snakemake itself could not work; the message holds the end of what it said."""


def run_study(
    profile: str,
    only: Iterable[str] = (),
    seeds: int | None = None,
    jobs: int | None = None,
    executor: str = "local",
    cluster: Path | None = None,
    plan_only: bool = False,
) -> int:
    """Bring a study up to date and print its story; gives the exit status: 0, 1 after a failed job, 130 when interrupted.

    `jobs` run at a time (all cores unless said), where `executor` takes them; `cluster` is a folder with its settings.
    Raises `ConfigError`, `BusyError`, `SpaceError` or `EngineError` before any work.
    """
    slots = (os.cpu_count() or 1) if jobs is None else jobs
    require(slots >= 1, "jobs", slots, "a whole number, 1 or more")
    allowed = f"{', '.join(engine.executors())}; others when their plugin is installed, see bgmatte/workflow/CLUSTER.md"
    require(executor in engine.executors(), "executor", executor, allowed)
    where = engine.where(executor, slots, cluster)
    only = tuple(only)
    study = graph.study(profile, only, seeds)
    folder = reports_folder(profile)
    handed = {name: os.environ.get(name, "") for name in (VARIABLE, START)}
    # What takes all cores takes those of this machine; elsewhere the executor's settings say how many.
    config = {"profile": profile, "only": list(only), "seeds": seeds, "environment": handed, "cores": slots if executor == "local" else 1}
    with only_one(folder / ".engine" / "lock", f"a study of profile {profile}"):
        for line in end_leftovers(folder) if executor == "slurm" and not plan_only else ():
            print(line, flush=True)
        return Call(study, folder, config, slots, where).run(plan_only)


def _hours(study: graph.Study, todo: Iterable[graph.Job]) -> tuple[str, ...]:
    """How long training will take, in lines, measured where networks are full width: there it is hours or days."""
    if profile_named(study.profile).network.width < 1 or all(job.stage != "train" for job in todo):
        return ()
    # Measuring takes torch, planning alone does not.
    from bgmatte.training.estimate import estimated_hours

    print("  measuring how long a step of training takes here …", flush=True)
    return estimated_hours(study.runs).lines


class Call:
    """One call of the study command, under its lock."""

    def __init__(
        self, study: graph.Study, folder: Path, config: Mapping[str, Any], slots: int, where: list[str], snakefile: Path = engine.SNAKEFILE
    ) -> None:
        self.study, self.folder, self.config, self.snakefile = study, folder, config, snakefile
        self.slots, self.where = slots, where
        self.durations = Durations(cache_root() / "durations.json", study.profile)

    def run(self, plan_only: bool) -> int:
        """Plan, and unless that is all that is wanted, do it."""
        rows = list(dict.fromkeys(run.row for run in self.study.runs))
        print(f"bgmatte study · profile {self.study.profile} · {len(rows)} row(s) × {len(self.study.runs) // len(rows)} seed(s)", flush=True)
        for line in (*telling.sets(self.study), *repair.repair(self.study)):
            print(f"  {line}", flush=True)
        todo = self.todo()
        print("\n".join(telling.plan(self.study, todo, self.durations, self.slots)), flush=True)
        for line in _hours(self.study, todo) if "--cores" in self.where else ():  # what it takes elsewhere is not known here
            print(f"  {line}", flush=True)
        if plan_only:
            return 0
        if not todo:
            return self._close()
        check_space(self.study, todo)
        return self._work(todo)

    def todo(self) -> list[graph.Job]:
        """The jobs that the engine would run, in an order in which they could run."""
        with engine.start(self.folder, self.config, ["--cores", str(self.slots), "--dry-run"], self.snakefile) as child:
            named = {event.output for event in engine.events(child)}
        if child.returncode:
            raise EngineError("\n".join(["the engine could not plan:", *telling.tail(self.folder / engine.LOG, 12)]))
        return [job for output, job in self.study.jobs.items() if output in named]

    def _work(self, todo: list[graph.Job]) -> int:
        teller = telling.Teller(todo, self.durations, self.slots)
        stages = Stages(self.folder, self.study, todo)
        with engine.start(self.folder, self.config, self.where, self.snakefile) as child:
            try:
                for event in _with_pauses(child):
                    self._hear(event, teller, stages)
                child.wait()
            except KeyboardInterrupt:
                teller.clear()
                _end(child)
                kept = f"{len(teller.finished)} of {teller.total} jobs are finished and kept"
                print(f"interrupted: {kept}; the same command goes on from here", flush=True)
                return 130
            finally:
                _end(child)
        return self._conclude(teller, child.returncode)

    def _hear(self, event: engine.Event | None, teller: telling.Teller, stages: "Stages") -> None:
        if event is None:
            teller.beat()
        elif event.kind == "start":
            repair.begin(self.folder, self.study.jobs[event.output].outputs)
            teller.start(event.output, self.folder / event.log)
        elif event.kind == "error":
            teller.fail(event.output)
        elif (seconds := teller.finish(event.output)) is not None:
            stages.note(self.study.jobs[event.output], seconds)

    def _conclude(self, teller: telling.Teller, status: int) -> int:
        teller.clear()
        open_jobs = teller.total - len(teller.finished)
        if status == 0 and not open_jobs:
            return self._close()
        if not teller.failed:
            print("\n".join(["the engine stopped:", *telling.tail(self.folder / engine.LOG, 12)]), flush=True)
        names = ", ".join(self.study.jobs[output].label for output in teller.failed) or "none of the jobs"
        print(
            f"failed: {names}; {len(teller.finished)} of {teller.total} jobs are finished and kept, the same command tries the rest again", flush=True
        )
        return 1

    def _close(self) -> int:
        report = self.folder / "report.html"
        if self.config["only"]:
            print(f"runs: {self.folder / 'runs'} (python -m bgmatte report --profile {self.study.profile} tells them)", flush=True)
        elif report.exists():
            print(f"report: {report}", flush=True)
        return 0


class Stages:
    """`stages.json`: how long each job took and all calls together, kept until a call does everything anew."""

    def __init__(self, folder: Path, study: graph.Study, todo: list[graph.Job]) -> None:
        self.path, self.folder = folder / "stages.json", folder
        self.told: dict[str, Any] = {"started": datetime.now(UTC).isoformat(timespec="seconds"), "wall_seconds": 0.0, "jobs": []}
        if len(todo) < len(study.jobs):  # some of it was done before: go on telling that story
            with suppress(OSError, ValueError):
                self.told |= json.loads(self.path.read_text())
        labels = {job.label for job in study.jobs.values()}
        # With some rows only, the other jobs' times stay; in a whole study what is no longer part of it goes.
        self.told["jobs"] = [job for job in self.told["jobs"] if study.partial or job["label"] in labels]
        self.before, self.begun = float(self.told["wall_seconds"]), time.monotonic()

    def note(self, job: graph.Job, seconds: float) -> None:
        """Remember a finished job's seconds and the hashes of what it left."""
        others = [other for other in self.told["jobs"] if other["label"] != job.label]
        self.told["jobs"] = [*others, {"rule": job.stage, "label": job.label, "seconds": round(seconds, 2)}]
        self.told["wall_seconds"] = round(self.before + time.monotonic() - self.begun, 1)
        write_text(self.path, json.dumps(self.told, indent=1) + "\n")
        repair.remember(self.folder, job.outputs)


def _with_pauses(child: "subprocess.Popen[str]", pause: float = 0.5) -> Iterator[engine.Event | None]:
    """The engine's events as they come, and None whenever nothing came for `pause` seconds."""
    arrived: queue.Queue[engine.Event | None] = queue.Queue()

    def listen() -> None:
        for event in engine.events(child):
            arrived.put(event)
        arrived.put(None)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        try:
            event = arrived.get(timeout=pause)
        except queue.Empty:
            yield None
            continue
        if event is None:
            return
        yield event


def _end(child: "subprocess.Popen[str]") -> None:
    """End the engine and its jobs: an interrupt as a terminal would send it, then, after a grace, a kill."""
    if child.poll() is not None:
        return
    with suppress(ProcessLookupError, subprocess.TimeoutExpired):
        os.killpg(child.pid, signal.SIGINT)
        child.wait(GRACE)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
