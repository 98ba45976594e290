"""How a run's weights came about: what the records of its phases tell. No torch."""

import json
from typing import Any

from bgmatte.cache import checkpoint_path, record_path
from bgmatte.config import ROLES, RunConfig
from bgmatte.phases import PhasePlan, phase_plans
from bgmatte.profiles import run_config
from bgmatte.variants import variant


def learning_curves(run: RunConfig) -> list[dict[str, Any]]:
    """The recorded steps of all phases of a run, one after the other; a row without training has none."""
    lines, offset = [], 0
    for plan in phase_plans(run) if variant(run.row).trained else ():
        for line in phase_record(plan)["curve"]:
            place = {"phase": plan.index, "label": plan.label, "step": line["step"], "global_step": offset + line["step"]}
            measured = {f"validation_{role}": line["validation"].get(role) for role in ROLES}
            lines.append({**place, **{name: value for name, value in line.items() if name != "validation"}, **measured})
        offset += plan.phase.steps
    return lines


def training_seconds(run: RunConfig) -> dict[str, float]:
    """Seconds of training behind a run, and how many of them are shared with the baseline."""
    if not variant(run.row).trained:
        return {"train": 0.0, "train_shared": 0.0}
    shared = {plan.key for plan in phase_plans(run_config(run.profile, "baseline", run.seed))} if run.row != "baseline" else set()
    spent = {plan.key: phase_record(plan)["seconds"] for plan in phase_plans(run)}
    return {"train": sum(spent.values()), "train_shared": sum(seconds for key, seconds in spent.items() if key in shared)}


def phase_story(plan: PhasePlan) -> dict[str, Any]:
    """What a run's record tells of a finished phase: its name, steps, seconds and the phase it started from."""
    return {"key": plan.key, "label": plan.label, "steps": plan.phase.steps, "seconds": phase_record(plan)["seconds"], "parent": plan.parent}


def phase_record(plan: PhasePlan) -> dict[str, Any]:
    """What stands beside the checkpoint of a finished phase; raises `FileNotFoundError` when it is not finished."""
    return dict(json.loads(record_path(checkpoint_path(plan.key)).read_text()))
