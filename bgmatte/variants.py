"""The study as a table: one row per variant, naming only what differs from the baseline. No torch."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from bgmatte.jsonable import require

ABLATIONS = MappingProxyType(
    {
        1: "two-stage architecture: the refinement network removed",
        2: "error-prediction-based patch selection replaced",
    }
)


@dataclass(frozen=True)
class Variant:
    """One row of the plan.

    `change` maps dotted fields of `RunConfig` to new values; `weights` names the row whose trained
    weights are used (itself unless said otherwise); `reference` rows are lines no user could deploy.
    """

    name: str
    title: str
    ablations: tuple[int, ...]
    change: dict[str, Any] = field(default_factory=dict)
    weights: str = ""
    reference: bool = False

    @property
    def trained(self) -> bool:
        """Whether the row trains weights of its own."""
        return not self.weights


_ROWS = (
    Variant("baseline", "the published network", (1, 2)),
    Variant("no-refinement", "no refinement network", (1,), {"network.refine": None}),
    Variant("select-random", "random patches", (2,), {"network.refine.selector": "random"}),
    Variant("select-grid", "patches on a regular grid", (2,), {"network.refine.selector": "grid"}),
    Variant("select-edge", "edges of the coarse alpha", (2,), {"network.refine.selector": "edge"}),
    Variant("select-edge-image", "edges of the source", (2,), {"network.refine.selector": "edge-image"}),
    Variant("oracle", "patches chosen by the true error", (2,), {"network.refine.selector": "oracle"}, weights="baseline", reference=True),
    Variant("difference-key", "no learning: a soft threshold on |I − B|", (1, 2), {"mask": "key"}, weights="none", reference=True),
)

VARIANTS: MappingProxyType[str, Variant] = MappingProxyType({row.name: row for row in _ROWS})


def variant(name: str) -> Variant:
    """The row called `name`; an unknown one raises `ConfigError` with the allowed names."""
    require(name in VARIANTS, "row", name, ", ".join(VARIANTS))
    return VARIANTS[name]


def rows_of(ablation: int) -> tuple[Variant, ...]:
    """The rows that answer one ablation, the baseline first."""
    return tuple(row for row in VARIANTS.values() if ablation in row.ablations)
