"""How fast the full-width networks are, and what they cost: rows measured in turn, so that a noisy machine slows all alike."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from bgmatte.cache import write_text
from bgmatte.config import NetworkConfig
from bgmatte.fingerprint import machine
from bgmatte.profiles import TimingSize, run_config
from bgmatte.profiles import profile as profile_named
from bgmatte.timing.cost import gmacs, parameters, peak_mib
from bgmatte.timing.interleaving import interleaved, summary
from bgmatte.timing.subject import forward, picture_pair, sized, timed_network
from bgmatte.variants import VARIANTS

__all__ = ["time_rows", "timed_rows"]

BASELINE = "baseline"


def timed_rows(profile: str) -> dict[str, NetworkConfig]:
    """The network of every row that a user could deploy, the baseline first; `difference-key` has none."""
    return {name: run_config(profile, name).network for name, row in VARIANTS.items() if not row.reference}


def time_rows(profile: str, out: Path, *, device: str | None = None, threads: int | None = None) -> dict[str, Any]:
    """Measure every timed row at every size of a profile, batch 1, full width, and write `out` (JSON) whole.

    Per row: `ms` of each repeat, `median_ms`, `spread_ms` (quartiles), `fps`, `ratio` (this row's time over the
    baseline's in the same round: `median` and, `low` to `high`, its interval), `parameters`, `gmacs`, `peak_mib`,
    `patches` refined. `device` is CUDA where there is one; `threads` are all processors, so nothing else should run.
    Raises `ConfigError` for an unknown profile, RuntimeError when a row does not spend the size's budget of patches.
    """
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    rows, load = timed_rows(profile), _load()
    with _threads(threads or processors()) as used:
        sizes = [_time_size(rows, size, device, used) for size in profile_named(profile).timing]
    result = {
        "machine": machine(),
        "accelerator": torch.cuda.get_device_name(device) if device.startswith("cuda") else None,
        "threads": used,
        "device": device,
        "load": [load, _load()],  # processes that wanted to run, before and after; more than `threads` disturbs
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "sizes": sizes,
    }
    write_text(out, json.dumps(result, indent=1) + "\n")
    return result


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _time_size(rows: dict[str, NetworkConfig], size: TimingSize, device: str, threads: int) -> dict[str, Any]:
    configs = {name: sized(network, size) for name, network in rows.items()}
    peaks = {name: peak_mib(config, size, device, threads) for name, config in configs.items()}

    src, bgr = (picture.to(device) for picture in picture_pair(size.height, size.width))
    networks = {name: timed_network(config).to(device) for name, config in configs.items()}
    work = {name: forward(network, src, bgr) for name, network in networks.items()}
    macs, patches = {}, {}
    for name, call in work.items():  # also the warm-up: the first call of a shape chooses algorithms and asks for memory
        macs[name], matte = gmacs(call)
        patches[name] = int(matte.ref_sm.sum())
        _require_budget(name, configs[name], size, patches[name])

    settle = torch.cuda.synchronize if device.startswith("cuda") else None
    times = interleaved(work, size.repeats, settle=settle)
    measured = {
        name: {
            **summary(times[name], times[BASELINE]),
            "parameters": parameters(networks[name]),
            "gmacs": macs[name],
            "peak_mib": peaks[name],
            "patches": patches[name],
        }
        for name in rows
    }
    return {"name": size.name, "height": size.height, "width": size.width, "scale": size.scale, "patches": size.patches, "rows": measured}


def _require_budget(name: str, config: NetworkConfig, size: TimingSize, spent: int) -> None:
    budget = 0 if config.refine is None else size.patches
    if spent != budget:
        raise RuntimeError(f"{name} refined {spent} patches at {size.name} and not its budget of {budget}: its time would not compare")


@contextmanager
def _threads(count: int) -> Iterator[int]:
    # Jobs of a study run with one thread each; timing has the machine for itself.
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield torch.get_num_threads()
    finally:
        torch.set_num_threads(before)


def _load() -> float:
    return round(os.getloadavg()[0], 2)
