"""The tree of training phases: each named by everything that determines it, so rows share prefixes. No torch."""

from dataclasses import dataclass, replace

from bgmatte.cache import data_key
from bgmatte.config import ROLES, NetworkConfig, PhaseConfig, RunConfig, TestConfig
from bgmatte.fingerprint import code_digest
from bgmatte.jsonable import digest, to_dict
from bgmatte.manifest import manifest_digest
from bgmatte.sources import PUBLISHED, SCENERY, source_of
from bgmatte.starting import starting_content

# Which embedded data set stands in for which published one.
STAND_INS: dict[str, str] = {
    "videomatte": "proc-video",
    "photomatte": "proc-portrait",
    "distinctions": "proc-objects",
    "generic": "proc-generic",  # stands in for nothing: the starting weights are trained on it
}
BACKGROUNDS, PHOTOGRAPHS = "proc-background", "photo-backgrounds"

# What the numbers of a phase depend on besides its configuration: the fast path, for inference alone, is none of it.
_NETWORK = (
    "builder",
    "calibration",
    "cells",
    "clamping",
    "coalesced",
    "coarse",
    "encoders",
    "initialisation",
    "matting",
    "refiner",
    "tiles",
    "weighted_norm",
)
_TRAINING = ("learner", "loop", "optimisation", "parallel", "pictures", "state", "validation")
_CODE = (
    *("augment", "images", "losses", "patches", *(f"network.{part}" for part in _NETWORK), *(f"training.{part}" for part in _TRAINING)),
    *("data.recipe", "data.training_pictures", "data.sets", "data.readers", "data.stocks", "data.store", "data.test_pictures", "network.loading"),
)
_REAL = ("data.published", "data.streaming")  # what only runs on real data sets depend on


@dataclass(frozen=True)
class PhasePlan:
    """One node of the tree: the phase, its name and the name of the phase it starts from (none for the first)."""

    key: str
    parent: str | None
    index: int
    phase: PhaseConfig
    run: RunConfig

    @property
    def network(self) -> NetworkConfig:
        """The network whose weights this phase leaves."""
        return self.run.network

    @property
    def label(self) -> str:
        """How the phase is called in progress lines, tables and curves."""
        return f"{self.phase.kind} on {' + '.join(self.phase.datasets)}"


def phase_plans(run: RunConfig) -> tuple[PhasePlan, ...]:
    """The phases of a run in the order of its recipe, each with its content-given name.

    A base phase depends on the base network alone, so rows that differ in the refiner share it.
    """
    start = {"policy": run.start.policy, "weights": starting_content(run.network, run.start)}
    replaced = [source.digest for role in PUBLISHED if (source := source_of(run, role))]
    parent, plans = None, []
    for index, phase in enumerate(run.recipe):
        content = {
            "start": start,
            "parent": parent,
            "network": _trained_part(run.network, phase),
            "phase": to_dict(phase),
            "data": [_content(run, role) for role in (*phase.datasets, SCENERY)],
            "photographs": manifest_digest(PHOTOGRAPHS),
            "seed": run.seed,
            "precision": run.precision,
            "code": code_digest(*_CODE, *(_REAL if replaced else ())),
            "curve": [to_dict(_seen_by_curve(run.test)), *replaced],
        }
        key = digest(content)
        plans.append(PhasePlan(key, parent, index, phase, run))
        parent = key
    return tuple(plans)


def _seen_by_curve(test: TestConfig) -> TestConfig:
    """What of the held-out settings decides the validation pictures, whose errors a phase records."""
    return replace(test, subjects=None, further=None, backgrounds_each=1)


def generated_sets(run: RunConfig) -> tuple[str, ...]:
    """The generated sets that a run reads: the stand-ins that no real set replaces, and the backgrounds likewise."""
    return tuple(_stand_in(role) for role in (*ROLES, SCENERY) if source_of(run, role) is None)


def _content(run: RunConfig, role: str) -> str:
    """What names the pictures of a role: the index of the user's copy, or how the stand-in is drawn."""
    source = source_of(run, role)
    return source.digest if source else data_key(_stand_in(role), run.data)


def _stand_in(role: str) -> str:
    return BACKGROUNDS if role == SCENERY else STAND_INS[role]


def _trained_part(network: NetworkConfig, phase: PhaseConfig) -> dict[str, object]:
    part = to_dict(network)
    if phase.kind == "base":
        del part["refine"], part["scale"]
    return part


def roles(run: RunConfig) -> tuple[str, ...]:
    """The data sets a recipe visits, each once, in order."""
    return tuple(dict.fromkeys(dataset for phase in run.recipe for dataset in phase.datasets))
