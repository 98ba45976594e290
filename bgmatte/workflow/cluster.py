"""What an earlier call may have left with Slurm: jobs go on there when the study that submitted them was killed."""

import shutil
import subprocess
import time
from pathlib import Path

PATIENCE = 60.0  # [s] for ended jobs to leave the queue: Slurm gives them half of it between asking and killing


def end_leftovers(folder: Path, patience: float = PATIENCE) -> list[str]:
    """End this user's jobs that were submitted from `folder`, and say so in a line; nothing where there is no Slurm.

    Otherwise the engine, which does not know them any more, would submit their work a second time beside them. A phase goes
    on where it was last saved.
    """
    found = _queued(folder)
    if not found:
        return []
    subprocess.run(["scancel", *found], check=False)
    end = time.monotonic() + patience
    while _queued(folder) and time.monotonic() < end:
        time.sleep(0.5)
    return [f"{len(found)} job(s) that an earlier call left with Slurm are ended ({', '.join(found)}); what they saved is used"]


def _queued(folder: Path) -> list[str]:
    if shutil.which("squeue") is None:
        return []
    listed = subprocess.run(["squeue", "--me", "--noheader", "--format=%A %Z"], capture_output=True, text=True, check=False).stdout
    jobs = (line.strip().partition(" ") for line in listed.splitlines())
    return sorted({number for number, _, place in jobs if place.strip() == str(folder.resolve())})
