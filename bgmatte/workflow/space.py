"""Is there room on the disk for what a study will write? Asked before it begins."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from bgmatte.cache import cache_root, checkpoint_path
from bgmatte.config import DataConfig, RunConfig
from bgmatte.phases import BACKGROUNDS
from bgmatte.records import reports_folder
from bgmatte.workflow.graph import Job, Study

MIB = 2**20
_PARAMETERS = {"resnet50": 40.3e6, "resnet101": 59.3e6, "mobilenetv2": 5.1e6}  # at width 1 (PAPER: 40.2, 59.2, 5.0 million)
_PER_RUN = 12 * MIB  # executed notebook, sample pictures and tables of one run
_SPARE = 200 * MIB  # logs, report, and what the system itself needs


class SpaceError(RuntimeError):
    """Too little room; the message names the disk, what is needed and what is free."""


def check_space(study: Study, todo: Iterable[Job]) -> None:
    """Raise `SpaceError` when the jobs to do need more room than their disks have."""
    todo = list(todo)
    stages = [job.stage for job in todo]
    cache = sum(set_bytes(job.kind, study.runs[0].data) for job in todo if job.stage == "data")
    if "train" in stages:
        plans = [plan for branch in study.branches for plan in branch.plans]
        each = [checkpoint_bytes(plan.run) for plan in plans if not checkpoint_path(plan.key).exists()]
        cache += sum(each) + 12 * max(each, default=0)  # and two unfinished phases with the optimiser's moments, each kept twice
    _check(cache_root(), cache + _SPARE, "the cache (generated data and checkpoints; BGMATTE_CACHE moves it)")
    _check(reports_folder(study.profile), stages.count("run") * _PER_RUN + _SPARE, "the report folder")


def set_bytes(name: str, data: DataConfig) -> int:
    """Bytes of one generated set, stored uncompressed."""
    counts = {
        "proc-video": data.video_identities * data.video_frames,
        "proc-portrait": data.portraits,
        "proc-objects": data.objects,
        BACKGROUNDS: data.backgrounds,
    }
    return counts[name] * data.size**2 * (3 if name == BACKGROUNDS else 4)


def checkpoint_bytes(run: RunConfig) -> int:
    """Bytes of one phase's weights in float32; a convolution shrinks with the square of the width."""
    return int(_PARAMETERS[run.network.backbone] * run.network.width**2 * 4)


def _check(folder: Path, needed: int, what: str) -> None:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise SpaceError(f"no room for {what}: {folder} needs {needed / MIB:,.0f} MiB, {free / MIB:,.0f} MiB are free")
