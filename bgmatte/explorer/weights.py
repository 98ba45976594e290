"""Whose weights to explore: those that ship, a trained row's, or a file's."""

from dataclasses import dataclass, replace
from pathlib import Path

from bgmatte.cache import checkpoint_path
from bgmatte.config import NetworkConfig
from bgmatte.explorer.shots import resolved
from bgmatte.inference.weights import chosen_network
from bgmatte.jsonable import ConfigError, require
from bgmatte.network import MattingNetwork, prepare_for_inference, with_config
from bgmatte.phases import phase_plans
from bgmatte.profiles import PROFILES, run_config
from bgmatte.records import reports_folder
from bgmatte.shipped import KERNELS, shipped_network
from bgmatte.variants import VARIANTS

SHIPPED = "shipped"
SCALES = (0.125, 0.25, 0.5)  # of the picture, as the base network may see it


@dataclass(frozen=True)
class Weights:
    """A network prepared for inference, and how its patches are refined."""

    title: str
    network: MattingNetwork
    config: NetworkConfig
    kernels: tuple[int, ...]  # of the refiners that these weights can have; none without a refinement network

    def at(self, scale: float) -> MattingNetwork:
        """The network whose base sees the picture at `scale`."""
        require(scale in SCALES, "scale", scale, ", ".join(map(str, SCALES)))
        return with_config(self.network, replace(self.config, scale=scale))


def offered(first: str = "quick") -> dict[str, str]:
    """The weights one can pick without a path: title → source, as `opened` takes it.

    Trained rows are those whose weights are in the cache, the ones of the profile `first` before others.
    """
    rows = {}
    for size in sorted(PROFILES, key=lambda name: name != first):
        for path in sorted((reports_folder(size) / "runs").glob("*/run.json")):
            row, _, seed = path.parent.name.rpartition("-seed")
            if row in VARIANTS and VARIANTS[row].trained and seed.isdigit() and _trained(size, row, int(seed)):
                rows[f"{row}, seed {seed} ({size})"] = f"{size}/{row}/{seed}"
    return {"baseline that ships": SHIPPED, **rows}


def opened(source: str, kernel: int = 3) -> Weights:
    """The weights of a `source`: "shipped", "<profile>/<row>/<seed>", or a checkpoint file.

    Raises `ConfigError`, `MatteError` or `CheckpointError` that names what was seen and what is allowed; a refiner's kernel is trained, so
    only the shipped weights have both.
    """
    if source == SHIPPED:
        network, config = shipped_network(kernel)
        return Weights("baseline that ships", prepare_for_inference(network), config, KERNELS)
    network, config = chosen_network(*_place(source))
    own = config.refine.kernel if config.refine else None
    if own is not None:
        require(kernel == own, "kernel", kernel, f"{own}: a kernel is trained, and {source} holds a refiner of this one alone")
    title = source if "/" not in source or resolved(source).is_file() else " ".join(source.split("/"))
    return Weights(title, prepare_for_inference(network), config, (own,) if own else ())


def kernel_of(source: str) -> int:
    """The kernel to begin with: the shipped weights' published one, or the only one that others have."""
    if source == SHIPPED:
        return KERNELS[0]
    _, config = chosen_network(*_place(source))
    return config.refine.kernel if config.refine else KERNELS[0]


def _place(source: str) -> tuple[Path | None, str | None, str, int]:
    """What `chosen_network` takes: a file, or else row, profile and seed."""
    parts = source.split("/")
    if len(parts) == 3 and parts[0] in PROFILES and parts[2].isdigit():
        return None, parts[1], parts[0], int(parts[2])
    return resolved(source), None, "quick", 0


def _trained(size: str, row: str, seed: int) -> bool:
    try:
        return checkpoint_path(phase_plans(run_config(size, row, seed))[-1].key).exists()
    except ConfigError:  # a profile that needs what is not here, such as the paper's data
        return False
