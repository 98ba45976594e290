"""Whose weights judge a run, and the phases that train them. No torch."""

from bgmatte.config import RunConfig
from bgmatte.phases import PhasePlan, phase_plans
from bgmatte.profiles import run_config
from bgmatte.variants import variant


def judges(run: RunConfig) -> dict[str, RunConfig]:
    """The runs whose weights a run is judged with: `own`, and `swapped`, the baseline's, where only its selector differs.

    A row without training borrows the weights it calls its own; one without a network has none.
    """
    if run.mask == "key":
        return {}
    row = variant(run.row)
    if not row.trained:
        return {"own": run_config(run.profile, row.weights, run.seed)}
    baseline = run_config(run.profile, "baseline", run.seed)
    mine, its = run.network.refine, baseline.network.refine
    return {"own": run, "swapped": baseline} if mine and its and mine.selector != its.selector else {"own": run}


def chains(run: RunConfig) -> tuple[tuple[PhasePlan, ...], ...]:
    """The phases of each of a run's `judges`, its own first."""
    return tuple(phase_plans(judge) for judge in judges(run).values())
