"""Which network does the work: a file's, or a trained row's of this study; and where it runs."""

from pathlib import Path

import torch
from torch.nn import functional as F

from bgmatte.cache import checkpoint_fault, checkpoint_path
from bgmatte.config import NetworkConfig
from bgmatte.inference.refusals import MatteError, refusal
from bgmatte.jsonable import require
from bgmatte.network import MattingNetwork
from bgmatte.network.loading import network_from_file
from bgmatte.phases import phase_plans
from bgmatte.profiles import run_config
from bgmatte.shipped import shipped_path
from bgmatte.variants import VARIANTS


def chosen_network(checkpoint: Path | None, row: str | None, profile: str, seed: int) -> tuple[MattingNetwork, NetworkConfig]:
    """The network of a checkpoint file or of a trained row, in eval mode, and its configuration.

    Raises `MatteError` when none or both are given, or the row is not trained or its file damaged, with the command that
    trains it.
    """
    if (checkpoint is None) == (row is None):
        raise MatteError(
            "which weights? Give either --checkpoint FILE (an official one such as pytorch_resnet50.pth, or one of this project; the small one "
            f"that ships is {shipped_path()}), or --row baseline for what this command trains: {_training('baseline', profile, seed)}"
        )
    if checkpoint is not None:
        return network_from_file(checkpoint)

    assert row is not None
    trained = [name for name, variant in VARIANTS.items() if variant.trained]
    require(row in trained, "row", row, ", ".join(trained))
    run = run_config(profile, row, seed)
    path = checkpoint_path(phase_plans(run)[-1].key)
    if not path.exists():
        raise refusal(path, f"missing: row {row}, seed {seed} is not trained", f"a trained row; this trains it: {_training(row, profile, seed)}")
    fault = checkpoint_fault(path)
    if fault:
        raise MatteError(f"{fault}; allowed: what training recorded; this trains it again: {_training(row, profile, seed)}")
    return network_from_file(path, run.network)


def chosen_device(name: str | None) -> torch.device:
    """The device called `name`, or the first GPU if there is one, else the CPU; raises `MatteError` for one that is not there."""
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError) as error:  # a word that is no device, or a device that this machine lacks
        reason = str(error).splitlines()[0]
        raise MatteError(f"--device {name}: cannot be used here ({reason}); allowed: cpu, or cuda, cuda:1, mps where there is one") from None
    return device


def check_precision(device: torch.device, precision: str) -> None:
    """Raise `MatteError` unless `device` convolves and resizes numbers of type `precision`, as the network does."""
    try:
        x = torch.zeros(1, 1, 4, 4, device=device, dtype=getattr(torch, precision))
        F.interpolate(F.conv2d(x, x), (2, 2), mode="bilinear")
    except (RuntimeError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise MatteError(f"--precision {precision}: cannot be used on {device} ({reason}); allowed: float32, or another --device") from None


def _training(row: str, profile: str, seed: int) -> str:
    return f"python -m bgmatte train --profile {profile} --row {row} --seed {seed}"
