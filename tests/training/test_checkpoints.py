"""Checkpoints are whole, checked and never executed."""

import json
from pathlib import Path

import pytest
import torch

from bgmatte.cache import checkpoint_fault, record_path
from bgmatte.network.loading import CheckpointError
from bgmatte.training.checkpoints import read_checkpoint, write_checkpoint


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "deep" / "one.safetensors"
    write_checkpoint(path, {"a.weight": torch.arange(6.0).view(2, 3), "a.bias": torch.ones(2)}, {"seconds": 3.5})
    return path


def test_what_is_written_is_read(written: Path) -> None:
    tensors, record = read_checkpoint(written)
    assert torch.equal(tensors["a.weight"], torch.arange(6.0).view(2, 3)) and record["seconds"] == 3.5
    assert sorted(p.name for p in written.parent.iterdir()) == ["one.json", "one.safetensors"]


def test_a_flipped_bit_is_named(written: Path) -> None:
    content = bytearray(written.read_bytes())
    content[-1] ^= 1
    written.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"one.safetensors: damaged"):
        read_checkpoint(written)


@pytest.mark.parametrize("text", ["", "{}", "[1]", "not json"])
def test_a_broken_record_is_named(written: Path, text: str) -> None:
    record_path(written).write_text(text)
    assert "one.json: cannot be read" in str(checkpoint_fault(written))


def test_a_missing_half_is_named(written: Path) -> None:
    written.unlink()
    assert str(checkpoint_fault(written)).endswith("one.safetensors: missing")


def test_a_failed_write_leaves_no_finished_checkpoint(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", no_space)
    with pytest.raises(OSError, match="No space left"):
        write_checkpoint(written, {"a": torch.zeros(1)}, {})
    assert checkpoint_fault(written) is not None
    assert [p.name for p in written.parent.iterdir()] == ["one.safetensors"]


def test_the_hash_is_the_files(written: Path) -> None:
    import hashlib

    assert json.loads(record_path(written).read_text())["sha256"] == hashlib.sha256(written.read_bytes()).hexdigest()
