"""Weights from files: read without executing anything, checked name by name, and a network inferred from them."""

import json
import pickle
import re
import warnings
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from bgmatte.cache import record_path
from bgmatte.config import Backbone, Context, NetworkConfig, RefineConfig
from bgmatte.fingerprint import file_digest
from bgmatte.jsonable import ConfigError, from_dict
from bgmatte.network.builder import build
from bgmatte.network.matting import MattingNetwork

SUFFIXES = (".safetensors", ".pth", ".pt")
WRAPPERS = ("state_dict", "model_state", "model")  # under which training scripts keep the weights beside other things
# Some scripts keep a number of NumPy's beside the weights, such as the best score so far; making one executes nothing.
_number = np.float64(0).__reduce__()[0]
_NUMBERS: list[Any] = [
    *((_number, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")),
    np.dtype,
    *(type(np.dtype(kind)) for kind in ("f8", "f4", "i8")),
]


class CheckpointError(ValueError):
    """A checkpoint that is missing, damaged or of another network; the message names the file and what differs."""


def read_weights(path: Path) -> dict[str, Tensor]:
    """The named tensors of a `.safetensors`, `.pth` or `.pt` file; nothing in it is executed.

    A `.pth` or `.pt` may hold them under `state_dict`, `model_state` or `model`, beside other things, and every name
    may begin with `module.` (DataParallel); both are taken off. Raises `CheckpointError` for anything else.
    """
    if path.suffix not in SUFFIXES:
        raise CheckpointError(f"{path}: weights are read from {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise CheckpointError(f"{path}: missing")
    content = _safetensors(path) if path.suffix == ".safetensors" else _unpickled(path)
    if isinstance(content, Mapping):
        content = next((content[key] for key in WRAPPERS if isinstance(content.get(key), Mapping)), content)
    if not isinstance(content, Mapping) or not content or not all(isinstance(n, str) and isinstance(t, Tensor) for n, t in content.items()):
        raise CheckpointError(f"{path}: not named weights but {_seen(content)}")
    wrapped = all(name.startswith("module.") for name in content)
    return {name.removeprefix("module.") if wrapped else name: tensor for name, tensor in content.items()}


def load_weights(module: nn.Module, tensors: Mapping[str, Tensor], source: str, *, allow_missing: tuple[str, ...] = ()) -> None:
    """Copy `tensors` into `module`; names or shapes that differ raise `CheckpointError` with the first of them.

    Names that begin with one of `allow_missing` may be absent from `tensors` and keep their values.
    """
    own = module.state_dict()
    problems = differences(own, tensors, allow_missing)
    if problems:
        raise CheckpointError(f"{source}: {problems}")
    module.load_state_dict({**own, **{name: tensor.to(own[name].dtype) for name, tensor in tensors.items()}})


def differences(own: Mapping[str, Tensor], tensors: Mapping[str, Tensor], allow_missing: tuple[str, ...] = ()) -> str:
    """What keeps `tensors` from being the state `own`, in words with the first names of each kind; empty if nothing does."""
    kinds = {
        "missing": [name for name in own if name not in tensors and not name.startswith(allow_missing)],
        "unknown": [name for name in tensors if name not in own],
        "of another shape": [
            f"{name} {tuple(tensors[name].shape)} for {tuple(own[name].shape)}"
            for name in own
            if name in tensors and tensors[name].shape != own[name].shape
        ],
    }
    return "; ".join(f"{len(names)} entries {what}, the first: {', '.join(names[:5])}" for what, names in kinds.items() if names)


def network_from_file(path: Path, config: NetworkConfig | None = None) -> tuple[MattingNetwork, NetworkConfig]:
    """The network whose weights a file holds, in eval mode, and its configuration.

    The configuration is `config` if given, else what the record beside the file says (checkpoints of this project), else
    what names and shapes of the weights tell, with scale, selector and budget as published: an official file has no
    record. Raises `CheckpointError` when the weights are of another network, or of none that this project knows.
    """
    tensors = read_weights(path)
    config = config or _recorded(path) or inferred(tensors, str(path))
    network = build(config)
    load_weights(network, tensors, str(path))
    return network.eval(), config


def inferred(tensors: Mapping[str, Tensor], source: str) -> NetworkConfig:
    """The configuration that names and shapes of a state dict tell; what weights do not show is as published.

    Raises `CheckpointError` with what was seen when they fit no network.
    """
    backbone, deepest = _backbone(tensors)
    context: Context | None = "aspp" if "aspp.project.0.weight" in tensors else "projection" if "aspp.0.weight" in tensors else None
    if not backbone or not context or "decoder.conv1.weight" not in tensors:
        raise CheckpointError(f"{source}: no network is known by these {len(tensors)} entries: {_folded(tensors)}")

    refine = None
    if "refiner.conv1.weight" in tensors:
        refine = RefineConfig(kernel=3 if tensors["refiner.conv1.weight"].shape[-1] == 3 else 1)
    problems = ""
    simple = float(Fraction(deepest).limit_denominator(16))
    for width in (round(deepest, 2), simple, deepest):  # channel counts are rounded, so the width may be a little beside what they say
        config = NetworkConfig(backbone=backbone, context=context, width=min(max(width, 0.01), 1.0), refine=refine)
        with torch.device("meta"):
            problems = differences(build(config).state_dict(), tensors)
        if not problems:
            return config
    raise CheckpointError(f"{source}: closest to {backbone} with {context} at width {deepest:.3g}, but {problems}")


def _backbone(tensors: Mapping[str, Tensor]) -> tuple[Backbone | None, float]:
    """The encoder by its names, and its width by its deepest layer."""
    if "backbone.layer4.0.conv1.weight" in tensors:
        blocks = {name.split(".")[2] for name in tensors if name.startswith("backbone.layer3.")}
        backbone: Backbone | None = {6: "resnet50", 23: "resnet101"}.get(len(blocks))  # type: ignore[assignment]
        return backbone, len(tensors["backbone.layer4.0.conv1.weight"]) / 512
    if "backbone.features.17.conv.2.weight" in tensors:
        return "mobilenetv2", len(tensors["backbone.features.17.conv.2.weight"]) / 320
    return None, 0.0


def _recorded(path: Path) -> NetworkConfig | None:
    """The configuration in the record beside a checkpoint of this project; None where there is no such record."""
    try:
        record = json.loads(record_path(path).read_text())
        network, wanted = record["plan"]["network"], record["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if file_digest(path) != wanted:
        raise CheckpointError(f"{path}: damaged or replaced; its hash is not the one in {record_path(path).name}")
    try:
        return from_dict(NetworkConfig, network)
    except ConfigError as error:
        raise CheckpointError(f"{record_path(path)}: {error}") from None


def _safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load(path.read_bytes())
    except SafetensorError as error:
        raise CheckpointError(f"{path}: not a safetensors file ({error})") from None


def _unpickled(path: Path) -> Any:
    try:
        with warnings.catch_warnings(), torch.serialization.safe_globals(_NUMBERS):
            warnings.simplefilter("ignore")  # what they say is in the refusal
            return torch.load(path, map_location="cpu", weights_only=True)
    except (
        pickle.UnpicklingError,
        RuntimeError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        EOFError,
        OSError,
        MemoryError,
    ) as error:
        raise CheckpointError(f"{path}: {_refusal(str(error))}") from None


def _refusal(message: str) -> str:
    if "TorchScript" in message:
        return "a TorchScript archive, which holds a program; the plain weights are needed (of the published files those named pytorch_*)"
    wanted = re.search(r"GLOBAL ([\w.]+)", message)
    if wanted:
        return f"refused: reading it would call {wanted[1]}; a file with nothing but tensors is needed"
    return "not a file of weights, or a damaged one"


def _seen(content: Any) -> str:
    return f"a mapping of {_folded(map(str, content)) or 'nothing'}" if isinstance(content, Mapping) else f"a {type(content).__name__}"


def _folded(names: Iterable[str]) -> str:
    first = list(dict.fromkeys(".".join(name.split(".")[:2]) for name in names))
    return ", ".join(first[:8]) + (", …" if len(first) > 8 else "")
