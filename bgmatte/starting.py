"""Where first weights come from, and what names them. No torch."""

import os
from functools import cache
from pathlib import Path
from types import MappingProxyType

from bgmatte.cache import cache_root
from bgmatte.config import Backbone, NetworkConfig, Start
from bgmatte.fingerprint import file_digest
from bgmatte.jsonable import ConfigError, require

FOLDER = Path(__file__).parent / "network" / "starting"

# torchvision's names; DeepLabV3 as the paper used it was trained from these first versions.
IMAGENET: MappingProxyType[Backbone, str] = MappingProxyType(
    {
        "resnet50": "ResNet50_Weights.IMAGENET1K_V1",
        "resnet101": "ResNet101_Weights.IMAGENET1K_V1",
        "mobilenetv2": "MobileNet_V2_Weights.IMAGENET1K_V1",
    }
)


# DeepLabV3 as the original's authors point to it, trained on Pascal VOC, under the names that its authors gave the files.
DEEPLABV3_FOLDER = "BGMATTE_DEEPLABV3"  # environment variable: the folder that holds them
DEEPLABV3: MappingProxyType[Backbone, str] = MappingProxyType(
    {backbone: f"best_deeplabv3_{name}_voc_os16.pth" for backbone, name in zip(IMAGENET, ("resnet50", "resnet101", "mobilenet"), strict=True)}
)


def deeplabv3_folder() -> Path:
    """Where DeepLabV3's files are looked for: `$BGMATTE_DEEPLABV3`, else `deeplabv3` in the cache."""
    return Path(os.environ.get(DEEPLABV3_FOLDER) or cache_root() / "deeplabv3")


def starting_file(network: NetworkConfig, start: Start) -> Path | None:
    """The file that a start reads, None where there is none to look for (`shipped` and fetched weights are found elsewhere).

    Raises `ConfigError` when the file is not there.
    """
    if start.file is not None:
        require(Path(start.file).is_file(), "start.file", start.file, "a file that is there")
        return Path(start.file)
    if start.policy != "deeplabv3":
        return None
    path = deeplabv3_folder() / DEEPLABV3[network.backbone]
    how = f"with the file {path}, which github.com/VainF/DeepLabV3Plus-Pytorch offers; name another folder in {DEEPLABV3_FOLDER}"
    require(path.is_file(), "start.policy", "deeplabv3", f"{how}, or choose another start")
    return path


def starting_weights(network: NetworkConfig) -> Path:
    """The shipped encoder and context of a network; the training record stands beside it as JSON.

    Raises `ConfigError` when none ships for this backbone, context and width: there is no silent fallback.
    """
    path = FOLDER / f"{network.backbone}-{network.context}-w{network.width:.2f}.safetensors"
    if not path.exists():
        shipped = sorted(file.stem for file in FOLDER.glob("*.safetensors"))
        raise ConfigError(f"start.policy: no starting weights {path.stem!r} ship; allowed: another start.policy, or a network among {shipped}")
    return path


def starting_content(network: NetworkConfig, start: Start) -> str | None:
    """What names the first weights: SHA-256 of their file, or torchvision's name where it fetches them; None for random ones.

    Raises `ConfigError` when the file is not there.
    """
    if start.policy == "shipped":
        return file_digest(starting_weights(network))
    path = starting_file(network, start)
    if path is None:
        return IMAGENET[network.backbone] if start.policy == "imagenet" else None
    return _digest(path, path.stat().st_mtime_ns)


@cache
def _digest(path: Path, changed: int) -> str:
    """The hash of a large file once for each time it was `changed` [ns]: a study asks for every row."""
    return file_digest(path)
