"""The fast path against the plain one, for inference and for training: time and where it goes, memory, differences, in one run."""

import json
from pathlib import Path
from statistics import median
from typing import Any, get_args

import torch
from torch import Tensor

from bgmatte.cache import write_text
from bgmatte.config import PATCH, Backbone, NetworkConfig, RefineConfig
from bgmatte.jsonable import changed
from bgmatte.network import Matte, prepare_for_inference
from bgmatte.profiles import TimingSize
from bgmatte.profiles import profile as profile_named
from bgmatte.timing.conditions import conditions, settler, usual_device
from bgmatte.timing.cost import peak_mib
from bgmatte.timing.interleaving import interleaved, summary
from bgmatte.timing.parts import PARTS, time_by_part
from bgmatte.timing.subject import inference, picture_pair, sized, timed_network
from bgmatte.timing.training import time_training

TRAINED: tuple[Backbone, ...] = ("mobilenetv2", "resnet50")
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def benched() -> dict[str, NetworkConfig]:
    """What is measured: every backbone with the published selection, and scattered patches, the worst case for tiles."""
    networks = {backbone: NetworkConfig(backbone=backbone) for backbone in get_args(Backbone)}
    return {**networks, "mobilenetv2, random patches": NetworkConfig(backbone="mobilenetv2", refine=RefineConfig(selector="random"))}


def bench(
    profile: str, out: Path, *, device: str | None = None, threads: int | None = None, precision: str = "float32", compile: bool = False
) -> dict[str, Any]:
    """Measure `prepare_for_inference` against the network it was made from, at every size of a profile, and write `out` (JSON).

    Batch 1, full width, both in turn. Per network and path: what `interleaving.summary` says, `parts` (median ms of each
    of `PARTS`) and `peak_mib`; `speedup` is the plain path's time over the fast one's in the same round; `difference` the
    largest one of alpha and foreground outside patches that only one path chose, and how many those are. `training` holds
    what `time_training` says of joint steps on a profile's batches with its budget of patches, in float32.
    """
    device, measured = device or usual_device(), profile_named(profile)
    with conditions(device, threads) as told:
        sizes = [_bench_size(size, device, told["threads"], PRECISIONS[precision], compile) for size in measured.timing]
        joint, repeats = measured.joint[0], measured.timing[0].repeats
        full = {name: changed(measured.network, {"backbone": name, "width": 1.0}) for name in TRAINED}
        training = {name: time_training(config, batch=joint.batch, size=joint.size, repeats=repeats, device=device) for name, config in full.items()}
    result = {**told, "precision": precision, "compile": compile, "sizes": sizes}
    patches = measured.network.refine.patches if measured.network.refine else 0
    result["training"] = {"batch": joint.batch, "size": joint.size, "patches": patches, "networks": training}
    write_text(out, json.dumps(result, indent=1) + "\n")
    return result


def _bench_size(size: TimingSize, device: str, threads: int, dtype: torch.dtype, compile: bool) -> dict[str, Any]:
    networks = {name: _bench_network(sized(config, size), size, device, threads, dtype, compile) for name, config in benched().items()}
    return {"name": size.name, "height": size.height, "width": size.width, "scale": size.scale, "patches": size.patches, "networks": networks}


def _bench_network(config: NetworkConfig, size: TimingSize, device: str, threads: int, dtype: torch.dtype, compile: bool) -> dict[str, Any]:
    src, bgr = (picture.to(device, dtype) for picture in picture_pair(size.height, size.width))
    plain = timed_network(config).to(device, dtype)
    paths = {"plain": plain, "fast": prepare_for_inference(plain, compile=compile)}
    work = {name: inference(network, src, bgr) for name, network in paths.items()}
    mattes = {name: call() for name, call in work.items()}  # also the warm-up

    settle = settler(device)
    times = interleaved(work, size.repeats, settle=settle)
    parts = {name: [time_by_part(network, src, bgr, settle) for _ in range(size.repeats)] for name, network in paths.items()}
    measured = {
        name: {
            **summary(times[name], times["plain"]),
            "parts": {part: median(round[part] for round in parts[name]) for part in PARTS},
            "peak_mib": peak_mib(config, size, device, threads, fast=name == "fast", dtype=dtype, compile=compile),
        }
        for name in paths
    }
    return {**measured, "speedup": summary(times["plain"], times["fast"])["ratio"], "difference": largest_difference(mattes["plain"], mattes["fast"])}


def largest_difference(one: Matte, other: Matte) -> dict[str, float]:
    """Largest difference of `pha` and `fgr` outside the patches that only one of two mattes refined, and how many `patches` those are.

    Rounding may turn the order of two patches whose predicted errors are nearly equal; both mattes are right then.
    """
    turned = one.ref_sm != other.ref_sm
    height, width = one.pha.shape[2:]
    same = ~turned.repeat_interleave(PATCH, 2).repeat_interleave(PATCH, 3)[:, :, :height, :width]

    def largest(a: Tensor, b: Tensor) -> float:
        return float(((a - b).abs() * same).max())

    return {"pha": largest(one.pha, other.pha), "fgr": largest(one.fgr, other.fgr), "patches": int(turned.sum())}
