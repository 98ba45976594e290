"""What ships: made end to end at smoke size, and the shipped files themselves, which are what their records say."""

import json
import shutil
from pathlib import Path
from statistics import fmean

import pytest
import torch
from torch import Tensor

from bgmatte import records
from bgmatte.cache import checkpoint_path, record_path
from bgmatte.config import NetworkConfig, RunConfig
from bgmatte.data.test_pictures import HELD_OUT
from bgmatte.data.test_pictures import test_pictures as frozen_pictures
from bgmatte.evaluation import evaluate_run, judge
from bgmatte.jsonable import ConfigError, changed, from_dict
from bgmatte.network.loading import CheckpointError, network_from_file, read_weights
from bgmatte.profiles import profile, run_config
from bgmatte.records import RecordError, read_run, run_folder
from bgmatte.shipped import FOLDER, KERNELS, shipped_network, shipped_path, shipped_record
from bgmatte.shipping import LINES, measures, ship
from bgmatte.training import train


@pytest.fixture(scope="module")
def made(smoke_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the smoke profile's baseline was trained, judged and shipped."""
    folder, run = tmp_path_factory.mktemp("made"), run_config("smoke", "baseline")
    (folder / "data").symlink_to(smoke_cache / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BGMATTE_CACHE", str(folder))
        patch.setattr(records, "PROJECT", folder)
        train(run)
        evaluate_run(run, run_folder(run))
        assert ship("smoke", folder=folder / "shipped") == tuple(shipped_path(kernel, folder / "shipped") for kernel in KERNELS)
    return folder


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    """What was made, to be damaged."""
    return Path(shutil.copytree(made / "shipped", tmp_path / "shipped"))


def base_of(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in weights.items() if not name.startswith("refiner.")}


def test_the_baselines_record_is_its_runs(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "PROJECT", made)
    run = read_run(run_folder(run_config("smoke", "baseline")))
    told = shipped_record(folder=made / "shipped")
    people = [row for row in run.images if row["set"] == HELD_OUT]
    assert from_dict(RunConfig, told["config"]) == run.config
    assert all(told[name] == run.story[name] for name in ("phases", "seconds", "start", "machine", "finished"))
    assert told["held_out"]["pictures"] == len(people) and told["held_out"]["mad"] == {row["image"]: row["mad"] for row in people}
    assert told["held_out"]["mean"] == {name: pytest.approx(fmean(row[name] for row in people)) for name in told["measures"]}


def test_the_weights_are_the_runs_halved(made: Path) -> None:
    path = shipped_path(folder=made / "shipped")
    key = shipped_record(folder=made / "shipped")["phases"][-1]["key"]
    whole = read_weights(made / "phases" / f"{key}.safetensors")
    assert all(torch.equal(tensor, whole[name].to(tensor.dtype)) for name, tensor in read_weights(path).items())


def test_the_other_refiner_was_trained_and_its_base_was_not(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BGMATTE_CACHE", str(made))
    told = shipped_record(1, made / "shipped")
    trained = read_weights(checkpoint_path(told["plan"]["key"]))
    shipped = read_weights(shipped_path(folder=made / "shipped"))
    assert all(torch.equal(trained[name], tensor.float()) for name, tensor in base_of(shipped).items() if tensor.is_floating_point())
    refiner = read_weights(shipped_path(1, made / "shipped"))
    assert refiner.keys() == trained.keys() - base_of(trained).keys()
    assert refiner["refiner.bn1.num_batches_tracked"] == told["plan"]["phase"]["steps"] + 1, "one for the start as the identity"
    assert refiner["refiner.conv1.weight"].shape[2:] == (1, 1)


def test_the_other_refiner_is_told_beside_the_first_and_the_coarse_matte(made: Path) -> None:
    told = shipped_record(1, made / "shipped")
    assert list(told["held_out"]) == ["coarse", "kernel 3", "kernel 1"]
    assert all(numbers["mean"].keys() == told["measures"].keys() for numbers in told["held_out"].values())
    whole = shipped_record(folder=made / "shipped")["held_out"]["mean"]
    assert told["held_out"]["kernel 3"]["mean"]["mad"] == pytest.approx(whole["mad"], rel=0.01), "halved as whole"
    assert str(made) not in record_path(shipped_path(1, made / "shipped")).read_text(), "no place of this machine"


def test_a_run_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "PROJECT", tmp_path)
    with pytest.raises(RecordError, match=r"baseline-seed0/run.json: missing; this makes it: python -m bgmatte study --profile smoke"):
        ship("smoke", folder=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kernel", [5, 0])
def test_another_kernel_is_refused(kernel: int) -> None:
    with pytest.raises(ConfigError, match=f"kernel: {kernel} is not allowed; allowed: 3, 1"):
        shipped_network(kernel)


@pytest.mark.parametrize("broken", KERNELS)
def test_a_damaged_file_is_named(copied: Path, broken: int) -> None:
    path = shipped_path(broken, copied)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=f"{path.name}: damaged"):
        shipped_network(1, copied)


def test_a_refiner_of_another_base_is_refused(copied: Path) -> None:
    record = record_path(shipped_path(1, copied))
    record.write_text(json.dumps({**json.loads(record.read_text()), "base": "0" * 64}))
    assert shipped_network(3, copied)
    with pytest.raises(CheckpointError, match=r"baseline-kernel1.safetensors: a refiner for the base 000000000000…, but baseline.safetensors is"):
        shipped_network(1, copied)


def test_what_ships_is_small_and_in_half_precision() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.safetensors")) < 6 * 2**20
    for kernel in KERNELS:
        tensors = read_weights(shipped_path(kernel))
        assert {tensor.dtype for tensor in tensors.values() if tensor.is_floating_point()} == {torch.float16}
        assert len(shipped_record(kernel)["curve"]) < 1.2 * LINES


@pytest.mark.parametrize("kernel", KERNELS)
def test_what_ships_is_the_overnight_baseline(kernel: int) -> None:
    network, config = shipped_network(kernel)
    assert config == changed(profile("overnight").network, {"refine.kernel": kernel}) and config.width == 0.25
    assert not network.training and {weight.dtype for weight in network.parameters()} == {torch.float32}
    assert from_dict(NetworkConfig, shipped_record(kernel)["plan"]["network"]) == config


def test_both_kernels_stand_on_one_base() -> None:
    one, other = (base_of(shipped_network(kernel)[0].state_dict()) for kernel in KERNELS)
    assert one.keys() == other.keys() and all(torch.equal(tensor, other[name]) for name, tensor in one.items())
    assert not base_of(read_weights(shipped_path(1)))


def test_the_first_file_opens_like_any_checkpoint() -> None:
    network, config = network_from_file(shipped_path())
    mine, expected = network.state_dict(), shipped_network()[0].state_dict()
    assert config.refine is not None and all(torch.equal(tensor, expected[name]) for name, tensor in mine.items())


@pytest.mark.parametrize("kernel", KERNELS)
def test_what_ships_gives_the_numbers_on_record(kernel: int) -> None:
    told, run = shipped_record(kernel), from_dict(RunConfig, shipped_record()["config"])
    numbers = told["held_out"] if kernel == KERNELS[0] else told["held_out"][f"kernel {kernel}"]
    assert numbers["pictures"] == len(numbers["mad"]) == 51 and numbers["mean"].keys() == measures().keys()
    network, _ = shipped_network(kernel)
    for picture in frozen_pictures(run.test, run.data).of(HELD_OUT)[:2]:
        with torch.inference_mode():
            found = judge(picture, network(picture.src, picture.bgr))["mad"]
        assert found == pytest.approx(numbers["mad"][picture.name], rel=0.01), "rounding to half precision moves a few patches"


def test_the_other_refiner_earns_its_place() -> None:
    """Judged on people that neither has seen, it must do better than no refiner; otherwise it would not ship."""
    means = {name: numbers["mean"] for name, numbers in shipped_record(1)["held_out"].items()}
    assert all(means["kernel 1"][name] < means["coarse"][name] for name in ("mad_unknown", "grad_unknown"))
