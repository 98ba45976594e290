"""The small trained baseline that ships: a finished run's weights halved, and a second refiner of another kernel for the same base."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from bgmatte.cache import cache_root, checkpoint_path
from bgmatte.config import ROLES, Rates, RunConfig, Start
from bgmatte.data.test_pictures import HELD_OUT, test_pictures
from bgmatte.evaluation import judge
from bgmatte.fingerprint import file_digest
from bgmatte.jsonable import changed, to_dict
from bgmatte.network import MattingNetwork, build, prepare_for_inference, with_config
from bgmatte.network.loading import load_weights
from bgmatte.phases import phase_plans
from bgmatte.profiles import run_config
from bgmatte.records import RECORD, RecordError, RunRecord, read_run, run_folder
from bgmatte.shipped import FOLDER, KERNELS, shipped_network, shipped_path
from bgmatte.training import train_phase
from bgmatte.training.checkpoints import read_checkpoint, write_checkpoint
from bgmatte.training.pretraining import half

LINES = 100  # of a learning curve, about: what is told of some thousand steps
LONGER = 2  # times a joint phase of the profile: how long another refiner learns; the baseline's own learned in three, with its base
MEASURES = {
    "mad": "mean absolute difference of alpha, 0–1",
    "mse": "mean squared difference of alpha, 0–1",
    "sad": "sum of absolute differences of alpha over the pixels",
    "grad": "sum of squared differences of the gradient's amplitude, Gaussian derivative with sigma 1.4 px, mattes not stretched",
}
UNKNOWN = "_unknown"
Progress = Callable[[int, int, str], None]


def ship(profile: str, seed: int = 0, folder: Path = FOLDER, progress: Progress | None = None) -> tuple[Path, ...]:
    """Write what ships into `folder`, one file for each of `KERNELS`: the profile's baseline, and other refiners, trained here.

    The baseline's weights are those that its run was judged by, found under the name in the run's record, whichever code
    trained them. Raises `RecordError` without a whole record, and `CheckpointError` when its weights are gone.
    """
    run = run_folder(run_config(profile, "baseline", seed))
    if not (run / RECORD).exists():
        raise RecordError(f"{run / RECORD}: missing; this makes it: python -m bgmatte study --profile {profile} --only baseline --seeds {seed + 1}")
    record = read_run(run)
    baseline = ship_baseline(record, folder)
    return baseline, *(ship_refiner(record.config, kernel, folder, progress) for kernel in KERNELS[1:])


def ship_baseline(record: RunRecord, folder: Path = FOLDER) -> Path:
    """Write a run's weights in half precision; the numbers beside them are those of its record, of the whole ones."""
    phases = [read_checkpoint(checkpoint_path(phase["key"])) for phase in record.story["phases"]]
    weights, last = phases[-1]
    curve = [{"phase": place, **line} for place, (_, told) in enumerate(phases) for line in thinned(told["curve"], LINES // len(phases))]
    story = {name: record.story[name] for name in ("phases", "seconds", "start", "machine", "finished")}
    people = [row for row in record.images if row["weights"] == "own" and row["set"] == HELD_OUT]
    told = {"plan": last["plan"], "config": to_dict(record.config), **story, "measures": measures(), "held_out": held_out(people), "curve": curve}
    path = shipped_path(folder=folder)
    write_checkpoint(path, {name: half(tensor) for name, tensor in weights.items()}, told)
    return path


def ship_refiner(run: RunConfig, kernel: int, folder: Path = FOLDER, progress: Progress | None = None) -> Path:
    """Train a refiner of another kernel for the base that ships in `folder`, which stays as it is, and write it alone in half precision."""
    baseline, path = shipped_path(folder=folder), shipped_path(kernel, folder)
    weights, record = read_checkpoint(baseline)
    base = {name: tensor for name, tensor in weights.items() if not name.startswith("refiner.")}
    start = cache_root() / "shipping" / f"{record['plan']['key']}-base.safetensors"
    write_checkpoint(start, base, {})

    run = refiner_run(run, kernel, start)
    trained, record = read_checkpoint(train_phase(phase_plans(run)[0], progress))
    refiner = {name: half(tensor) for name, tensor in trained.items() if name.startswith("refiner.")}

    own, _ = shipped_network(folder=folder)
    other = build(run.network)
    load_weights(other, base | refiner, str(path))
    ways = {"coarse": with_config(own, replace(run.network, refine=None)), f"kernel {KERNELS[0]}": own, f"kernel {kernel}": other}
    numbers = {name: held_out(judged(way, run, progress, f"{name} on held-out people")) for name, way in ways.items()}
    config = {**to_dict(run), "start": record["start"]}
    story = {name: record[name] for name in ("seconds", "machine")}
    told = {"plan": record["plan"], "base": file_digest(baseline), "config": config, **story, "measures": measures(), "held_out": numbers}
    write_checkpoint(path, refiner, {**told, "curve": thinned(record["curve"], LINES)})
    return path


def refiner_run(run: RunConfig, kernel: int, base: Path) -> RunConfig:
    """One phase that trains a refiner of `kernel` on all data sets at once, as the last phase of `run` does; the `base` from a file is frozen."""
    last = run.recipe[-1]
    phase = replace(last, datasets=ROLES, steps=LONGER * last.steps, rates=Rates(0.0, 0.0, 0.0, last.rates.refiner))
    return changed(run, {"row": f"baseline-kernel{kernel}", "network.refine.kernel": kernel, "recipe": (phase,), "start": Start("file", str(base))})


def judged(network: MattingNetwork, run: RunConfig, progress: Progress | None = None, what: str = "") -> list[dict[str, Any]]:
    """A line of numbers for every held-out picture of rendered people (see `evaluation.judge`)."""
    network, pictures, rows = prepare_for_inference(network), test_pictures(run.test, run.data, "test", run.sources).of(HELD_OUT), []
    for index, picture in enumerate(pictures):
        with torch.inference_mode():
            rows.append(judge(picture, network(picture.src, picture.bgr)))
        if progress:
            progress(index + 1, len(pictures), what)
    return rows


def held_out(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The mean of every measure over pictures, and the MAD of each of them."""
    mean = {name: fmean(row[name] for row in rows) for name in measures()}
    return {"set": HELD_OUT, "pictures": len(rows), "mean": mean, "mad": {row["image"]: row["mad"] for row in rows}}


def measures() -> dict[str, str]:
    """What is told of a matte, raw, and what it means: over the frame, and over the trimap's unknown region."""
    return MEASURES | {f"{name}{UNKNOWN}": f"{meaning}; over the trimap's unknown region alone" for name, meaning in MEASURES.items()}


def thinned(curve: Iterable[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """About `most` lines of a learning curve, and all in which the validation error was measured."""
    lines = list(curve)
    return [line for place, line in enumerate(lines) if place % -(-len(lines) // most) == 0 or line["validation"]]
