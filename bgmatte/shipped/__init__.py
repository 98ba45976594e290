"""The small trained baseline that ships: one base network, and a refiner for it of each kernel."""

import json
from pathlib import Path
from typing import Any

from bgmatte.cache import checkpoint_fault, record_path
from bgmatte.config import NetworkConfig
from bgmatte.jsonable import from_dict, require
from bgmatte.network.builder import build
from bgmatte.network.loading import CheckpointError, load_weights, read_weights
from bgmatte.network.matting import MattingNetwork

FOLDER = Path(__file__).parent
KERNELS = (3, 1)  # the first is the baseline's own, with which its base was trained; the other's file holds its refiner alone


def shipped_path(kernel: int = KERNELS[0], folder: Path = FOLDER) -> Path:
    """The weights that ship for a kernel; their record stands beside them as JSON. Raises `ConfigError` for another kernel."""
    require(kernel in KERNELS, "kernel", kernel, ", ".join(map(str, KERNELS)))
    return folder / ("baseline.safetensors" if kernel == KERNELS[0] else f"baseline-kernel{kernel}.safetensors")


def shipped_record(kernel: int = KERNELS[0], folder: Path = FOLDER) -> dict[str, Any]:
    """How the weights of a kernel came about, and their numbers on held-out people.

    Raises `CheckpointError` when a file is missing or damaged, or a refiner was trained for another base.
    """
    base, path = shipped_path(folder=folder), shipped_path(kernel, folder)
    for fault in map(checkpoint_fault, dict.fromkeys((base, path))):
        if fault:
            raise CheckpointError(fault)
    record: dict[str, Any] = json.loads(record_path(path).read_text())
    own = json.loads(record_path(base).read_text())["sha256"]
    if record.get("base", own) != own:
        raise CheckpointError(f"{path}: a refiner for the base {record['base'][:12]}…, but {base.name} is {own[:12]}…")
    return record


def shipped_network(kernel: int = KERNELS[0], folder: Path = FOLDER) -> tuple[MattingNetwork, NetworkConfig]:
    """The baseline with the refiner of a `kernel`, float32 and in eval mode, and its configuration; errors as `shipped_record`."""
    config = from_dict(NetworkConfig, shipped_record(kernel, folder)["plan"]["network"])
    path = shipped_path(kernel, folder)
    base = {name: tensor for name, tensor in read_weights(shipped_path(folder=folder)).items() if not name.startswith("refiner.")}
    network = build(config)
    load_weights(network, base | read_weights(path), str(path))
    return network.eval(), config
