"""One phase of training: from its parent's weights to its own, step by step, resumable to the bit."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bgmatte.cache import checkpoint_fault, checkpoint_path
from bgmatte.data.training_pictures import Pictures
from bgmatte.fingerprint import machine
from bgmatte.jsonable import to_dict
from bgmatte.losses import Losses
from bgmatte.network import MattingNetwork, build
from bgmatte.network.calibration import start_as_identity
from bgmatte.network.initialisation import initialise
from bgmatte.network.loading import load_weights
from bgmatte.phases import PhasePlan
from bgmatte.training.checkpoints import read_checkpoint, write_checkpoint
from bgmatte.training.optimisation import frozen, set_rates
from bgmatte.training.parallel import ALONE, Team, team
from bgmatte.training.pictures import Ahead, Drawn, drawn, open_pictures, stream, threads_for
from bgmatte.training.state import State, drop_partials, last_partial, ready, resumed, save_partial, shown
from bgmatte.training.validation import mean_mad, validation_mads

SAVE_EVERY = 20.0  # [s] between two savings of an unfinished phase
Progress = Callable[[int, int, str], None]


class TrainingError(RuntimeError):
    """Training went wrong; the message names the phase, the step, the pictures and the last good checkpoint."""


def train_phase(plan: PhasePlan, progress: Progress | None = None) -> Path:
    """Train one phase, or find it finished; its parent must be finished. Returns the checkpoint.

    `progress(done, total, label)` is called after each step. The validation error is measured in the middle and at the
    end, and at the first step of a run. A non-finite loss raises `TrainingError`; an interrupted phase goes on where it
    was last saved. In a team (see `parallel`) all processes call this, and share the cache folder.
    """
    path = checkpoint_path(plan.key)
    if checkpoint_fault(path) is None:
        return path

    us = team()
    with us.leader_first():
        pictures = open_pictures(plan)
    state = resumed(plan, us) or _begun(plan, pictures, us)
    with Ahead(lambda step: drawn(plan, pictures, step, us), plan.phase.steps, threads_for(pictures, us)) as batches:
        _train(plan, state, batches, us, progress)

    if us.leads:
        record = {"plan": _described(plan), "start": state.start, "seconds": state.seconds, "curve": state.curve, "machine": machine()}
        write_checkpoint(path, _weights(state.network, plan), record)
        drop_partials(plan)
    us.wait()
    return path


def _train(plan: PhasePlan, state: State, batches: Ahead, us: Team, progress: Progress | None) -> None:
    """All steps that a phase has left."""
    begun = saved = time.monotonic()
    while state.step < plan.phase.steps:
        losses = _step(plan, state, batches(state.step), us)
        state.step += 1
        if not us.leads:
            continue
        measured = validation_mads(shown(state.network, plan), plan.run) if state.step in _measured(plan) else {}
        state.curve.append({"step": state.step, **losses, "validation_mad": mean_mad(measured), "validation": measured})
        if progress:
            progress(state.step, plan.phase.steps, plan.label)
        if time.monotonic() - saved > SAVE_EVERY:
            state.seconds, begun = state.seconds + time.monotonic() - begun, time.monotonic()
            save_partial(plan, state)
            saved = time.monotonic()
    state.seconds += time.monotonic() - begun


def _step(plan: PhasePlan, state: State, batch_and_generator: Drawn, us: Team) -> dict[str, float]:
    batch, generator = batch_and_generator
    torch.manual_seed(stream(plan, state.step))  # the context's dropout draws from torch's own generator
    state.network.train()
    state.learner.train()
    for part in frozen(state.network, plan.phase):
        part.eval()
    set_rates(state.opt, plan.phase, state.step)

    tensors = [x.to(us.device, non_blocking=True) for x in (batch.src, batch.bgr, batch.pha, batch.fgr)]
    losses: Losses = state.learner(*tensors, generator)
    told = us.mean(torch.stack([losses.total, *losses]).detach()).tolist()
    values = dict(zip(("loss", *losses._fields), told, strict=True))
    if not all(map(math.isfinite, told)):
        good = last_partial(plan) or (checkpoint_path(plan.parent) if plan.parent else "none")
        raise TrainingError(f"{plan.run.name}, {plan.label}, step {state.step}: loss {values}; pictures {batch.names}; last good checkpoint {good}")

    state.opt.zero_grad()
    state.scaler.scale(losses.total).backward()
    state.scaler.step(state.opt)
    state.scaler.update()
    return values


def _begun(plan: PhasePlan, pictures: Pictures, us: Team = ALONE) -> State:
    """A phase before its first step: with its parent's weights, or the first phase's with those that its run starts from."""
    network, start = build(plan.network, plan.run.seed), None
    if plan.parent:
        path = checkpoint_path(plan.parent)
        weights = read_checkpoint(path)[0]
        load_weights(network, weights, str(path), allow_missing=("refiner.",))
        untrained = not any(name.startswith("refiner.") for name in weights)
    else:
        start = initialise(shown(network, plan), plan.network, plan.run.start)
        untrained = "refiner" in start["random"]
    if plan.phase.kind == "joint" and untrained:
        batch, generator = drawn(plan, pictures, 0)
        start_as_identity(network, batch.src, batch.bgr, generator=generator, true_pha=batch.pha)
    state = ready(plan, network, us)
    state.start = start
    return state


def _weights(network: MattingNetwork, plan: PhasePlan) -> dict[str, Tensor]:
    return shown(network, plan).state_dict()


def _described(plan: PhasePlan) -> dict[str, Any]:
    described = {"key": plan.key, "parent": plan.parent, "label": plan.label, "phase": to_dict(plan.phase), "network": _left(plan)}
    return {**described, "seed": plan.run.seed, "precision": plan.run.precision, "sources": [to_dict(source) for source in plan.run.sources]}


def _left(plan: PhasePlan) -> dict[str, Any]:
    """The configuration of the network that a phase leaves (see `shown`), so that its checkpoint can be opened by itself."""
    return {**to_dict(plan.network), **({} if plan.phase.kind == "joint" else {"refine": None})}


def _measured(plan: PhasePlan) -> tuple[int, ...]:
    """After which steps the validation error is measured: the half and the last, and the very first of a run."""
    steps = plan.phase.steps
    return ((steps + 1) // 2, steps) if plan.parent else (1, (steps + 1) // 2, steps)
