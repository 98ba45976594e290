"""A training step is timed part by part, both ways in turn, from the same weights and pictures."""

import pytest
import torch

from bgmatte.config import NetworkConfig
from bgmatte.timing.training import TRAINING_PARTS, time_training


def test_both_ways_learn_the_same_and_every_part_has_its_time() -> None:
    threads = torch.get_num_threads()
    found = time_training(NetworkConfig(backbone="mobilenetv2"), batch=2, size=64, repeats=2)
    assert torch.get_num_threads() == threads
    assert found["difference"] < 1e-5
    for path in ("plain", "fast"):
        parts = found[path]["parts"]
        assert tuple(parts) == TRAINING_PARTS and all(ms > 0 for ms in parts.values())
        assert found[path]["steps_per_second"] == pytest.approx(1000 / found[path]["median_ms"])
        assert len(found[path]["ms"]) == 2
    assert found["speedup"]["low"] <= found["speedup"]["median"] <= found["speedup"]["high"]
