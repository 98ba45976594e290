"""Under which conditions something is timed: device, threads, and what else the machine is doing."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import torch

from bgmatte.fingerprint import machine


def usual_device() -> str:
    """CUDA where there is one."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def settler(device: str) -> Callable[[], None]:
    """A call that waits until the device is idle."""
    return partial(torch.cuda.synchronize, device) if device.startswith("cuda") else lambda: None


@contextmanager
def conditions(device: str, threads: int | None) -> Iterator[dict[str, Any]]:
    """What stands beside every timing, complete once the work inside is done; it runs with `threads` (all processors unless given).

    `load` are processes that wanted to run, before and after; more than `threads` disturbs.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads or processors())  # jobs of a study run with one thread each; timing has the machine for itself
    told: dict[str, Any] = {
        "machine": machine(),
        "accelerator": torch.cuda.get_device_name(device) if device.startswith("cuda") else None,
        "threads": torch.get_num_threads(),
        "device": device,
        "load": [_load()],
    }
    try:
        yield told
    finally:
        torch.set_num_threads(before)
    told["load"].append(_load())
    told["finished"] = datetime.now(UTC).isoformat(timespec="seconds")


def _load() -> float:
    return round(os.getloadavg()[0], 2)
