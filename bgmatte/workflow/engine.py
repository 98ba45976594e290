"""Snakemake in a process of its own, telling what it does as one JSON object per line.

Run as `python -m bgmatte.workflow.engine ARGUMENTS-OF-SNAKEMAKE`; everything Snakemake prints goes to standard error.
"""

import json
import logging
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from bgmatte.cache import write_text
from bgmatte.fingerprint import PROJECT
from bgmatte.jsonable import require
from bgmatte.workflow.processes import die_with_parent

SNAKEFILE = Path(__file__).with_name("Snakefile")
PROFILES = SNAKEFILE.parent / "profiles"
HOLD = PROFILES / "default"  # on every executor
LOG = Path(".engine") / "snakemake.log"


@dataclass(frozen=True)
class Event:
    """What happened to one job, which its first output names; `log` is where it writes."""

    kind: Literal["start", "finish", "error"]
    output: str
    log: str


def executors() -> tuple[str, ...]:
    """Where jobs can run: here, or wherever an installed Snakemake plugin takes them."""
    prefix = "snakemake_executor_plugin_"
    plugins = (module.name.removeprefix(prefix).replace("_", "-") for module in pkgutil.iter_modules() if module.name.startswith(prefix))
    return ("local", *sorted(plugins))


def where(executor: str, jobs: int, settings: Path | None = None) -> list[str]:
    """The engine's options for running `jobs` at a time here ("local") or on another executor.

    `settings` is a folder with the executor's `config.yaml`; without it the one of that name that ships, if there is one.
    """
    if executor == "local":
        require(settings is None, "cluster", str(settings), "an executor other than local beside it")
        return ["--cores", str(jobs)]
    folder = settings or PROFILES / executor
    require(settings is None or (folder / "config.yaml").is_file(), "cluster", str(settings), "a folder with a file config.yaml")
    return ["--executor", executor, "--jobs", str(jobs), *(["--profile", str(folder.resolve())] if folder.is_dir() else [])]


def start(folder: Path, config: Mapping[str, Any], options: list[str], snakefile: Path = SNAKEFILE) -> "subprocess.Popen[str]":
    """Start Snakemake in `folder` with a configuration; read its story with `events`.

    It gets a session of its own, so that Ctrl-C reaches it only through its parent.
    """
    settings = folder / ".engine" / "config.json"
    write_text(settings, json.dumps(dict(config)))
    arguments = [
        "--snakefile",
        snakefile,
        "--directory",
        folder,
        "--configfile",
        settings,
        "--workflow-profile",
        HOLD,
        "--nolock",
        "--nocolor",
        *options,
    ]
    environment = os.environ | {
        "BGMATTE_PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")])),
        "PYTHONUNBUFFERED": "1",
    }
    with (folder / LOG).open("w") as log:
        command = [sys.executable, "-m", "bgmatte.workflow.engine", *map(str, arguments)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment, start_new_session=True)


def events(child: "subprocess.Popen[str]") -> Iterator[Event]:
    """The story of a started engine, until it ends."""
    for line in child.stdout or ():
        yield Event(**json.loads(line))


def main(arguments: list[str]) -> None:
    """Run Snakemake with these arguments; never returns."""
    die_with_parent()
    story = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    from snakemake.cli import main as snakemake
    from snakemake.logging import logger

    # A filter of the logger itself: handlers come and go with Snakemake's own settings.
    logger.addFilter(_Tap(story).hear)
    snakemake(arguments)


class _Tap:
    """Turns Snakemake's log records into events; every record passes on."""

    def __init__(self, story: IO[str]) -> None:
        self.story = story
        self.jobs: dict[int, tuple[str, str]] = {}

    def hear(self, record: logging.LogRecord) -> bool:
        kind = str(getattr(record, "event", ""))
        if kind == "job_info" and record.__dict__["output"]:
            fields = record.__dict__
            self.jobs[fields["jobid"]] = (str(fields["output"][0]), str(next(iter(fields["log"]), "")))
            self._say("start", fields["jobid"])
        elif kind == "job_finished":
            self._say("finish", record.__dict__["job_id"])
        elif kind == "job_error":
            self._say("error", record.__dict__["jobid"])
        return True

    def _say(self, kind: str, job: int) -> None:
        if job in self.jobs:
            output, log = self.jobs[job]
            print(json.dumps({"kind": kind, "output": output, "log": log}), file=self.story)


if __name__ == "__main__":
    main(sys.argv[1:])
