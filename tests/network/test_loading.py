"""Weights from files: what is read, what is refused by name, and which network a file without a record belongs to."""

import json
import os
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from bgmatte.config import NetworkConfig, RefineConfig, Stage
from bgmatte.fingerprint import file_digest
from bgmatte.jsonable import ConfigError, to_dict
from bgmatte.network import MattingNetwork, build, with_config
from bgmatte.network.loading import CheckpointError, inferred, load_weights, network_from_file, read_weights

SMALL = NetworkConfig(backbone="mobilenetv2", width=0.25)


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    return build(SMALL, seed=4).state_dict()


def same(network: MattingNetwork, weights: dict[str, Tensor]) -> bool:
    own = network.state_dict()
    return list(own) == list(weights) and all(torch.equal(own[name], weights[name]) for name in own)


def in_parallel(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return OrderedDict((f"module.{name}", tensor) for name, tensor in weights.items())


@pytest.mark.parametrize("name", ["a.pth", "a.pt", "a.safetensors"])
def test_a_plain_file_is_read_whole(name: str, weights: dict[str, Tensor], tmp_path: Path) -> None:
    save_file(weights, tmp_path / name) if name.endswith("safetensors") else torch.save(weights, tmp_path / name)
    network, config = network_from_file(tmp_path / name)
    assert same(network, weights) and config == SMALL
    assert not network.training


@pytest.mark.parametrize("key", ["state_dict", "model_state", "model"])
def test_what_training_scripts_put_around_weights_is_taken_off(key: str, weights: dict[str, Tensor], tmp_path: Path) -> None:
    torch.save({"epoch": 3, "best_score": np.float64(0.7), "optimizer": {"lr": 0.1}, key: in_parallel(weights)}, tmp_path / "a.pth")
    assert same(network_from_file(tmp_path / "a.pth")[0], weights)


class Runs:
    """Whoever unpickles this runs a command."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch executed",)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_that_wants_to_execute_is_refused_by_name(zipped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"a": torch.zeros(1), "b": Runs()}, tmp_path / "bad.pth", _use_new_zipfile_serialization=zipped)
    with pytest.raises(CheckpointError, match=r"bad.pth: refused: reading it would call \w+.system"):
        read_weights(tmp_path / "bad.pth")
    assert not (tmp_path / "executed").exists()


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_a_torchscript_archive_is_told_from_weights(tmp_path: Path) -> None:
    torch.jit.save(torch.jit.freeze(torch.jit.trace(torch.nn.Linear(2, 2).eval(), torch.zeros(1, 2))), tmp_path / "script.pth")
    with pytest.raises(CheckpointError, match=r"script.pth: a TorchScript archive"):
        read_weights(tmp_path / "script.pth")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nowhere.pth", None, "missing"),
        ("empty.pth", b"", "not a file of weights"),
        ("text.pth", b"hello", "not a file of weights"),
        ("text.safetensors", b"hello", "not a safetensors file"),
        ("net.onnx", b"hello", "read from .safetensors, .pth, .pt"),
        ("list.pth", [1, 2], "not named weights but a list"),
        ("none.pth", {}, "not named weights but a mapping of nothing"),
        ("other.pth", {"epoch": 1, "net": torch.zeros(2)}, "not named weights but a mapping of epoch, net"),
    ],
)
def test_what_is_no_file_of_weights_is_refused_in_words(name: str, content: object, words: str, tmp_path: Path) -> None:
    if isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    elif content is not None:
        torch.save(content, tmp_path / name)
    with pytest.raises(CheckpointError, match=f"{name}: .*{words}"):
        read_weights(tmp_path / name)


def test_half_a_file_is_refused(weights: dict[str, Tensor], tmp_path: Path) -> None:
    torch.save(weights, tmp_path / "a.pth")
    content = (tmp_path / "a.pth").read_bytes()
    (tmp_path / "a.pth").write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointError, match=r"a.pth: not a file of weights, or a damaged one"):
        read_weights(tmp_path / "a.pth")


def test_weights_of_another_network_are_refused_with_names() -> None:
    module = torch.nn.Linear(3, 2)
    with pytest.raises(CheckpointError, match=r"elsewhere: 1 entries missing, the first: bias"):
        load_weights(module, {"weight": torch.zeros(2, 3)}, "elsewhere")
    with pytest.raises(CheckpointError, match=r"unknown, the first: gain"):
        load_weights(module, {**module.state_dict(), "gain": torch.zeros(1)}, "elsewhere")
    with pytest.raises(CheckpointError, match=r"of another shape, the first: weight \(3, 2\) for \(2, 3\)"):
        load_weights(module, {"weight": torch.zeros(3, 2), "bias": torch.zeros(2)}, "elsewhere")
    load_weights(module, {"weight": torch.ones(2, 3).half()}, "elsewhere", allow_missing=("bias",))
    assert module.weight.dtype == torch.float32 and bool((module.weight == 1).all())


@pytest.mark.parametrize("width", [0.25, 0.3, 1 / 3, 1.0])
@pytest.mark.parametrize("backbone", ["resnet50", "resnet101", "mobilenetv2"])
@pytest.mark.parametrize(("context", "refine"), [("aspp", RefineConfig()), ("aspp", None), ("projection", RefineConfig(kernel=1))])
def test_every_network_is_known_by_its_names_and_shapes(backbone, context, refine, width) -> None:
    config = NetworkConfig(backbone=backbone, context=context, width=width, refine=refine)
    with torch.device("meta"):
        weights = build(config).state_dict()
    assert inferred(weights, "file") == config


@pytest.mark.parametrize("change", ["missing", "unknown", "shape"])
def test_a_file_that_is_nearly_a_network_is_refused_with_the_difference(change: str, weights: dict[str, Tensor], tmp_path: Path) -> None:
    other = dict(weights)
    if change == "missing":
        del other["aspp.convs.1.0.weight"]
    else:
        other["extra.weight" if change == "unknown" else "decoder.bn1.weight"] = torch.zeros(3)
    torch.save(other, tmp_path / "near.pth")
    name = {"missing": "aspp.convs.1.0.weight", "unknown": "extra.weight", "shape": r"decoder.bn1.weight \(3,\) for \(32,\)"}[change]
    with pytest.raises(CheckpointError, match=rf"near.pth: closest to mobilenetv2 with aspp at width 0.25, but 1 entries .*, the first: {name}"):
        network_from_file(tmp_path / "near.pth")


def test_a_file_of_something_else_is_refused_with_what_was_seen(tmp_path: Path) -> None:
    torch.save(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU(), torch.nn.Linear(2, 2)).state_dict(), tmp_path / "other.pth")
    with pytest.raises(CheckpointError, match=r"other.pth: no network is known by these 4 entries: 0.weight, 0.bias, 2.weight, 2.bias"):
        network_from_file(tmp_path / "other.pth")


def test_the_record_beside_a_checkpoint_says_what_names_and_shapes_cannot(tmp_path: Path) -> None:
    one_stage = (Stage(0.5, (24, 16, 12, 4)),)
    config = replace(SMALL, scale=0.5, refine=RefineConfig(selector="grid", patches=7, stages=one_stage))
    path = tmp_path / "own.safetensors"
    save_file(build(config).state_dict(), path)
    with pytest.raises(CheckpointError, match=r"refiner.conv3.weight"):
        network_from_file(path)  # nothing says at which resolution its one stage works

    assert network_from_file(path, config)[1] == config
    path.with_suffix(".json").write_text(json.dumps({"plan": {"network": to_dict(config)}, "sha256": file_digest(path)}))
    network, read = network_from_file(path)
    assert read == config and network.scale == 0.5

    path.with_suffix(".json").write_text(json.dumps({"plan": {"network": {"backbone": "vgg"}}, "sha256": file_digest(path)}))
    with pytest.raises(CheckpointError, match=r"own.json: .*backbone.*vgg"):
        network_from_file(path)
    path.with_suffix(".json").write_text(json.dumps({"plan": {"network": to_dict(config)}, "sha256": "0" * 64}))
    with pytest.raises(CheckpointError, match=r"own.safetensors: damaged or replaced"):
        network_from_file(path)


def test_a_given_configuration_must_fit(weights: dict[str, Tensor], tmp_path: Path) -> None:
    torch.save(weights, tmp_path / "a.pth")
    with pytest.raises(CheckpointError, match=r"a.pth: .* entries of another shape, the first: refiner.conv1.weight"):
        network_from_file(tmp_path / "a.pth", replace(SMALL, refine=RefineConfig(kernel=1)))


def test_scale_selector_and_budget_change_without_the_weights() -> None:
    network = build(SMALL).eval()
    src, bgr = (torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
    other = with_config(network, replace(SMALL, scale=0.5, refine=RefineConfig(selector="grid", patches=11)))
    with torch.no_grad():
        matte, plain = other(src, bgr), with_config(network, replace(SMALL, refine=None))(src, bgr)
    assert other.decoder is network.decoder and not other.training
    assert matte.pha_sm.shape[2:] == (32, 32) and int(matte.ref_sm.sum()) == 11
    assert not plain.ref_sm.any() and network.refiner is not None
    with pytest.raises(ConfigError, match="hold no refiner"):
        with_config(build(replace(SMALL, refine=None)), SMALL)
