"""The answers of ablations 3 to 5: what replacing the order of the data, the base network or the stages did."""

from bgmatte.reporting.blocks import Finding
from bgmatte.reporting.comparisons import family
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.timings import ratios
from bgmatte.reporting.weighing import Headlines, weigh

_DIFFERENCE = "Difference in MAD to the baseline (×10⁻³, 95 % interval, adjusted p)"
_TIMED = f"{_DIFFERENCE}; the time of a frame at full width relative to its (in brackets over turns)"

_ORDERS = Headlines(
    "Does the order of the training data matter?",
    "The published order of the data sets does better than each of {all} other orders",
    "The published order of the data sets does better than {some} of {all} other orders",
    "The published order of the data sets or another: no clear difference in MAD",
    "{some} of {all} other orders of the data sets do better than the published one",
    _DIFFERENCE,
)
_ALONE = Headlines(
    "Is one data set enough?",
    "Training on all three data sets in turn does better than on any one of them alone, for as many steps",
    "Training on all three data sets in turn does better than on {some} of {all} alone, for as many steps",
    "All three data sets in turn or one alone, for as many steps: no clear difference in MAD",
    "For {some} of {all} data sets, training on it alone does better than on all three in turn, for as many steps",
    _DIFFERENCE,
)
_ENCODERS = Headlines(
    "What does the base network carry?",
    "ResNet-50 with ASPP does better than each of {all} other base networks",
    "ResNet-50 with ASPP does better than {some} of {all} other base networks",
    "ResNet-50 with ASPP or another base network: no clear difference in MAD",
    "{some} of {all} other base networks do better than ResNet-50 with ASPP",
    _TIMED,
)
_STAGES = Headlines(
    "Does refining in two stages pay?",
    "Refining at half, then at full resolution does better than all four convolutions at one resolution",
    "Refining at half, then at full resolution does better than {some} of {all} refiners with one resolution",
    "Refining at two resolutions or at one: no clear difference in MAD",
    "{some} of {all} refiners with one resolution do better than the one with two",
    _TIMED,
)


def orders(study: Study) -> Finding:
    """Ablation 3: the same data sets in another order."""
    return weigh(study, 3, _family(study, 3, "order-"), _ORDERS, _title)


def alone(study: Study) -> Finding:
    """Ablation 3: one data set instead of three."""
    return weigh(study, 3, _family(study, 3, "only-"), _ALONE, _title)


def encoders(study: Study) -> Finding:
    """Ablation 4: another base network."""
    return weigh(study, 4, family(study, 4), _ENCODERS, _title, lambda arm: ratios(study.timing, arm.row))


def stages(study: Study) -> Finding:
    """Ablation 5: one resolution instead of two."""
    return weigh(study, 5, family(study, 5), _STAGES, _title, lambda arm: ratios(study.timing, arm.row))


def _family(study: Study, ablation: int, prefix: str) -> tuple[Arm, ...]:
    return tuple(arm for arm in family(study, ablation) if arm.row.startswith(prefix))


def _title(arm: Arm) -> str:
    return arm.variant.title
