"""Every arm of the study against the baseline: level, paired difference, interval, adjusted p. No torch."""

from dataclasses import dataclass
from functools import cache

from bgmatte import statistics
from bgmatte.reporting.study import Arm, Sample, Study
from bgmatte.variants import ABLATIONS, BASELINE, COARSE, KEY, ORACLE, rows_of

RESAMPLES = 10_000  # of the bootstrap: the ends of a 95 % interval then move by less than 2 % of its width
SEED = 0  # of the resampling: the same records give the same report

BASE = Arm(BASELINE)


@dataclass(frozen=True)
class Result:
    """One arm in one column of the records, in raw units.

    `difference` is arm − baseline over the pictures both have; `p` is Holm-adjusted over the arm's ablation, None for
    the baseline and for reference lines. `tone` is "worse", "better", "open" (not clear) or "" (nothing to compare).
    """

    arm: Arm
    level: statistics.Interval
    difference: statistics.PairedDifference | None
    p: float | None
    tone: str

    @property
    def effect(self) -> statistics.Effect | None:
        """The difference in standard deviations of the subjects' differences; None without one."""
        return self.difference.effect if self.difference else None

    @property
    def worse(self) -> int:
        """On how many subjects the arm's mean is above the baseline's."""
        return self.difference.above if self.difference else 0


def family(study: Study, ablation: int) -> tuple[Arm, ...]:
    """The arms that one ablation compares with the baseline, without the lines no user could deploy."""
    rows = {row.name for row in rows_of(ablation)}
    return tuple(arm for arm in study.arms if arm.row in rows and arm.row != BASELINE and not arm.reference)


@cache
def compare(study: Study, column: str) -> dict[Arm, Result]:
    """Every arm of the study in one column, e.g. "mad" or "grad_unknown"."""
    levels = {arm: level(study, arm, column) for arm in study.arms}
    differences = {arm: difference(study, arm, column) for arm in study.arms if arm != BASE}
    adjusted: dict[Arm, float] = {}
    for ablation in ABLATIONS:
        members = {arm: found.p for arm in family(study, ablation) if (found := differences.get(arm)) is not None}
        adjusted |= dict(zip(members, statistics.holm(list(members.values())), strict=True))
    return {
        arm: Result(arm, mean, differences.get(arm), adjusted.get(arm), tone(differences.get(arm), adjusted.get(arm)))
        for arm, mean in levels.items()
        if mean is not None
    }


def tone(found: statistics.PairedDifference | None, p: float | None) -> str:
    """How a difference of an error reads: "worse" or "better" where its interval and, in a family, its adjusted p say so, else "open".

    Empty where there is none to read.
    """
    if found is None:
        return ""
    if found.low <= 0 <= found.high or (p is not None and p >= 0.05):
        return "open"
    return "worse" if found.mean > 0 else "better"


def level(study: Study, arm: Arm, column: str) -> statistics.Interval | None:
    """The mean of one column of an arm with its interval; None when it was never measured."""
    sample = study.sample(arm, column)
    return statistics.mean_interval(sample.row, sample.subjects, sample.seeds, resamples=RESAMPLES, rng_seed=SEED) if sample else None


def difference(study: Study, arm: Arm, column: str, base: Arm = BASE, share: float = 1.0) -> statistics.PairedDifference | None:
    """Arm − `share` × base, picture by picture; None when they share fewer than two subjects."""
    sample = study.sample(arm, column, base)
    return _paired(sample, share) if sample else None


def gained(study: Study, arm: Arm, column: str = "mad") -> statistics.Interval | None:
    """Which share of the oracle's gain over random patches an arm reaches, all three with the baseline's weights, 0–1.

    None where one of them is missing or where the oracle's own gain is not clearly above zero: then there is nothing to share.
    """
    chance = Arm("select-random", "swapped")
    gain, best = study.sample(arm, column, chance), study.sample(Arm(ORACLE), column, chance)
    if gain is None or best is None or (gain.subjects, gain.seeds) != (best.subjects, best.seeds):
        return None
    return statistics.ratio(gain.base - gain.row, best.base - best.row, gain.subjects, gain.seeds, resamples=RESAMPLES, rng_seed=SEED)


def beats_key(study: Study, arm: Arm) -> bool | None:
    """Whether an arm's MAD is clearly below the difference key's; None when that cannot be told."""
    found = difference(study, arm, "mad", Arm(KEY))
    return None if found is None else bool(found.high < 0)


def refinement_gain(study: Study) -> statistics.PairedDifference | None:
    """MAD without a refinement network − MAD of the baseline."""
    return difference(study, Arm(COARSE), "mad")


def _paired(sample: Sample, share: float) -> statistics.PairedDifference:
    return statistics.paired(sample.row, share * sample.base, sample.subjects, sample.seeds, resamples=RESAMPLES, rng_seed=SEED)
