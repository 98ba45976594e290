"""Weights on disk: safetensors and JSON, nothing that executes on load, whole or not at all, checked by hash."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import Tensor

from bgmatte.cache import checkpoint_fault, record_path, write_text, written_whole
from bgmatte.fingerprint import file_digest
from bgmatte.network.loading import CheckpointError, read_weights


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
    return read_weights(path), json.loads(record_path(path).read_text())
