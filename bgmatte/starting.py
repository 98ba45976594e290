"""The starting weights that ship with the package: where they are and for which network. No torch."""

from pathlib import Path

from bgmatte.config import NetworkConfig
from bgmatte.jsonable import ConfigError

FOLDER = Path(__file__).parent / "network" / "starting"


def starting_weights(network: NetworkConfig) -> Path:
    """The shipped encoder and context of a network; the training record stands beside it as JSON.

    Raises `ConfigError` when none ships for this backbone, context and width: there is no silent fallback.
    """
    path = FOLDER / f"{network.backbone}-{network.context}-w{network.width:.2f}.safetensors"
    if not path.exists():
        shipped = sorted(file.stem for file in FOLDER.glob("*.safetensors"))
        raise ConfigError(f"start: no starting weights {path.stem!r} ship; allowed: start='nothing', or a network among {shipped}")
    return path
