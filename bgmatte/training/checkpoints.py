"""Weights on disk: safetensors and JSON, nothing that executes on load, whole or not at all, checked by hash."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from bgmatte.cache import checkpoint_fault, record_path, write_text, written_whole
from bgmatte.fingerprint import file_digest


class CheckpointError(ValueError):
    """A checkpoint that is missing, damaged or of another network; the message names the file and what differs."""


def write_checkpoint(path: Path, tensors: Mapping[str, Tensor], record: Mapping[str, Any]) -> None:
    """Write `path` and, last, its JSON record with the hash, so that a record means a finished checkpoint."""
    record_path(path).unlink(missing_ok=True)
    with written_whole(path) as temporary:
        temporary.write_bytes(save({name: tensor.detach().contiguous() for name, tensor in tensors.items()}))
    write_text(record_path(path), json.dumps({**record, "sha256": file_digest(path)}, indent=1) + "\n")


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and record of a checkpoint; raises `CheckpointError` unless the hash agrees."""
    problem = checkpoint_fault(path)
    if problem:
        raise CheckpointError(problem)
    try:
        return load(path.read_bytes()), json.loads(record_path(path).read_text())
    except SafetensorError as error:
        raise CheckpointError(f"{path}: not a safetensors file ({error})") from None


def load_weights(module: torch.nn.Module, tensors: Mapping[str, Tensor], source: str, *, allow_missing: tuple[str, ...] = ()) -> None:
    """Copy `tensors` into `module`; names or shapes that differ raise `CheckpointError` with the first of them.

    Names that begin with one of `allow_missing` may be absent from `tensors` and keep their values.
    """
    own = module.state_dict()
    missing = [name for name in own if name not in tensors and not name.startswith(allow_missing)]
    unknown = [name for name in tensors if name not in own]
    shapes = [
        f"{name} {tuple(tensors[name].shape)} for {tuple(own[name].shape)}"
        for name in own
        if name in tensors and tensors[name].shape != own[name].shape
    ]
    for what, names in (("missing", missing), ("unknown", unknown), ("of another shape", shapes)):
        if names:
            raise CheckpointError(f"{source}: {len(names)} entries {what}, the first: {', '.join(names[:5])}")
    module.load_state_dict({**own, **{name: tensor.to(own[name].dtype) for name, tensor in tensors.items()}})
