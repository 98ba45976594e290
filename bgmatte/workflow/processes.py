"""What keeps processes from outliving or meeting each other: death with the parent, and a lock the system frees."""

import ctypes
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h


class BusyError(RuntimeError):
    """Another process holds the lock; the message names it."""


def die_with_parent() -> None:
    """Ask the system to kill this process when the one that started it ends, so that no orphan writes on.

    Linux only; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def only_one(path: Path, what: str) -> Iterator[None]:
    """Hold a lock on `path` while the block runs; `BusyError` names the process that has it.

    The system frees the lock when its holder ends, however it ends.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise BusyError(f"{what} is already at work (process {file.read().strip() or 'unknown'}); wait for it or stop it first") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
