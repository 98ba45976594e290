"""Ablation 2 beside ablation 1: which ways of choosing patches can be told from not refining at all."""

from bgmatte.reporting.blocks import Finding
from bgmatte.reporting.comparisons import BASE, difference, family, level
from bgmatte.reporting.measures import MAD, chance
from bgmatte.reporting.readings import adjusted
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.words import listed, percent, reading
from bgmatte.variants import COARSE

_LITTLE = 0.1  # of the coarse matte's true error: who refines patches that hold less leaves the coarse matte nearly as it is


def unrefined_finding(study: Study) -> Finding | None:
    """Every way of choosing patches against the row without refinement, MAD over the whole frame; None where that row is missing."""
    arms = (BASE, *family(study, 2))
    found = {arm: apart for arm in arms if (apart := difference(study, arm, MAD.column, Arm(COARSE))) is not None}
    if len(found) < 2:
        return None
    read = adjusted(found)
    covered = {arm: share for arm in found if (share := level(study, arm, "covered")) is not None}
    open_ = sum(tone == "open" for _, tone in read.values())
    little = [arm.label for arm, share in covered.items() if share.high < _LITTLE]
    words = (
        f"They refine patches that hold less than {100 * _LITTLE:.0f} % of the coarse error and are nearly the row without refinement under another "
        f"name: {listed(little, '; ', '; ')}. What they show against the baseline is ablation 1 once more. "
        if little
        else ""
    )
    points = tuple(
        f"{_called(arm)}: {reading(apart, read[arm][1])}, {chance(read[arm][0])}"
        + (f"; refined patches hold {percent(covered[arm])} of the error" if arm in covered else "")
        for arm, apart in found.items()
    )
    return Finding(
        "open",
        f"{open_} of {len(found)} not clear",
        f"Against no refinement at all {len(found) - open_} of {len(found)} ways of choosing patches are clearly different",
        f"{words}Difference in MAD to the row {COARSE}, negative where refining helps (×10⁻³, 95 % interval, p adjusted over these {len(found)}):",
        points,
        ablation=2,
    )


def _called(arm: Arm) -> str:
    return "predicted error" if arm == BASE else arm.label
