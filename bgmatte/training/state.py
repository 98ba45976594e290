"""Where an unfinished phase stands, and how it goes on after an interruption, to the bit."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.amp.grad_scaler import GradScaler
from torch.optim import Optimizer

from bgmatte.cache import checkpoint_fault, partial_paths, record_path
from bgmatte.network import MattingNetwork, build
from bgmatte.network.clamping import CLAMPS
from bgmatte.network.loading import load_weights
from bgmatte.phases import PhasePlan
from bgmatte.training.checkpoints import read_checkpoint, write_checkpoint
from bgmatte.training.learner import Learner, gradient_scaler
from bgmatte.training.optimisation import frozen, optimiser, with_moments
from bgmatte.training.parallel import Team, joined, synchronised


@dataclass
class State:
    """A phase at work: `learner` holds the same weights as `network`."""

    network: MattingNetwork
    learner: nn.Module
    opt: Optimizer
    scaler: GradScaler
    step: int = 0
    seconds: float = 0.0
    start: dict[str, Any] | None = None  # where the first weights came from; None after the first phase
    curve: list[dict[str, Any]] = field(default_factory=list)


def ready(plan: PhasePlan, network: MattingNetwork, team: Team) -> State:
    """A phase before its first step, with a `network` that has its weights."""
    # Channels last, as pictures are: a tenth less time on a CPU, a fifth for MobileNetV2.
    network = joined(network, team).to(team.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    precision = plan.run.precision
    learning = shown(network, plan)
    learning.clamp_error = CLAMPS[plan.phase.error_clamp]
    for part in frozen(network, plan.phase):
        part.requires_grad_(False)
    learner = synchronised(Learner(learning, plan.phase.kind, precision), team)
    return State(network, learner, optimiser(network, plan.phase), gradient_scaler(precision, team.device))


def shown(network: MattingNetwork, plan: PhasePlan) -> MattingNetwork:
    """The network as a phase leaves it: after a base phase there is no trained refiner yet."""
    if plan.phase.kind == "joint":
        return network
    return MattingNetwork(network.backbone, network.aspp, network.decoder, None, network.choose, network.scale)


def save_partial(plan: PhasePlan, state: State) -> None:
    """Keep all that an unfinished phase needs to go on."""
    slots = state.opt.state_dict()["state"]
    moments = {f"opt.{index}.{name}": value for index, slot in slots.items() for name, value in slot.items()}
    network = {f"network.{name}": tensor for name, tensor in state.network.state_dict().items()}
    told = {"step": state.step, "seconds": state.seconds, "start": state.start, "scaler": state.scaler.state_dict(), "curve": state.curve}
    older, _ = sorted(partial_paths(plan.key), key=_saved)
    write_checkpoint(older, network | moments, told)


def last_partial(plan: PhasePlan) -> Path | None:
    """Where an unfinished phase was last saved whole; None when it was not."""
    whole = [path for path in partial_paths(plan.key) if checkpoint_fault(path) is None]
    return max(whole, key=_saved, default=None)


def drop_partials(plan: PhasePlan) -> None:
    """Remove what a finished phase no longer needs."""
    for path in partial_paths(plan.key):
        path.unlink(missing_ok=True)
        record_path(path).unlink(missing_ok=True)


def _saved(path: Path) -> int:
    """When a partial was finished [ns], 0 for one that is not: its record is written last."""
    record = record_path(path)
    return record.stat().st_mtime_ns if record.exists() else 0


def resumed(plan: PhasePlan, team: Team) -> State | None:
    """An unfinished phase where it was last saved; None when it was not, or not whole."""
    path = last_partial(plan)
    if path is None:
        return None
    tensors, record = read_checkpoint(path)
    network = build(plan.network, plan.run.seed)
    load_weights(network, {name[8:]: tensor for name, tensor in tensors.items() if name.startswith("network.")}, str(path))
    slots: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("opt."):
            _, index, slot = name.split(".")
            slots.setdefault(int(index), {})[slot] = tensor
    state = ready(plan, network, team)
    with_moments(state.opt, slots)
    if record["scaler"] and state.scaler.is_enabled():  # begun on another kind of device, it starts afresh
        state.scaler.load_state_dict(record["scaler"])
    state.step, state.seconds, state.start, state.curve = record["step"], record["seconds"], record["start"], record["curve"]
    return state
