"""Training as a tree of phases: `train(run)` gives the finished phases, training only those that are missing."""

from pathlib import Path

from bgmatte.config import RunConfig
from bgmatte.phases import phase_plans
from bgmatte.training.loop import Progress, TrainingError, train_phase

__all__ = ["Progress", "TrainingError", "train", "train_phase"]


def train(run: RunConfig, progress: Progress | None = None) -> list[Path]:
    """The checkpoints of a run's phases, in order; finished phases are found, the others trained."""
    return [train_phase(plan, progress) for plan in phase_plans(run)]
