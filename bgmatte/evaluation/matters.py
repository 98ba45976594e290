"""The ways a run is judged by: its own weights, the baseline's with its selector, or a key that learned nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Generator
from torch.nn import functional as F

from bgmatte.cache import checkpoint_path
from bgmatte.config import PATCH, RunConfig
from bgmatte.data.test_pictures import Picture, test_pictures
from bgmatte.history import phase_story
from bgmatte.jsonable import digest
from bgmatte.keying import DifferenceKey, tuned_key
from bgmatte.lineage import judges
from bgmatte.network import Matte, MattingNetwork, build, prepare_for_inference, with_selector
from bgmatte.network.loading import CheckpointError, load_weights
from bgmatte.phases import phase_plans
from bgmatte.training.checkpoints import read_checkpoint

Matter = Callable[[Picture], Matte]


@dataclass(frozen=True)
class Judged:
    """One way of matting that a run is judged by: `own` weights, or the baseline's with this row's selector (`swapped`)."""

    weights: str
    matter: Matter
    network: MattingNetwork | None = None  # behind the matter, where there is one


def matters(run: RunConfig) -> tuple[list[Judged], dict[str, Any]]:
    """The ways a run is judged by, and what its record tells of them."""
    if run.mask == "key":
        key = tuned_key((p.src, p.bgr, p.pha) for p in test_pictures(run.test, run.data, "validation", run.sources))
        return [Judged("own", lambda picture: _keyed(picture, key))], {"key": {"low": key.low, "high": key.high}, "phases": []}

    sources = judges(run)
    networks = {weights: trained_network(source, run) for weights, source in sources.items()}
    ways = [Judged(weights, _matter(network, run), network) for weights, network in networks.items()]
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


def _matter(network: MattingNetwork, run: RunConfig) -> Matter:
    def matte(picture: Picture) -> Matte:
        with torch.inference_mode():
            return network(picture.src, picture.bgr, generator=luck(run, picture), true_pha=picture.pha)

    return matte


def luck(run: RunConfig, picture: Picture) -> Generator:
    """The random selector's luck, fixed for each seed and picture."""
    return Generator().manual_seed(int(digest({"seed": run.seed, "image": picture.name})[:15], 16))


def _keyed(picture: Picture, key: DifferenceKey) -> Matte:
    """The key's matte; it knows no foreground, so the source stands for it, and it refines nothing."""
    pha = key(picture.src, picture.bgr)
    small = F.avg_pool2d(pha, PATCH)
    nothing = torch.zeros_like(small)
    return Matte(pha, picture.src, small, F.avg_pool2d(picture.src, PATCH), nothing, nothing.bool())
