"""How long jobs take: remembered from measurements, never typed in, and what follows for the rest of a study."""

import heapq
import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bgmatte.cache import write_text
from bgmatte.workflow.graph import ALONE, Job

KEPT = 9  # measurements kept per kind of job: enough for a median, few enough to follow a changed machine


class Durations:
    """Measured seconds per kind of job, kept in a file beside the cache."""

    def __init__(self, path: Path, profile: str) -> None:
        self.path, self.profile = path, profile
        self.known: dict[str, list[float]] = _read(path)

    def note(self, job: Job, seconds: float) -> None:
        """Remember one measurement, on disk too."""
        self.known = _read(self.path) | self.known
        name = self._name(job)
        self.known[name] = [*self.known.get(name, []), round(seconds, 2)][-KEPT:]
        write_text(self.path, json.dumps(self.known, indent=1, sort_keys=True) + "\n")

    def expected(self, job: Job) -> float | None:
        """The median of this kind of job, else of its stage; None when neither was ever measured. [s]"""
        own = self.known.get(self._name(job))
        stage = [second for name, seconds in self.known.items() if name.startswith(f"{self.profile}/{job.stage}/") for second in seconds]
        return statistics.median(own or stage) if own or stage else None

    def likely(self, job: Job) -> float:
        """What is expected of a job, else a rough guess that only serves to order jobs. [s]"""
        expected = self.expected(job)
        return job.work if expected is None else expected

    def _name(self, job: Job) -> str:
        return f"{self.profile}/{job.stage}/{job.kind}"


def urgency(jobs: Iterable[Job], seconds: Mapping[str, float]) -> dict[str, float]:
    """For each job (by its first output) the seconds from its start to the end of the longest chain that waits for it.

    `jobs` are in an order in which they could run, `seconds` what each takes. Starting what is most urgent first keeps
    all cores busy to the end: what is long does not come last, and what is left last is short.
    """
    longest: dict[str, float] = {}  # of what waits for an output
    found = {}
    for job in reversed(list(jobs)):
        found[job.outputs[0]] = seconds[job.outputs[0]] + max((longest.get(output, 0.0) for output in job.outputs), default=0.0)
        for need in job.needs:
            longest[need] = max(longest.get(need, 0.0), found[job.outputs[0]])
    return found


def time_left(waiting: Sequence[Job], running: Mapping[str, float], seconds: Mapping[str, float], slots: int) -> float:
    """Seconds until all is done, by playing the schedule forward: `slots` jobs at a time, a job of a stage in `ALONE` by itself.

    `waiting` are jobs in an order in which they could run, `running` maps outputs to the seconds they still need,
    `seconds` the outputs of waiting jobs to what they are expected to take. As in the engine, the most urgent of the
    jobs that could start goes first.
    """
    now, open_jobs = 0.0, [(left, output) for output, left in running.items()]
    heapq.heapify(open_jobs)
    urgent = urgency(waiting, seconds)
    queue, ahead = sorted(waiting, key=lambda job: -urgent[job.outputs[0]]), {job.outputs[0] for job in waiting} | set(running)
    while queue or open_jobs:
        free = slots - len(open_jobs)
        for job in [job for job in queue if ahead.isdisjoint(job.needs)]:
            alone = job.stage in ALONE
            if free <= 0 or (alone and open_jobs):
                continue
            queue.remove(job)
            heapq.heappush(open_jobs, (now + seconds[job.outputs[0]], job.outputs[0]))
            free = 0 if alone else free - 1
        if not open_jobs:
            break  # what is left waits for something that is not in this study
        now, output = heapq.heappop(open_jobs)
        ahead.discard(output)
    return now


def _read(path: Path) -> dict[str, list[float]]:
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return {}  # an estimate is all that is lost
