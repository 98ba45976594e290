"""One phase of training: from its parent's weights to its own, step by step, resumable to the bit."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor
from torch.optim import Optimizer

from bgmatte.cache import checkpoint_fault, checkpoint_path, partial_path, record_path
from bgmatte.data.store import make_set, open_backgrounds, open_subjects
from bgmatte.data.training_pictures import Batch, TrainingPictures, load_training_pictures
from bgmatte.fingerprint import machine
from bgmatte.jsonable import digest, to_dict
from bgmatte.losses import Losses, base_losses, joint_losses
from bgmatte.network import MattingNetwork, build
from bgmatte.network.calibration import start_as_identity
from bgmatte.network.initialisation import initialise
from bgmatte.network.loading import load_weights
from bgmatte.phases import BACKGROUNDS, PHOTOGRAPHS, STAND_INS, PhasePlan
from bgmatte.training.checkpoints import read_checkpoint, write_checkpoint
from bgmatte.training.optimisation import optimiser, set_rates, with_moments
from bgmatte.training.validation import mean_mad, validation_mads

SAVE_EVERY = 20.0  # [s] between two savings of an unfinished phase
Progress = Callable[[int, int, str], None]


class TrainingError(RuntimeError):
    """Training went wrong; the message names the phase, the step, the pictures and the last good checkpoint."""


@dataclass
class State:
    """Where an unfinished phase stands."""

    network: MattingNetwork
    opt: Optimizer
    step: int = 0
    seconds: float = 0.0
    start: dict[str, Any] | None = None  # where the first weights came from; None after the first phase
    curve: list[dict[str, Any]] = field(default_factory=list)


def train_phase(plan: PhasePlan, progress: Progress | None = None) -> Path:
    """Train one phase, or find it finished; its parent must be finished. Returns the checkpoint.

    `progress(done, total, label)` is called after each step. The validation error is measured in the middle and at the
    end, and at the first step of a run. A non-finite loss raises `TrainingError`; an interrupted phase goes on where it
    was last saved.
    """
    path = checkpoint_path(plan.key)
    if checkpoint_fault(path) is None:
        return path

    pictures = _pictures(plan)
    state = _resumed(plan) or _begun(plan, pictures)
    begun = saved = time.monotonic()
    while state.step < plan.phase.steps:
        losses = _step(plan, state, pictures)
        state.step += 1
        measured = validation_mads(shown(state.network, plan), plan.run) if state.step in _measured(plan) else {}
        state.curve.append({"step": state.step, **losses, "validation_mad": mean_mad(measured), "validation": measured})
        if progress:
            progress(state.step, plan.phase.steps, plan.label)
        if time.monotonic() - saved > SAVE_EVERY:
            state.seconds, begun = state.seconds + time.monotonic() - begun, time.monotonic()
            _save_partial(plan, state)
            saved = time.monotonic()

    state.seconds += time.monotonic() - begun
    record = {"plan": _described(plan), "start": state.start, "seconds": state.seconds, "curve": state.curve, "machine": machine()}
    write_checkpoint(path, _weights(state.network, plan), record)
    for leftover in (partial_path(plan.key), record_path(partial_path(plan.key))):
        leftover.unlink(missing_ok=True)
    return path


def shown(network: MattingNetwork, plan: PhasePlan) -> MattingNetwork:
    """The network as a phase leaves it: after a base phase there is no trained refiner yet."""
    if plan.phase.kind == "joint":
        return network
    return MattingNetwork(network.backbone, network.aspp, network.decoder, None, network.choose, network.scale)


def stream(plan: PhasePlan, step: int) -> int:
    """The seed of one step's generator: it depends on the run's seed, the phase's place and the step alone."""
    return int(digest({"seed": plan.run.seed, "phase": plan.index, "step": step})[:15], 16)


def _step(plan: PhasePlan, state: State, pictures: TrainingPictures) -> dict[str, float]:
    batch, generator = _batch(plan, pictures, state.step)
    torch.manual_seed(stream(plan, state.step))  # the context's dropout draws from torch's own generator
    state.network.train()
    set_rates(state.opt, plan.phase, state.step)

    losses = _losses(plan, state.network, batch, generator)
    values = {"loss": losses.total.item(), "pha": losses.pha.item(), "fgr": losses.fgr.item(), "err": losses.err.item()}
    if not torch.isfinite(losses.total):
        good = partial_path(plan.key) if partial_path(plan.key).exists() else checkpoint_path(plan.parent) if plan.parent else "none"
        raise TrainingError(f"{plan.run.name}, {plan.label}, step {state.step}: loss {values}; pictures {batch.names}; last good checkpoint {good}")

    state.opt.zero_grad()
    losses.total.backward()
    state.opt.step()
    return values


def _batch(plan: PhasePlan, pictures: TrainingPictures, step: int) -> tuple[Batch, Generator]:
    """A step's pictures, and the generator they were drawn from, for the selector's chance."""
    generator = Generator().manual_seed(stream(plan, step))
    return pictures.batch(plan.phase.batch, generator), generator


def _losses(plan: PhasePlan, network: MattingNetwork, batch: Batch, generator: Generator) -> Losses:
    src, bgr = (x.contiguous(memory_format=torch.channels_last) for x in (batch.src, batch.bgr))
    if plan.phase.kind == "base":
        coarse = network.coarse(src, bgr)
        return base_losses(coarse.pha, (coarse.residual + src).clamp(0, 1), coarse.err, batch.pha, batch.fgr)
    matte = network(src, bgr, generator=generator, true_pha=batch.pha)
    return joint_losses(matte.pha, matte.fgr, matte.pha_sm, matte.fgr_sm, matte.err_sm, batch.pha, batch.fgr)


def _pictures(plan: PhasePlan) -> TrainingPictures:
    names, data = [STAND_INS[dataset] for dataset in plan.phase.datasets], plan.run.data
    for needed in (*names, BACKGROUNDS):
        make_set(needed, data)
    drawn, photographed = (open_backgrounds(backgrounds, data, "train") for backgrounds in (BACKGROUNDS, PHOTOGRAPHS))
    return load_training_pictures([open_subjects(name, data, "train") for name in names], drawn, photographed, plan.phase.size)


def _begun(plan: PhasePlan, pictures: TrainingPictures) -> State:
    """A phase before its first step: with its parent's weights, or the first phase's with those that its run starts from."""
    network, start = build(plan.network, plan.run.seed), None
    if plan.parent:
        path = checkpoint_path(plan.parent)
        weights = read_checkpoint(path)[0]
        load_weights(network, weights, str(path), allow_missing=("refiner.",))
        if plan.phase.kind == "joint" and not any(name.startswith("refiner.") for name in weights):
            batch, generator = _batch(plan, pictures, step=0)
            start_as_identity(network, batch.src, batch.bgr, generator=generator, true_pha=batch.pha)
    else:
        start = initialise(shown(network, plan), plan.network, plan.run.start)
    return State(network, optimiser(_laid(network), plan.phase), start=start)


def _laid(network: MattingNetwork) -> MattingNetwork:
    # As pictures are: a tenth less time on a CPU, a fifth for MobileNetV2.
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _weights(network: MattingNetwork, plan: PhasePlan) -> dict[str, Tensor]:
    return shown(network, plan).state_dict()


def _described(plan: PhasePlan) -> dict[str, Any]:
    return {"key": plan.key, "parent": plan.parent, "label": plan.label, "phase": to_dict(plan.phase), "network": _left(plan), "seed": plan.run.seed}


def _left(plan: PhasePlan) -> dict[str, Any]:
    """The configuration of the network that a phase leaves (see `shown`), so that its checkpoint can be opened by itself."""
    return {**to_dict(plan.network), **({} if plan.phase.kind == "joint" else {"refine": None})}


def _measured(plan: PhasePlan) -> tuple[int, ...]:
    """After which steps the validation error is measured: the half and the last, and the very first of a run."""
    steps = plan.phase.steps
    return ((steps + 1) // 2, steps) if plan.parent else (1, (steps + 1) // 2, steps)


def _save_partial(plan: PhasePlan, state: State) -> None:
    slots = state.opt.state_dict()["state"]
    moments = {f"opt.{index}.{name}": value for index, slot in slots.items() for name, value in slot.items()}
    network = {f"network.{name}": tensor for name, tensor in state.network.state_dict().items()}
    told = {"step": state.step, "seconds": state.seconds, "start": state.start, "curve": state.curve}
    write_checkpoint(partial_path(plan.key), network | moments, told)


def _resumed(plan: PhasePlan) -> State | None:
    path = partial_path(plan.key)
    if checkpoint_fault(path) is not None:
        return None
    tensors, record = read_checkpoint(path)
    network = build(plan.network, plan.run.seed)
    load_weights(network, {name[8:]: tensor for name, tensor in tensors.items() if name.startswith("network.")}, str(path))
    slots: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("opt."):
            _, index, slot = name.split(".")
            slots.setdefault(int(index), {})[slot] = tensor
    opt = with_moments(optimiser(_laid(network), plan.phase), slots)
    return State(network, opt, record["step"], record["seconds"], record["start"], record["curve"])
