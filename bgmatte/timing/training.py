"""Where the time of one training step goes: patches that share what they have in common against patches one by one."""

import copy
from collections.abc import Callable
from statistics import median
from typing import Any

import torch
from torch import Generator

from bgmatte.config import NetworkConfig, PhaseConfig
from bgmatte.data.training_pictures import TrainingPictures
from bgmatte.losses import joint_losses
from bgmatte.network import MattingNetwork
from bgmatte.profiles import PUBLISHED_JOINT
from bgmatte.timing.conditions import settler
from bgmatte.timing.interleaving import interleaved, summary
from bgmatte.timing.parts import Stopwatch
from bgmatte.timing.subject import picture_pair, timed_network
from bgmatte.training.optimisation import optimiser, set_rates

# In the order of the work; `pictures` draws, augments and composes the batch.
TRAINING_PARTS = ("pictures", "forward", "losses", "backward", "optimiser")
SUBJECTS = 8  # pictures to draw from


def time_training(config: NetworkConfig, *, batch: int, size: int, repeats: int, device: str = "cpu") -> dict[str, Any]:
    """Joint steps of a network on `batch` pictures of `size`² px: `plain` (patches one by one) and `fast` in turn.

    Per path: what `interleaving.summary` says, `steps_per_second` and `parts` (median ms of each of `TRAINING_PARTS`);
    `speedup` is the plain path's time over the fast one's in the same round, `difference` that of their first losses.
    Weights are random; the predicted error follows the pictures, as `timed_network` says.
    """
    settle, pictures = settler(device), _pictures(size)
    phase = PhaseConfig("joint", ("videomatte",), repeats + 1, batch, size, PUBLISHED_JOINT)
    fast = timed_network(config).train().to(device)
    plain = copy.deepcopy(fast)
    assert plain.refiner is not None
    plain.refiner.nested = False
    watches: dict[str, list[Stopwatch]] = {"plain": [], "fast": []}
    losses: dict[str, list[float]] = {"plain": [], "fast": []}

    def steps(name: str, network: MattingNetwork) -> Callable[[], None]:
        opt = optimiser(network, phase)

        def step() -> None:
            watch = Stopwatch(settle)
            losses[name].append(_step(network, opt, phase, pictures, len(losses[name]), watch, device))
            watches[name].append(watch)

        return step

    work = {"plain": steps("plain", plain), "fast": steps("fast", fast)}
    for call in work.values():  # the warm-up
        call()
    times = interleaved(work, repeats, settle=settle)
    measured = {
        name: {
            **summary(times[name], times["plain"]),
            "steps_per_second": 1000 / median(times[name]),
            "parts": {part: median(watch.spent[part] for watch in watches[name][1:]) for part in TRAINING_PARTS},
        }
        for name in work
    }
    return {
        **measured,
        "speedup": summary(times["plain"], times["fast"])["ratio"],
        "difference": abs(losses["plain"][0] - losses["fast"][0]),
    }


def _step(
    network: MattingNetwork, opt: torch.optim.Optimizer, phase: PhaseConfig, pictures: TrainingPictures, step: int, watch: Stopwatch, device: str
) -> float:
    generator = Generator().manual_seed(step)
    torch.manual_seed(step)
    with watch.part("pictures"):
        src, bgr, true_pha, true_fgr = (x.to(device) for x in pictures.batch(phase.batch, generator)[:4])
        src, bgr = (x.contiguous(memory_format=torch.channels_last) for x in (src, bgr))
    with watch.part("forward"):
        matte = network(src, bgr, generator=generator, true_pha=true_pha)
    with watch.part("losses"):
        loss = joint_losses(matte.pha, matte.fgr, matte.pha_sm, matte.fgr_sm, matte.err_sm, true_pha, true_fgr).total
    with watch.part("backward"):
        opt.zero_grad()
        loss.backward()
    with watch.part("optimiser"):
        set_rates(opt, phase, step)
        opt.step()
    return loss.item()


def _pictures(size: int) -> TrainingPictures:
    """Figures in front of noise, as bytes in memory: what is timed is what training does with them."""
    made = [picture_pair(size, size, seed) for seed in range(SUBJECTS)]
    alpha = torch.linspace(1, -1, size).abs().mul(-6).add(3).clamp(0, 1).expand(len(made), 1, size, size)  # a column with soft edges
    subjects = torch.cat([torch.cat([src for src, _ in made]), alpha], 1).mul(255).byte()
    backgrounds = torch.cat([bgr for _, bgr in made]).mul(255).byte()
    names = tuple(str(seed) for seed in range(SUBJECTS))
    return TrainingPictures((subjects,), (backgrounds, backgrounds), (names,), (names, names), size)
