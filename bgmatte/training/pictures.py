"""Which pictures a phase learns from, in memory or streamed, and how their batches are made ahead of time."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import torch
from torch import Generator

from bgmatte.data.recipe import recipe
from bgmatte.data.store import BackgroundSet, SubjectSet, make_set, open_backgrounds, open_subjects
from bgmatte.data.streaming import StreamedPictures
from bgmatte.data.training_pictures import PHOTOGRAPHED, Batch, Pictures, load_training_pictures
from bgmatte.jsonable import digest, require
from bgmatte.phases import BACKGROUNDS, PHOTOGRAPHS, STAND_INS, PhasePlan
from bgmatte.sources import PUBLISHED, SCENERY, index_digest, root_of, source_of
from bgmatte.training.parallel import ALONE, Team

Drawn = tuple[Batch, Generator]  # a step's pictures, and the generator they were drawn from, for the selector's chance
MOST_THREADS = 16


def open_pictures(plan: PhasePlan) -> Pictures:
    """The pictures of a phase: its real sets where the run has any, streamed; else its stand-ins, drawn if need be, in memory."""
    phase, run = plan.phase, plan.run
    real = {role: source for role in (*phase.datasets, SCENERY) if role in PUBLISHED and (source := source_of(run, role))}
    for source in real.values():
        found = index_digest(source.name, root_of(source.name))
        require(found == source.digest, f"data {source.name}", f"index {found}", f"{source.digest}, the copy that this run was planned with")
    how = recipe(phase.kind, strict=len(real) == len(phase.datasets) + 1)
    if not real:
        drawn, photographed = _backgrounds(plan)
        return load_training_pictures([_subjects(plan, role) for role in phase.datasets], drawn, photographed, phase.size, phase.largest, how)

    from bgmatte.data.published import open_published, open_published_backgrounds

    people = [
        open_published(real[role].name, root_of(real[role].name), "train") if role in real else _subjects(plan, role) for role in phase.datasets
    ]
    if SCENERY in real:
        name = real[SCENERY].name
        scenes, chances = (open_published_backgrounds(name, root_of(name), "train"),), (1.0,)
        return StreamedPictures(tuple(people), scenes, chances, phase.size, phase.largest, how)
    return StreamedPictures(tuple(people), _backgrounds(plan), (1 - PHOTOGRAPHED, PHOTOGRAPHED), phase.size, phase.largest, how)


def _subjects(plan: PhasePlan, role: str) -> SubjectSet:
    make_set(STAND_INS[role], plan.run.data)
    return open_subjects(STAND_INS[role], plan.run.data, "train")


def _backgrounds(plan: PhasePlan) -> tuple[BackgroundSet, BackgroundSet]:
    make_set(BACKGROUNDS, plan.run.data)
    drawn, photographed = (open_backgrounds(name, plan.run.data, "train") for name in (BACKGROUNDS, PHOTOGRAPHS))
    return drawn, photographed


def stream(plan: PhasePlan, step: int) -> int:
    """The seed of one step's generator: it depends on the run's seed, the phase's place and the step alone."""
    return int(digest({"seed": plan.run.seed, "phase": plan.index, "step": step})[:15], 16)


def drawn(plan: PhasePlan, pictures: Pictures, step: int, team: Team = ALONE) -> Drawn:
    """A step's batch, or a process's share of it; what it draws later, every process draws for itself."""
    generator = Generator().manual_seed(stream(plan, step))
    batch = pictures.batch(plan.phase.batch, generator, team.share(plan.phase.batch))
    return batch, generator if team.leads else Generator().manual_seed(stream(plan, step) + team.rank)


def threads_for(pictures: Pictures, team: Team) -> int:
    """How many threads make batches: none where pictures lie in memory and the processor trains, for there they gain nothing."""
    if team.device.type == "cpu":
        return int(isinstance(pictures, StreamedPictures))
    return max(1, min(MOST_THREADS, (os.cpu_count() or 1) // team.size))


class Ahead:
    """`make(step)` for one step after the other below `end`, the next ones made meanwhile in `threads`; none: when asked for.

    A context manager: leaving it drops what nobody asked for.
    """

    def __init__(self, make: Callable[[int], Drawn], end: int, threads: int) -> None:
        self.make, self.end, self.threads = make, end, threads
        self.coming: dict[int, Future[Drawn]] = {}
        self.pool = ThreadPoolExecutor(threads, "batches", lambda: _alone(threads)) if threads else None

    def __call__(self, step: int) -> Drawn:
        """The batch of a step; what went wrong while it was made is raised here."""
        if self.pool is None:
            return self.make(step)
        for later in range(step, min(step + self.threads + 1, self.end)):
            if later not in self.coming:
                self.coming[later] = self.pool.submit(self.make, later)
        return self.coming.pop(step).result()

    def __enter__(self) -> "Ahead":
        return self

    def __exit__(self, *_: object) -> None:
        if self.pool is not None:
            self.pool.shutdown(wait=True, cancel_futures=True)


def _alone(threads: int) -> None:
    """Several threads at work use one of torch's own each, or as many as there are cores would meet in every operation."""
    if threads > 1:
        torch.set_num_threads(1)
