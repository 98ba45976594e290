"""How fast the full-width networks are as they are used, and what they cost: rows in turn, so that a noisy machine slows all alike."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bgmatte.cache import write_text
from bgmatte.config import NetworkConfig
from bgmatte.jsonable import changed
from bgmatte.network import prepare_for_inference
from bgmatte.profiles import TimingSize, run_config
from bgmatte.profiles import profile as profile_named
from bgmatte.timing.conditions import conditions, settler, usual_device
from bgmatte.timing.cost import gmacs, parameters, peak_mib
from bgmatte.timing.interleaving import interleaved, summary
from bgmatte.timing.subject import inference, picture_pair, sized, timed_network
from bgmatte.variants import VARIANTS

__all__ = ["time_rows", "timed_rows"]

BASELINE = "baseline"
_AT_ONCE = 2  # processes whose memory is measured side by side: they share the threads out, and most of their work keeps one core busy


def timed_rows(profile: str) -> dict[str, NetworkConfig]:
    """The network of every row that a user could deploy, the baseline first; `difference-key` has none.

    Of rows with equal networks, which differ in training alone, the first stands for all: their speed is the same.
    """
    found: dict[NetworkConfig, str] = {}
    for name, row in VARIANTS.items():
        if not row.reference:
            found.setdefault(run_config(profile, name).network, name)
    return {name: network for network, name in found.items()}


def time_rows(profile: str, out: Path, *, device: str | None = None, threads: int | None = None) -> dict[str, Any]:
    """Measure every row of `timed_rows` at every size of a profile, batch 1, full width, and write `out` (JSON) whole.

    Per row: `ms` of each repeat, `median_ms`, `spread_ms` (quartiles), `fps`, `ratio` (this row's time over the
    baseline's in the same round: `median` and, `low` to `high`, its interval), `parameters`, `gmacs`, `peak_mib`,
    `patches` refined. `device` is CUDA where there is one; `threads` are all processors, so nothing else should run.
    Raises `ConfigError` for an unknown profile, RuntimeError when a row does not spend the size's budget of patches.
    """
    device, rows = device or usual_device(), timed_rows(profile)
    with conditions(device, threads) as told:
        sizes = [_time_size(rows, size, device, told["threads"]) for size in profile_named(profile).timing]
    result = {**told, "sizes": sizes}
    write_text(out, json.dumps(result, indent=1) + "\n")
    return result


def _time_size(rows: dict[str, NetworkConfig], size: TimingSize, device: str, threads: int) -> dict[str, Any]:
    configs = {name: sized(network, size) for name, network in rows.items()}
    peaks = _peaks(configs, size, device, threads)

    src, bgr = (picture.to(device) for picture in picture_pair(size.height, size.width))
    networks = {name: timed_network(config).to(device) for name, config in configs.items()}
    counted = {_unselected(config): networks[name] for name, config in reversed(configs.items())}
    macs = {config: gmacs(inference(network, src, bgr))[0] for config, network in counted.items()}  # as the paper counts: patch by patch
    work = {name: inference(prepare_for_inference(network), src, bgr) for name, network in networks.items()}
    patches = {name: int(call().ref_sm.sum()) for name, call in work.items()}  # also the warm-up: the first call of a size lays weights out
    for name, config in configs.items():
        _require_budget(name, config, size, patches[name])

    times = interleaved(work, size.repeats, settle=settler(device))
    measured = {
        name: {
            **summary(times[name], times[BASELINE]),
            "parameters": parameters(networks[name]),
            "gmacs": macs[_unselected(configs[name])],
            "peak_mib": peaks[name],
            "patches": patches[name],
        }
        for name in rows
    }
    return {"name": size.name, "height": size.height, "width": size.width, "scale": size.scale, "patches": size.patches, "rows": measured}


def _peaks(configs: dict[str, NetworkConfig], size: TimingSize, device: str, threads: int) -> dict[str, float]:
    at_once = 1 if device.startswith("cuda") else _AT_ONCE
    with ThreadPoolExecutor(at_once) as pool:
        measured = pool.map(lambda config: peak_mib(config, size, device, max(1, threads // at_once), fast=True), configs.values())
        return dict(zip(configs, measured, strict=True))


def _unselected(config: NetworkConfig) -> NetworkConfig:
    """The same network whatever chooses its patches: choosing multiplies nothing."""
    return changed(config, {"refine.selector": "error"}) if config.refine else config


def _require_budget(name: str, config: NetworkConfig, size: TimingSize, spent: int) -> None:
    budget = 0 if config.refine is None else size.patches
    if spent != budget:
        raise RuntimeError(f"{name} refined {spent} patches at {size.name} and not its budget of {budget}: its time would not compare")
