"""First weights: files in the published layouts reach the right places, and what stays random is on record."""

from dataclasses import replace
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from bgmatte.config import NetworkConfig, RunConfig, Start
from bgmatte.fingerprint import file_digest
from bgmatte.jsonable import ConfigError, changed
from bgmatte.network import build
from bgmatte.network.initialisation import folded, initialise
from bgmatte.network.loading import CheckpointError
from bgmatte.phases import phase_plans
from bgmatte.profiles import run_config
from bgmatte.starting import IMAGENET

MOBILE, RESNET = NetworkConfig(backbone="mobilenetv2"), NetworkConfig(backbone="resnet50")


def lively(module: nn.Module) -> nn.Module:
    """Batch norms with statistics of their own, so that a forgotten one shows."""
    generator = torch.Generator().manual_seed(0)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.copy_(0.1 * torch.randn(part.running_mean.shape, generator=generator))
            part.running_var.copy_(0.5 + torch.rand(part.running_var.shape, generator=generator))
    return module.eval()


@pytest.fixture(scope="module")
def mobile() -> nn.Module:
    from torchvision.models import mobilenet_v2

    return lively(mobilenet_v2(weights=None))


def imagenet_file(folder: Path, model: nn.Module) -> Start:
    torch.save(model.state_dict(), folder / "classifier.pth")
    return Start("imagenet", str(folder / "classifier.pth"))


def seeing_colour_alone(encoder: nn.Module, theirs: Tensor) -> None:
    """Give the random first convolution the published one for the source and nothing for the background."""
    first = next(part for part in encoder.modules() if isinstance(part, nn.Conv2d))
    with torch.no_grad():
        first.weight[:, :3], first.weight[:, 3:] = theirs, 0


def test_imagenet_gives_the_features_of_torchvisions_mobilenet(mobile: nn.Module, tmp_path: Path) -> None:
    network = build(MOBILE).eval()
    record = initialise(network, MOBILE, imagenet_file(tmp_path, mobile))
    assert record["copied"][:2] == ["backbone.features.0.1", "backbone.features.1"] and record["copied"][-1] == "backbone.features.17"
    assert record["random"] == ["backbone.features.0.0", "aspp", "decoder", "refiner"]
    assert record["unused"] == ["features.0.0", "features.18", "classifier"]
    assert record["policy"] == "imagenet" and record["sha256"] == file_digest(tmp_path / record["file"])

    src, bgr = (torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
    seeing_colour_alone(network.backbone, mobile.features[0][0].weight)
    with torch.no_grad():
        ours = network.backbone(torch.cat([src, bgr], 1))
        theirs = [mobile.features[: last + 1](src) for last in (6, 3, 1)]  # 1/8, 1/4, 1/2; deeper ones are dilated here
    for mine, published in zip(ours[1:4], theirs, strict=True):
        torch.testing.assert_close(mine, published)


def test_imagenet_gives_the_features_of_torchvisions_resnet(tmp_path: Path) -> None:
    from torchvision.models import resnet50

    theirs = lively(resnet50(weights=None, replace_stride_with_dilation=[False, False, True]))
    network = build(RESNET).eval()
    record = initialise(network, RESNET, imagenet_file(tmp_path, theirs))
    assert record["copied"] == ["backbone.bn1", *(f"backbone.layer{i}" for i in (1, 2, 3, 4))]
    assert record["random"] == ["backbone.conv1", "aspp", "decoder", "refiner"] and record["unused"] == ["conv1", "fc"]

    seeing_colour_alone(network.backbone, theirs.conv1.weight)
    theirs.fc, theirs.avgpool = nn.Identity(), nn.Identity()
    x = torch.rand(1, 6, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(network.backbone(x)[0].flatten(1), theirs(x[:, :3]))


def test_what_is_not_copied_stays_as_it_was_drawn(mobile: nn.Module, tmp_path: Path) -> None:
    drawn, network = build(MOBILE, seed=5).state_dict(), build(MOBILE, seed=5)
    record = initialise(network, MOBILE, imagenet_file(tmp_path, mobile))
    own = network.state_dict()
    random = [name for name in own if name.startswith(tuple(f"{part}." for part in record["random"]))]
    assert all(torch.equal(own[name], drawn[name]) for name in random)
    assert len(random) + len([name for name in own if name.startswith("backbone.")]) - 1 == len(own)


def test_old_files_without_the_counters_of_batch_norm_are_taken(mobile: nn.Module, tmp_path: Path) -> None:
    torch.save({name: t for name, t in mobile.state_dict().items() if not name.endswith("num_batches_tracked")}, tmp_path / "old.pth")
    record = initialise(build(MOBILE), MOBILE, Start("imagenet", str(tmp_path / "old.pth")))
    assert record["random"] == ["backbone.features.0.0", "aspp", "decoder", "refiner"]


def test_torchvisions_deeplab_gives_encoder_and_aspp(tmp_path: Path) -> None:
    from torchvision.models.segmentation import deeplabv3_resnet50

    theirs = lively(deeplabv3_resnet50(weights=None, weights_backbone=None, aux_loss=True)).state_dict()
    torch.save(theirs, tmp_path / "deeplab.pth")
    network = build(RESNET)
    record = initialise(network, RESNET, Start("deeplabv3", str(tmp_path / "deeplab.pth")))
    assert record["random"] == ["backbone.conv1", "decoder", "refiner"]
    assert record["unused"] == ["backbone.conv1", *(f"classifier.{i}" for i in (1, 2, 4)), "aux_classifier"]
    own = network.state_dict()
    assert all(torch.equal(own[name], theirs[name]) for name in own if name.startswith("backbone.") and name != "backbone.conv1.weight")
    assert all(torch.equal(own[name], theirs[f"classifier.0{name[4:]}"]) for name in own if name.startswith("aspp."))


def in_two_parts(mobile: nn.Module) -> dict[str, Tensor]:
    """DeepLabV3 on MobileNetV2 as the original's authors had it: the encoder in two parts, the ASPP inside two classifiers."""
    from torchvision.models.segmentation.deeplabv3 import ASPP

    encoder = [name for name in mobile.state_dict() if not name.startswith(("features.18", "classifier"))]
    part = {name: "low_level_features" if int(name.split(".")[1]) < 4 else "high_level_features" for name in encoder}
    weights = {f"backbone.{part[name]}.{name.removeprefix('features.')}": mobile.state_dict()[name] for name in encoder}
    context = lively(ASPP(320, [12, 24, 36])).state_dict()
    return (
        weights
        | {f"classifier.classifier.0.{name}": t for name, t in context.items()}
        | {"classifier.classifier.4.weight": torch.zeros(21, 256, 1, 1)}
    )


def test_the_authors_deeplab_gives_encoder_and_aspp(mobile: nn.Module, tmp_path: Path) -> None:
    weights = in_two_parts(mobile)
    torch.save({"cur_itrs": 30_000, "model_state": weights, "best_score": np.float64(0.7)}, tmp_path / "best.pth")
    network = build(MOBILE)
    record = initialise(network, MOBILE, Start("deeplabv3", str(tmp_path / "best.pth")))
    assert record["random"] == ["backbone.features.0.0", "decoder", "refiner"]
    assert record["unused"] == ["backbone.low_level_features.0.0", "classifier.classifier.4"]
    own = network.state_dict()
    assert torch.equal(own["backbone.features.9.conv.1.0.weight"], mobile.state_dict()["features.9.conv.1.0.weight"])
    assert torch.equal(own["aspp.convs.4.2.running_var"], weights["classifier.classifier.0.convs.4.2.running_var"])

    other = replace(MOBILE, context="projection")
    assert "aspp" in initialise(build(other), other, Start("deeplabv3", str(tmp_path / "best.pth")))["random"]


def test_any_checkpoint_gives_the_parts_it_has(tmp_path: Path) -> None:
    small = replace(MOBILE, width=0.25)
    trained = build(small, seed=1).state_dict()
    torch.save(trained, tmp_path / "whole.pth")
    torch.save({name: t for name, t in trained.items() if not name.startswith(("decoder", "refiner"))}, tmp_path / "part.pth")

    network = build(small)
    assert initialise(network, small, Start("file", str(tmp_path / "whole.pth")))["random"] == []
    assert all(torch.equal(tensor, trained[name]) for name, tensor in network.state_dict().items())
    assert initialise(build(small), small, Start("file", str(tmp_path / "part.pth")))["random"] == ["decoder", "refiner"]
    coarse = replace(small, refine=None)
    assert initialise(build(coarse), coarse, Start("file", str(tmp_path / "whole.pth")))["unused"] == ["refiner"]


def test_shipped_weights_and_nothing() -> None:
    config = run_config("quick", "baseline").network
    record = initialise(build(config), config, Start())
    assert record["copied"] == ["backbone", "aspp"] and record["random"] == ["decoder", "refiner"] and record["unused"] == []
    before, network = build(config).state_dict(), build(config)
    record = initialise(network, config, Start("nothing"))
    assert record == {
        "policy": "nothing",
        "file": None,
        "sha256": None,
        "copied": [],
        "random": ["backbone", "aspp", "decoder", "refiner"],
        "unused": [],
    }
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_files_of_another_layout_are_refused_with_names(mobile: nn.Module, tmp_path: Path) -> None:
    whole = build(MOBILE).state_dict()
    part = {name: t for name, t in whole.items() if name != "decoder.conv2.weight"}
    classifier = imagenet_file(tmp_path, mobile).file
    for policy, weights, words in (
        ("imagenet", whole, "missing, the first: backbone.features.0.1"),
        ("deeplabv3", whole, "missing, the first: aspp.convs"),
        ("deeplabv3", mobile.state_dict(), "missing, the first: backbone"),
        ("file", mobile.state_dict(), "missing, the first: backbone"),
        ("file", part, "missing, the first: decoder.conv2.weight"),
    ):
        torch.save(weights, tmp_path / "given.pth")
        with pytest.raises(CheckpointError, match=rf"given.pth: .*{words}"):
            initialise(build(MOBILE), MOBILE, Start(policy, str(tmp_path / "given.pth")))  # type: ignore[arg-type]
    with pytest.raises(CheckpointError, match=r"classifier.pth: .*missing, the first: backbone.bn1"):
        initialise(build(RESNET), RESNET, Start("imagenet", classifier))


def test_an_unreachable_network_says_how_to_give_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(url: str, *args: object, **kwargs: object) -> None:
        raise URLError("no network")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", unreachable)
    with pytest.raises(CheckpointError, match=r"start.policy 'imagenet': \S+mobilenet_v2-\w+.pth cannot be fetched .*put it at \S+pth"):
        initialise(build(MOBILE), MOBILE, Start("imagenet"))


def test_a_damaged_download_is_named(mobile: nn.Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.models import get_weight

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    path = tmp_path / "hub" / "checkpoints" / Path(get_weight(IMAGENET["mobilenetv2"]).url).name
    path.parent.mkdir(parents=True)
    torch.save(mobile.state_dict(), path)
    with pytest.raises(CheckpointError, match=rf"{path.name}: damaged; its hash does not begin with \w+; remove it"):
        initialise(build(MOBILE), MOBILE, Start("imagenet"))


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ({"policy": "vgg"}, "start.policy: 'vgg' is not allowed; allowed: shipped, nothing, imagenet, deeplabv3, file"),
        ({"policy": "file"}, "start.file: None .* a file of weights, which start.policy='file' needs"),
        ({"policy": "nothing", "file": "/w.pth"}, "start.file: '/w.pth' .* None, for start.policy='nothing' reads no file"),
        ({"policy": "file", "file": "w.pth"}, "start.file: 'w.pth' .* an absolute path"),
    ],
)
def test_contradictory_starts_are_refused_by_field(start: dict, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Start(**start)


def test_published_weights_need_the_published_width() -> None:
    with pytest.raises(ConfigError, match=r"network.width: 0.25 .* 1.0, .*start.policy='imagenet'"):
        changed(run_config("smoke", "baseline"), {"start": Start("imagenet")})


def test_phases_are_named_by_the_content_they_start_from(tmp_path: Path) -> None:
    def keys(start: Start) -> list[str]:
        run: RunConfig = changed(run_config("smoke", "baseline"), {"network.width": 1.0, "start": start})
        return [plan.key for plan in phase_plans(run)]

    for name, content in (("a", b"1"), ("same", b"1"), ("b", b"2")):
        (tmp_path / f"{name}.pth").write_bytes(content)
    a, same, b = (Start("file", str(tmp_path / f"{name}.pth")) for name in ("a", "same", "b"))
    assert keys(a) == keys(same)
    distinct = [keys(start) for start in (a, b, replace(a, policy="deeplabv3"), Start("imagenet"), Start("nothing"))]
    assert len({key for chain in distinct for key in chain}) == sum(len(chain) for chain in distinct)
    with pytest.raises(ConfigError, match=r"start.file: .*nowhere.pth' .* a file that is there"):
        keys(Start("file", str(tmp_path / "nowhere.pth")))
    with pytest.raises(ConfigError, match=r"no starting weights 'resnet50-aspp-w1.00' ship"):
        keys(Start())


def test_names_are_folded_into_whole_modules() -> None:
    everything = ["a.weight", "a.bias", "b.0.weight", "b.0.num_batches_tracked", "b.1.weight", "c"]
    assert folded(everything, everything) == ["a", "b", "c"]
    assert folded(["a.bias", "b.1.weight", "c"], everything) == ["a.bias", "b.1", "c"]
    assert folded([], everything) == []
