"""The study as a table: one row per variant, naming only what differs from the baseline. No torch."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from bgmatte.config import Stage
from bgmatte.jsonable import require
from bgmatte.orders import Order

ABLATIONS = MappingProxyType(
    {
        1: "two-stage architecture: the refinement network removed",
        2: "error-prediction-based patch selection replaced",
        3: "order of the training data replaced",
        4: "base network replaced",
        5: "two-stage refinement replaced by one stage",
    }
)


@dataclass(frozen=True)
class Variant:
    """One row of the plan.

    `change` maps dotted fields of `RunConfig` to new values; `order` says which data sets its phases visit; `weights` names the row whose trained
    weights are used (itself unless said otherwise); `reference` rows are lines no user could deploy.
    """

    name: str
    title: str
    ablations: tuple[int, ...]
    change: dict[str, Any] = field(default_factory=dict)
    order: Order = "published"
    weights: str = ""
    reference: bool = False

    @property
    def trained(self) -> bool:
        """Whether the row trains weights of its own."""
        return not self.weights


BASELINE, KEY, ORACLE, COARSE = "baseline", "difference-key", "oracle", "no-refinement"  # rows that have a part of their own in the study

# The published widths, all four convolutions at one resolution.
_ALL_FULL, _ALL_HALF = ((Stage(scale, (24, 16, 12, 4)),) for scale in (1.0, 0.5))

_ROWS = (
    Variant(BASELINE, "the published network", (1, 2, 3, 4, 5)),
    Variant(COARSE, "no refinement network", (1,), {"network.refine": None}),
    Variant("select-random", "random patches", (2,), {"network.refine.selector": "random"}),
    Variant("select-grid", "patches on a regular grid", (2,), {"network.refine.selector": "grid"}),
    Variant("select-edge", "edges of the coarse alpha", (2,), {"network.refine.selector": "edge"}),
    Variant("select-edge-image", "edges of the source", (2,), {"network.refine.selector": "edge-image"}),
    Variant("order-random", "another order, drawn from the seed", (3,), order="random"),
    Variant("order-mixed", "every batch from all three data sets", (3,), order="mixed"),
    Variant("order-reverse", "the published order reversed", (3,), order="reverse"),
    Variant("only-videomatte", "VideoMatte240K alone", (3,), order="videomatte"),
    Variant("only-photomatte", "PhotoMatte13K alone", (3,), order="photomatte"),
    Variant("only-distinctions", "Distinctions-646 alone", (3,), order="distinctions"),
    Variant("base-resnet101", "ResNet-101", (4,), {"network.backbone": "resnet101"}),
    Variant("base-mobilenetv2", "MobileNetV2", (4,), {"network.backbone": "mobilenetv2"}),
    Variant("base-no-aspp", "ResNet-50 without ASPP", (4,), {"network.context": "projection"}),
    Variant("stages-full", "four convolutions at full resolution", (5,), {"network.refine.stages": _ALL_FULL}),
    Variant("stages-half", "four convolutions at half resolution", (5,), {"network.refine.stages": _ALL_HALF}),
    Variant(ORACLE, "patches chosen by the true error", (2,), {"network.refine.selector": "oracle"}, weights=BASELINE, reference=True),
    Variant(KEY, "no learning: a soft threshold on |I − B|", (1, 2, 3, 4, 5), {"mask": "key"}, weights="none", reference=True),
)

VARIANTS: MappingProxyType[str, Variant] = MappingProxyType({row.name: row for row in _ROWS})


def variant(name: str) -> Variant:
    """The row called `name`; an unknown one raises `ConfigError` with the allowed names."""
    require(name in VARIANTS, "row", name, ", ".join(VARIANTS))
    return VARIANTS[name]


def rows_of(ablation: int) -> tuple[Variant, ...]:
    """The rows that answer one ablation, the baseline first."""
    return tuple(row for row in VARIANTS.values() if ablation in row.ablations)
