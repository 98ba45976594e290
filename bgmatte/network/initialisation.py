"""A network's first weights: what the paper starts from, copied by name, and a record of what was copied and what is random."""

from collections.abc import Collection, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bgmatte.cache import checkpoint_fault
from bgmatte.config import Backbone, NetworkConfig, Start
from bgmatte.fingerprint import file_digest
from bgmatte.network.loading import CheckpointError, load_weights, read_weights
from bgmatte.network.matting import MattingNetwork
from bgmatte.starting import IMAGENET, starting_file, starting_weights

# The 6-channel first convolution starts random, as in the paper: published ones have seen 3 channels.
_FIRST = ("backbone.conv1.", "backbone.features.0.0.")
_HEADS = ("fc.", "classifier.", "features.18.")  # of ImageNet's classifiers; 18 is MobileNetV2's last block, which the paper drops
_COUNTER = "num_batches_tracked"
# Layouts of DeepLabV3: torchvision's, and that of the files which the original's authors point to, MobileNetV2 in two parts.
_DEEPLAB = {
    "classifier.classifier.0.": "aspp.",
    "classifier.0.": "aspp.",
    "backbone.low_level_features.": "backbone.features.",
    "backbone.high_level_features.": "backbone.features.",
    "backbone.": "backbone.",
}


def initialise(network: MattingNetwork, config: NetworkConfig, start: Start) -> dict[str, Any]:
    """Give a freshly built `network` of `config` the first weights that `start` names; the others keep their random ones.

    Returns what to keep on record: `policy`, `file` and `sha256`, and the names of what was `copied`, what stayed `random`
    and what of the file is `unused`, whole modules by one name. Raises `CheckpointError` when the weights cannot be had
    or do not fit: there is no silent fallback.
    """
    path = _source(config, start)
    read = read_weights(path) if path else {}
    own = network.state_dict()
    given, missing = _chosen(start, read, own)
    counters = [name for name in own if name.endswith(_COUNTER)]  # older files have none, and nothing depends on them
    if path:
        load_weights(network, {name: read[source] for name, source in given.items()}, str(path), allow_missing=(*missing, *counters))
    return {
        "policy": start.policy,
        "file": path.name if path else None,
        "sha256": file_digest(path) if path else None,
        "copied": folded(given, own),
        "random": folded(own.keys() - given, own),
        "unused": folded(read.keys() - set(given.values()), read),
    }


def _source(config: NetworkConfig, start: Start) -> Path | None:
    given = starting_file(config, start)
    if given is not None:
        return given
    if start.policy == "imagenet":
        return _fetched(config.backbone)
    if start.policy == "nothing":
        return None
    path = starting_weights(config)
    fault = checkpoint_fault(path)
    if fault:
        raise CheckpointError(fault)
    return path


def _chosen(start: Start, read: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The entries to copy, as our name → the file's, and the beginnings of ours that the file need not have."""
    untrained = ("decoder.", "refiner.")
    if start.policy == "imagenet":
        renamed = {f"backbone.{name}": name for name in read if not name.startswith(_HEADS)}
        return _without(renamed, _FIRST), (*_FIRST, "aspp.", *untrained)
    if start.policy == "deeplabv3":
        renamed = {_deeplab(name): name for name in read}
        renamed.pop("", None)
        if "aspp.project.0.weight" in own:
            return _without(renamed, _FIRST), (*_FIRST, *untrained)
        return _without(renamed, (*_FIRST, "aspp.")), (*_FIRST, "aspp.", *untrained)  # no ASPP in this network

    parts = {name.partition(".")[0] for name in own}
    unused = () if "refiner" in parts else ("refiner.",)  # a network or a phase without refinement
    absent = parts - {name.partition(".")[0] for name in read} - {"backbone"}
    return _without({name: name for name in read}, unused), tuple(f"{part}." for part in absent)


def _without(names: Mapping[str, str], beginnings: tuple[str, ...]) -> dict[str, str]:
    return {name: source for name, source in names.items() if not name.startswith(beginnings)}


def _deeplab(name: str) -> str:
    """Our name for an entry of DeepLabV3; empty for what this network has not."""
    return next((ours + name.removeprefix(theirs) for theirs, ours in _DEEPLAB.items() if name.startswith(theirs)), "")


def _fetched(backbone: Backbone) -> Path:
    """torchvision's ImageNet weights in its own cache, fetched by its own loader and checked by the hash in their name."""
    from torchvision.models import get_weight

    weights = get_weight(IMAGENET[backbone])
    path = Path(torch.hub.get_dir()) / "checkpoints" / Path(weights.url).name
    if not path.exists():
        try:
            weights.get_state_dict(progress=False, check_hash=True, weights_only=True)
        except (OSError, HTTPException, RuntimeError) as error:
            told = f"{weights.url} cannot be fetched ({error}); fetch it elsewhere and put it at {path}, or choose another start.policy"
            raise CheckpointError(f"start.policy 'imagenet': {told}") from None
    expected = path.stem.rpartition("-")[2]
    if not file_digest(path).startswith(expected):
        raise CheckpointError(f"{path}: damaged; its hash does not begin with {expected}; remove it, and it is fetched again")
    return path


def folded(names: Collection[str], everything: Collection[str]) -> list[str]:
    """`names` in the order of `everything`, whole modules under one name; the batch norms' counters are not told.

    >>> folded(["a.weight", "b.0.weight", "b.1.weight"], ["a.weight", "a.bias", "b.0.weight", "b.1.weight"])
    ['a.weight', 'b']
    """
    told = [name for name in everything if not name.endswith(_COUNTER)]
    broken = {head for name in told if name not in names for head in _heads(name)}
    return list(dict.fromkeys(next(head for head in _heads(name) if head not in broken) for name in told if name in names))


def _heads(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
