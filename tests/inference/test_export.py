"""Networks as ONNX files: ONNX Runtime gives the network's numbers, and a file that does not is not kept."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from bgmatte.__main__ import main
from bgmatte.config import NetworkConfig, RefineConfig
from bgmatte.inference.export import _run, difference, export, scene_pair
from bgmatte.inference.exportable import Exportable, FixedRefiner
from bgmatte.inference.refusals import MatteError
from bgmatte.jsonable import ConfigError, changed
from bgmatte.network import with_config
from bgmatte.network.loading import network_from_file
from bgmatte.patches import top_k

CONFIG = NetworkConfig("mobilenetv2", width=0.25, refine=RefineConfig(patches=40))


@pytest.fixture(scope="module")
def exported(checkpoint, tmp_path_factory) -> Path:
    """A file for two pictures of odd size at a time."""
    out = tmp_path_factory.mktemp("onnx") / "network.onnx"
    size = ("--height", "61", "--width", "94", "--batch", "2", "--patches", "40")
    assert main(["export", "--checkpoint", str(checkpoint), "--out", str(out), *size]) == 0
    return out


def run(file: Path, src: np.ndarray, bgr: np.ndarray) -> dict[str, np.ndarray]:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return dict(zip((output.name for output in session.get_outputs()), session.run(None, {"src": src, "bgr": bgr}), strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_onnx_runtime_agrees_with_the_network(exported, checkpoint, seed):
    network = with_config(network_from_file(checkpoint)[0], CONFIG)
    generator = torch.Generator().manual_seed(seed)
    pair = torch.rand(2, 2, 3, 61, 94, generator=generator)
    seen = run(exported, *pair.numpy())
    with torch.inference_mode():
        wanted = network(*pair)._asdict()
    assert list(seen) == list(wanted)
    assert 0 < int(wanted["ref_sm"].sum()) <= 80
    for name, x in wanted.items():
        assert np.abs(seen[name].astype(np.float32) - x.float().numpy()).max() <= 1e-3, name


def test_equal_pictures_and_black_ones_work_too(exported, checkpoint):
    """Errors of 0 and ties everywhere: what the network drops the file drops."""
    network = with_config(network_from_file(checkpoint)[0], CONFIG)
    for src in (torch.zeros(2, 3, 61, 94), torch.full((2, 3, 61, 94), 0.5)):
        seen = run(exported, src.numpy(), src.numpy())
        with torch.inference_mode():
            wanted = network(src, src)
        assert np.abs(seen["pha"] - wanted.pha.numpy()).max() <= 1e-3 and np.array_equal(seen["ref_sm"], wanted.ref_sm.numpy())


def test_the_file_says_what_it_is(exported):
    import onnx

    model = onnx.load(exported)
    onnx.checker.check_model(model)
    assert json.loads(model.metadata_props[0].value)["refine"]["patches"] == 40
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 18)]
    assert [path.name for path in exported.parent.iterdir()] == ["network.onnx"]


# How these become ONNX is seen above: they use a part of the same operators.
@pytest.mark.parametrize(
    "change",
    [
        {"refine.patches": 0},
        {"refine.patches": 9_999},
        {"refine.selector": "grid"},
        {"refine.selector": "edge-image", "refine.kernel": 1},
        {"refine": RefineConfig(patches=None, threshold=0.5)},
        {"refine": RefineConfig(patches=None, everywhere=True)},
        {"refine": None},
    ],
)
def test_what_is_exported_is_the_same_function(tools, change):
    config = changed(CONFIG, change)
    network = tools.lively(config)
    pair = scene_pair(2, 61, 94)
    with torch.inference_mode():
        for seen, wanted in zip(Exportable(network, config)(*pair), with_config(network, config)(*pair), strict=True):
            torch.testing.assert_close(seen, wanted)


def test_patches_that_are_not_chosen_are_not_kept(tools):
    """A budget of 12 of which 5 are chosen: 5 differ from the enlarged coarse matte."""
    refiner = FixedRefiner(tools.lively(CONFIG).refiner, 12)
    generator = torch.Generator().manual_seed(0)
    src, bgr, matte, hidden = (torch.rand(1, c, h, w, generator=generator) for c, h, w in ((3, 32, 48), (3, 32, 48), (4, 8, 12), (8, 8, 12)))
    chosen = top_k(torch.rand(1, 1, 8, 12, generator=generator), 5)
    with torch.no_grad():
        refined, coarse = refiner(src, bgr, matte, hidden, chosen), nn.functional.interpolate(matte, (32, 48), mode="bilinear")
    cells = (refined != coarse).any(1, keepdim=True).float()
    assert torch.equal(nn.functional.max_pool2d(cells, 4) > 0, chosen)


def test_a_file_that_differs_is_not_kept(checkpoint, exported, tmp_path, monkeypatch, tools):
    network, _ = network_from_file(checkpoint)
    assert difference(exported, with_config(network, CONFIG), CONFIG, scene_pair(2, 61, 94)) < 1e-5
    network.decoder.conv4.bias.data[0] += 0.01  # another network than the file's
    assert difference(exported, with_config(network, CONFIG), CONFIG, scene_pair(2, 61, 94)) > 1e-3

    bad = SimpleNamespace(model=SimpleNamespace(metadata_props={}), save=lambda path, external_data: path.write_bytes(b"bad"))
    monkeypatch.setattr("torch.onnx.export", lambda *_, **__: bad)
    monkeypatch.setattr("bgmatte.inference.export.difference", lambda *_: 0.2)
    with pytest.raises(MatteError, match=r"bad\.onnx: ONNX Runtime differs from the network by 0\.2; the file was not kept; allowed: at most 0\.001"):
        export(network, CONFIG, tmp_path / "bad.onnx", 32, 32)
    assert list(tmp_path.iterdir()) == []


def test_a_swapped_patch_counts_by_how_far_its_score_lies_from_the_cut(exported, checkpoint, monkeypatch):
    network = with_config(network_from_file(checkpoint)[0], CONFIG)
    pair = scene_pair(2, 61, 94)
    honest = _run(exported, pair)
    with torch.inference_mode():
        plain = network(*pair)
    worst = nn.functional.interpolate(plain.err_sm, plain.ref_sm.shape[2:], mode="bilinear")[0, 0].flatten().argmin()
    swapped = plain.ref_sm.clone()
    swapped[0, 0].flatten()[worst] = True  # a view: the patch with the least error is refined as well
    monkeypatch.setattr("bgmatte.inference.export._run", lambda *_: [*honest[:-1], swapped])
    assert difference(exported, network, CONFIG, pair) > 1e-2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"out": Path("network.pb")}, "--out: 'network.pb' is not allowed; allowed: a file whose name ends in .onnx"),
        ({"opset": 12}, "--opset: 12 is not allowed; allowed: 18 to 23"),
        ({"batch": 0}, "--batch: 0"),
        ({"config": changed(CONFIG, {"refine.selector": "random"})}, "--selector: 'random'"),
    ],
)
def test_what_cannot_be_exported_is_refused(tools, given, said):
    options = {"config": CONFIG, "out": Path("network.onnx"), "height": 32, "width": 32, **given}
    with pytest.raises(ConfigError, match=said):
        export(tools.lively(CONFIG), **options)


def test_missing_packages_are_named(tools, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(MatteError, match="export needs onnxscript, which is not installed; this installs it: pip install onnxscript"):
        export(tools.lively(CONFIG), CONFIG, tmp_path / "network.onnx", 32, 32)


def test_a_file_that_is_there_is_not_replaced(exported, checkpoint, capsys):
    assert main(["export", "--checkpoint", str(checkpoint), "--out", str(exported), "--height", "61", "--width", "94"]) == 2
    assert capsys.readouterr().err == f"error: --out: {exported} there already; allowed: another place, or --overwrite\n"


def test_a_folder_is_not_replaced(checkpoint, tmp_path, capsys):
    kept = tmp_path / "mine.onnx" / "kept"
    kept.mkdir(parents=True)
    assert main(["export", "--checkpoint", str(checkpoint), "--out", str(kept.parent), "--height", "61", "--width", "94", "--overwrite"]) == 2
    assert f"error: {kept.parent}: a folder, where a file is to be written" in capsys.readouterr().err
    assert kept.is_dir()
