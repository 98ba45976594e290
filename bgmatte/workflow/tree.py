"""The tree of training phases that a set of runs needs, cut into branches: one job each. No torch."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from bgmatte.config import Backbone, RunConfig
from bgmatte.jsonable import require
from bgmatte.lineage import chains
from bgmatte.phases import PhasePlan
from bgmatte.profiles import run_config
from bgmatte.variants import VARIANTS

# Time of one pixel of a training picture, in a base phase and in a joint one, of which the base network sees a sixteenth
# [about s, one core, quarter width], and that of a backbone compared with ResNet-50's.
_PIXEL = {"base": 2.8e-6, "joint": 0.8e-6}
_BACKBONE: dict[Backbone, float] = {"resnet50": 1.0, "resnet101": 1.6, "mobilenetv2": 0.5}


@dataclass(frozen=True)
class Branch:
    """Phases that one process trains one after the other: from one fork of the tree to the next, or to a leaf.

    `rows` are the rows that have these phases in their own recipe; `parent` is the phase before the first.
    """

    plans: tuple[PhasePlan, ...]
    rows: tuple[str, ...]

    @property
    def key(self) -> str:
        """The name of the last phase, which names the branch."""
        return self.plans[-1].key

    @property
    def parent(self) -> str | None:
        """The phase that must be finished before."""
        return self.plans[0].parent

    @property
    def seed(self) -> int:
        """The seed of all its phases."""
        return self.plans[0].run.seed

    @property
    def words(self) -> str:
        """Its phases, e.g. "joint on videomatte, photomatte"."""
        kinds = groupby((plan.phase for plan in self.plans), key=lambda phase: phase.kind)
        return ", ".join(f"{kind} on {', '.join(' + '.join(phase.datasets) for phase in phases)}" for kind, phases in kinds)

    @property
    def kind(self) -> str:
        """What takes about equally long: the same kind of network through the same phases."""
        network = self.plans[-1].run.network
        return f"{network.backbone}, {network.context}: {self.words}"

    @property
    def work(self) -> float:
        """How long it may take compared with other branches, for an order of jobs that were never measured [about s]."""
        slow = _BACKBONE[self.plans[-1].run.network.backbone]
        return sum(slow * _PIXEL[phase.kind] * phase.steps * phase.batch * phase.size**2 for phase in (plan.phase for plan in self.plans))


def branches(runs: Iterable[RunConfig]) -> tuple[Branch, ...]:
    """All phases that some runs need, each in one branch, parents before children.

    A process costs seconds to start and a phase of a small study little more, so only forks part processes.
    """
    every = list(dict.fromkeys(chain for run in runs for chain in chains(run)))
    children: dict[str, set[str]] = {}
    rows: dict[str, list[str]] = {}
    for chain in every:
        for plan in chain:
            children.setdefault(plan.key, set())
            if plan.parent:
                children[plan.parent].add(plan.key)
            rows.setdefault(plan.key, [])
            if plan.run.row not in rows[plan.key]:
                rows[plan.key].append(plan.run.row)
    leaves = {chain[-1].key for chain in every}

    found: dict[str, Branch] = {}
    for chain in every:
        begun: list[PhasePlan] = []
        for plan in chain:
            begun.append(plan)
            if plan.key in leaves or len(children[plan.key]) > 1:
                found.setdefault(plan.key, Branch(tuple(begun), tuple(rows[plan.key])))
                begun = []
    return tuple(found.values())


def chain_to(profile: str, seed: int, key: str) -> tuple[PhasePlan, ...]:
    """The phase called `key`, the last, and all before it; raises `ConfigError` when no row of the profile has it."""
    every = {chain for row in VARIANTS for chain in chains(run_config(profile, row, seed))}
    cut = {chain[index].key: chain[: index + 1] for chain in every for index in range(len(chain))}
    require(key in cut, "phase", key, ", ".join(sorted(cut)))
    return cut[key]
