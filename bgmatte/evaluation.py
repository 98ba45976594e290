"""From trained weights to numbers: every held-out picture, every metric, raw, and the pictures one looks at."""

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from bgmatte import installed
from bgmatte.cache import checkpoint_path
from bgmatte.config import PATCH, RunConfig
from bgmatte.data.test_pictures import HELD_OUT, Picture, TestPictures, test_pictures
from bgmatte.fingerprint import machine
from bgmatte.history import learning_curves, phase_record, phase_story, training_seconds
from bgmatte.jsonable import digest
from bgmatte.keying import DifferenceKey, tuned_key
from bgmatte.lineage import judges
from bgmatte.metrics import connectivity_error, foreground_mse, gradient_error, mad, mad_by_distance, mse, sad, unknown_region
from bgmatte.network import Matte, MattingNetwork, build, prepare_for_inference, with_selector
from bgmatte.network.loading import CheckpointError, load_weights
from bgmatte.patches import coarse_error
from bgmatte.phases import phase_plans
from bgmatte.records import seal, write_table
from bgmatte.sampling import sample_crops, save_pictures
from bgmatte.training.checkpoints import read_checkpoint

UNKNOWN_RADIUS = 1 / 64  # of the picture's side: half the width of the trimap's unknown band around a hard edge
Matter = Callable[[Picture], Matte]


@dataclass(frozen=True)
class Judged:
    """One way of matting that a run is judged by: `own` weights, or the baseline's with this row's selector (`swapped`)."""

    weights: str
    matter: Matter


def evaluate_run(run: RunConfig, folder: Path, progress: Callable[[int, int, str], None] | None = None) -> Path:
    """Judge a run on every held-out picture and write its record into `folder`; its phases must be finished.

    Raises `CheckpointError` when a phase is missing or damaged.
    """
    begun = time.monotonic()
    pictures = test_pictures(run.test, run.data, "test", run.sources)
    judged, story = matters(run)
    samples = sample_crops(pictures.of(HELD_OUT))

    rows: list[dict[str, Any]] = []
    for index, picture in enumerate(pictures):
        for way in judged:
            matte = way.matter(picture)
            rows.append({"weights": way.weights, **judge(picture, matte)})
            if way.weights == "own" and picture.name in samples:
                save_pictures(folder / "pictures" / picture.name, picture, matte)
        if progress:
            progress(index + 1, len(pictures), "evaluation")

    write_table(folder / "images.csv", rows)
    write_table(folder / "curves.csv", learning_curves(run))
    (folder / "pictures" / "samples.json").write_text(json.dumps([{"image": name, "crop": crop} for name, crop in samples.items()], indent=1))
    seconds = {**training_seconds(run), "evaluate": time.monotonic() - begun}
    story = {
        **story,
        "held_out": held_out_story(pictures),
        "seconds": seconds,
        "start": start_of(run),
        "machine": machine(),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    seal(folder, run, story)
    return folder


def matters(run: RunConfig) -> tuple[list[Judged], dict[str, Any]]:
    """The ways a run is judged by, and what its record tells of them."""
    if run.mask == "key":
        key = tuned_key((p.src, p.bgr, p.pha) for p in test_pictures(run.test, run.data, "validation", run.sources))
        return [Judged("own", lambda picture: _keyed(picture, key))], {"key": {"low": key.low, "high": key.high}, "phases": []}

    sources = judges(run)
    ways = [Judged(weights, _matter(trained_network(source, run), run)) for weights, source in sources.items()]
    return ways, {"phases": [phase_story(plan) for plan in phase_plans(sources["own"])]}


def trained_network(source: RunConfig, run: RunConfig) -> MattingNetwork:
    """The weights that `source` trained, prepared for inference, choosing patches as `run` does.

    Raises `CheckpointError` when they are not there, with the command that trains them.
    """
    path = checkpoint_path(phase_plans(source)[-1].key)
    if not path.exists():
        command = f"python -m bgmatte train --profile {source.profile} --row {source.row} --seed {source.seed}"
        raise CheckpointError(f"row {source.row}, seed {source.seed} is not trained ({path}: missing); this trains it: {command}")
    network = build(source.network)
    load_weights(network, read_checkpoint(path)[0], str(path))
    if run.network.refine:
        network = with_selector(network, run.network, run.network.refine.selector)
    return prepare_for_inference(network)


def judge(picture: Picture, matte: Matte) -> dict[str, Any]:
    """One line of `images.csv`: raw metrics of a matte over the frame and over the trimap's unknown region."""
    pha, true = matte.pha, picture.pha
    region = unknown_region(true, max(1, round(true.shape[-1] * UNKNOWN_RADIUS)))
    error = coarse_error(matte.pha_sm, true)
    refined = matte.ref_sm
    values: dict[str, Tensor] = {
        "mad": mad(pha, true),
        "mse": mse(pha, true),
        "sad": sad(pha, true),
        "grad": gradient_error(pha, true),
        "conn": connectivity_error(pha, true),
        "fgr_mse": foreground_mse(matte.fgr, picture.fgr, true),
        "mad_unknown": mad(pha, true, region),
        "mse_unknown": mse(pha, true, region),
        "sad_unknown": sad(pha, true, region),
        "grad_unknown": gradient_error(pha, true, region),
    }
    patches = int(refined.sum())
    covered = float((error * refined).sum() / error.sum()) if patches and error.sum() > 0 else None
    values |= mad_by_distance(pha, true)
    names = {"set": picture.set, "image": picture.name, "subject": picture.subject, "background": picture.background}
    numbers = {name: None if value.isnan() else float(value) for name, value in values.items()}
    return {**names, **numbers, "patches": patches, "covered": covered}


def held_out_story(pictures: TestPictures) -> dict[str, Any]:
    """Which held-out sets were judged, how many pictures of each, and which optional ones were left out, and why."""
    counts = Counter(pictures.stock.sets[line.subject] for line in pictures.table)
    return {"pictures": dict(counts), "left_out": [reason for name in installed.PACKAGES if (reason := installed.absence(name))]}


def start_of(run: RunConfig) -> dict[str, Any]:
    """Where the weights came from, as the first phase recorded it (see `network.initialisation.initialise`)."""
    if run.mask == "key":
        return {"policy": "nothing", "file": None, "sha256": None}
    return dict(phase_record(phase_plans(judges(run)["own"])[0])["start"])


def _matter(network: MattingNetwork, run: RunConfig) -> Matter:
    def matte(picture: Picture) -> Matte:
        seed = int(digest({"seed": run.seed, "image": picture.name})[:15], 16)  # the random selector's luck, fixed per picture
        with torch.inference_mode():
            return network(picture.src, picture.bgr, generator=Generator().manual_seed(seed), true_pha=picture.pha)

    return matte


def _keyed(picture: Picture, key: DifferenceKey) -> Matte:
    """The key's matte; it knows no foreground, so the source stands for it, and it refines nothing."""
    pha = key(picture.src, picture.bgr)
    small = F.avg_pool2d(pha, PATCH)
    nothing = torch.zeros_like(small)
    return Matte(pha, picture.src, small, F.avg_pool2d(picture.src, PATCH), nothing, nothing.bool())
