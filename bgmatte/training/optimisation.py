"""The optimiser of a phase: a learning rate for each part of the network, and how rates move over the phase."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from bgmatte.config import PhaseConfig
from bgmatte.network import MattingNetwork

WARM_UP, FLOOR = 0.15, 0.02  # share of the steps spent rising; what is left of the rate at the end


def trained_parts(network: MattingNetwork, phase: PhaseConfig) -> dict[str, nn.Module]:
    """The parts a phase trains, under the names of `Rates`; the refiner only in joint phases."""
    parts: dict[str, nn.Module] = {"backbone": network.backbone, "context": network.aspp, "decoder": network.decoder}
    if phase.kind == "joint" and network.refiner is not None:
        parts["refiner"] = network.refiner
    return parts


def frozen(network: MattingNetwork, phase: PhaseConfig) -> list[nn.Module]:
    """The parts that a phase uses and leaves as they are, weights and statistics: those whose rate is 0."""
    return [part for name, part in trained_parts(network, phase).items() if getattr(phase.rates, name) == 0]


def optimiser(network: MattingNetwork, phase: PhaseConfig) -> Optimizer:
    """AdamW, which is Adam where the phase has no decay; one group a part, in a fixed order."""
    groups = [
        {"params": list(part.parameters()), "lr": getattr(phase.rates, name), "peak": getattr(phase.rates, name)}
        for name, part in trained_parts(network, phase).items()
    ]
    return AdamW(groups, weight_decay=phase.decay, fused=True)


def with_moments(opt: Optimizer, moments: Mapping[int, Mapping[str, Tensor]]) -> Optimizer:
    """`opt` going on from saved `moments`, by the weights' place in it, laid out in memory as the weights are.

    Fused, AdamW reads weights, slopes and moments as flat arrays (PyTorch 2.11, CPU): where their strides differ it
    is silently wrong.
    """
    weights = [weight for group in opt.param_groups for weight in group["params"]]
    laid = {place: {name: _as_laid(moment, weights[place]) for name, moment in slot.items()} for place, slot in moments.items()}
    opt.load_state_dict({"state": laid, "param_groups": opt.state_dict()["param_groups"]})
    return opt


def _as_laid(moment: Tensor, weight: Tensor) -> Tensor:
    return torch.empty_like(weight).copy_(moment) if moment.shape == weight.shape else moment  # the count of steps is a scalar


def set_rates(opt: Optimizer, phase: PhaseConfig, step: int) -> None:
    """Put every group's rate where the phase's schedule has it at `step` (0-based)."""
    share = SCHEDULES[phase.schedule]((step + 1) / phase.steps)
    for group in opt.param_groups:
        group["lr"] = group["peak"] * share


def one_cycle(progress: float) -> float:
    """Share of the peak rate at `progress` 0–1: a straight rise, then half a cosine down to a trace."""
    if progress < WARM_UP:
        return progress / WARM_UP
    fall = (progress - WARM_UP) / (1 - WARM_UP)
    return FLOOR + (1 - FLOOR) * (1 + math.cos(math.pi * fall)) / 2


SCHEDULES = {"constant": lambda progress: 1.0, "one-cycle": one_cycle}
