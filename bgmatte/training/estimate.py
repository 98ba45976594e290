"""How many hours a long training will take on this machine, from a step of each kind of phase measured here."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Generator

from bgmatte.cache import checkpoint_fault, checkpoint_path
from bgmatte.config import PhaseConfig, RunConfig
from bgmatte.jsonable import changed, digest
from bgmatte.network import build
from bgmatte.phases import PhasePlan, phase_plans
from bgmatte.training.parallel import Team, team
from bgmatte.training.state import State, ready

_PATIENCE = 3.0  # [s]: a step that takes longer is its own warm-up


@dataclass(frozen=True)
class Estimate:
    """Hours of training, and lines that say what they are made of and how they were measured."""

    hours: float
    lines: tuple[str, ...]


def estimated_hours(runs: Iterable[RunConfig]) -> Estimate:
    """The hours that the unfinished phases of `runs` take on this machine, one after the other; what rows share counts once.

    Of each kind of phase (network, crops, batch, precision) a step is measured on two pictures of noise at the mean side
    of its crops, and counted for the whole batch. Reading pictures is not measured: it happens meanwhile, and training
    waits where it is slower. Raises `ConfigError` where the runs cannot be planned, for starting weights that are missing.
    """
    plans = {plan.key: plan for run in runs for plan in phase_plans(run)}
    missing = [plan for plan in plans.values() if checkpoint_fault(checkpoint_path(plan.key))]
    us, seconds = team(), dict[str, float]()
    spent: dict[str, float] = {}
    for plan in missing:
        kind = _kind(plan)
        if kind not in seconds:
            seconds[kind] = step_seconds(plan, us)
        spent[plan.phase.kind] = spent.get(plan.phase.kind, 0.0) + seconds[kind] * plan.phase.steps
    hours = sum(spent.values()) / 3600
    device = torch.cuda.get_device_name(us.device) if us.device.type == "cuda" else f"the processor, {torch.get_num_threads()} threads"
    parts = [f"{kind} phases: {value / 3600:,.1f} h" for kind, value in spent.items()]
    told = f"measured here: one step of {len(seconds)} kinds of phase on {device}, pictures of noise in memory, one process"
    return Estimate(hours, (f"training: about {hours:,.1f} h for {len(missing)} phases", *parts, told))


def step_seconds(plan: PhasePlan, us: Team) -> float:
    """Seconds that one step of a phase takes, measured."""
    side = mean_side(plan.phase)
    state = ready(plan, build(plan.network), us)
    generator = Generator().manual_seed(0)
    tensors = [torch.rand(2, channels, side, side, generator=generator).to(us.device) for channels in (3, 3, 1, 3)]
    seconds = _timed(state, tensors, generator)
    if seconds < _PATIENCE:
        seconds = _timed(state, tensors, generator)
    return seconds * plan.phase.batch / 2


def mean_side(phase: PhaseConfig) -> int:
    """The mean side of a phase's crops, a multiple of 4 [px]."""
    return ((phase.largest or phase.size) + phase.size) // 8 * 4


def _timed(state: State, tensors: list[torch.Tensor], generator: Generator) -> float:
    state.network.train()
    begun = time.perf_counter()
    losses = state.learner(*tensors, generator)
    state.opt.zero_grad()
    state.scaler.scale(losses.total).backward()
    state.scaler.step(state.opt)
    state.scaler.update()
    losses.total.item()  # the device has finished
    if tensors[0].is_cuda:
        torch.cuda.synchronize(tensors[0].device)
    return time.perf_counter() - begun


def _kind(plan: PhasePlan) -> str:
    """What decides how long a step takes: not the data, the seed, nor how many steps there are."""
    network = plan.network if plan.phase.kind == "joint" else changed(plan.network, {"refine": None})
    return digest(
        {"network": digest(network), "phase": digest(changed(plan.phase, {"datasets": ("any",), "steps": 1})), "precision": plan.run.precision}
    )
