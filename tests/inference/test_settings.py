"""How much is refined at which size, and which weights do it."""

import pytest
import torch

from bgmatte.__main__ import main
from bgmatte.config import NetworkConfig, RefineConfig
from bgmatte.inference.refusals import MatteError
from bgmatte.inference.settings import Settings, configured
from bgmatte.inference.weights import check_precision, chosen_device, chosen_network
from bgmatte.jsonable import ConfigError
from bgmatte.network.loading import CheckpointError

NETWORK = NetworkConfig(backbone="mobilenetv2", width=0.25, refine=RefineConfig(selector="grid", patches=7))


@pytest.mark.parametrize(
    ("height", "width", "scale", "patches"),
    [(1080, 1920, 0.25, 5_000), (2160, 3840, 0.125, 20_000), (1440, 2560, 0.25, 8_889), (512, 512, 0.25, 632), (1920, 1080, 0.25, 5_000)],
)
def test_defaults_are_the_papers_at_hd_and_4k(height, width, scale, patches):
    config = configured(NETWORK, height, width, Settings())
    assert (config.scale, config.refine.patches, config.refine.selector) == (scale, patches, "grid")


def test_what_is_asked_for_wins():
    config = configured(NETWORK, 1080, 1920, Settings("error", 12, None, 0.5))
    assert config == NetworkConfig(backbone="mobilenetv2", width=0.25, scale=0.5, refine=RefineConfig(patches=12))
    assert configured(NETWORK, 64, 64, Settings(patches="all")).refine == RefineConfig(selector="grid", patches=None, everywhere=True)
    assert configured(NETWORK, 64, 64, Settings(threshold=0.1)).refine == RefineConfig(selector="grid", patches=None, threshold=0.1)
    assert configured(NETWORK, 64, 64, Settings(patches=0)).refine.patches == 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"selector": "oracle"}, "selector: 'oracle' is not allowed; allowed: error, random"),
        ({"patches": 5, "threshold": 0.1}, "patches and threshold"),
        ({"patches": -1}, "patches: -1"),
        ({"scale": 0.6}, "scale: 0.6 .*at most 0.5"),
    ],
)
def test_contradictions_are_refused(asked, said):
    with pytest.raises(ConfigError, match=said):
        Settings(**asked)


def test_weights_without_a_refiner_and_pictures_too_small_are_refused():
    bare = NetworkConfig(refine=None)
    assert configured(bare, 1080, 1920, Settings(scale=0.1)) == NetworkConfig(refine=None, scale=0.1)
    with pytest.raises(ConfigError, match=r"'patches': 9.*no refinement network"):
        configured(bare, 1080, 1920, Settings(patches=9))
    with pytest.raises(ConfigError, match=r"scale: 0.01 .*for 64×48 px"):
        configured(NETWORK, 48, 64, Settings(scale=0.01))


def test_weights_come_from_a_file_or_a_trained_row(checkpoint, tmp_path):
    network, config = chosen_network(checkpoint, None, "quick", 0)
    assert not network.training and (config.backbone, config.width) == ("mobilenetv2", 0.25)
    for both in ((None, None), (checkpoint, "baseline")):
        with pytest.raises(MatteError, match=r"--checkpoint FILE.*--row baseline.*python -m bgmatte train --profile quick --row baseline --seed 0"):
            chosen_network(*both, "quick", 0)
    with pytest.raises(
        MatteError, match=r"row select-grid, seed 3 is not trained.*python -m bgmatte train --profile smoke --row select-grid --seed 3"
    ):
        chosen_network(None, "select-grid", "smoke", 3)
    with pytest.raises(ConfigError, match="row: 'difference-key' is not allowed; allowed: baseline, no-refinement"):
        chosen_network(None, "difference-key", "quick", 0)
    with pytest.raises(CheckpointError, match=r"none\.pth: missing"):
        chosen_network(tmp_path / "none.pth", None, "quick", 0)


def test_devices_are_checked():
    assert chosen_device("cpu") == torch.device("cpu")
    assert chosen_device(None).type in ("cpu", "cuda")
    for name in ("toaster", "xpu:7", "meta"):
        with pytest.raises(MatteError, match=rf"--device {name}: cannot be used here"):
            chosen_device(name)


def test_bench_checks_its_device_and_precision_too(monkeypatch, capsys):
    assert main(["bench", "--profile", "smoke", "--device", "toaster"]) == 2
    assert "error: --device toaster: cannot be used here" in capsys.readouterr().err
    for precision in ("float32", "bfloat16"):
        check_precision(torch.device("cpu"), precision)
    monkeypatch.setattr("torch.nn.functional.conv2d", lambda *_: (_ for _ in ()).throw(RuntimeError("no such kernel\nat line 7")))
    with pytest.raises(MatteError, match=r"^--precision float16: cannot be used on cpu \(no such kernel\); allowed: float32, or another --device$"):
        check_precision(torch.device("cpu"), "float16")
