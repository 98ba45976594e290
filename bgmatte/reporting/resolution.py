"""Which differences a study of this size can show: the smallest that each comparison finds four times in five, and what no interval holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

import numpy

from bgmatte.reporting.blocks import Block, Cell, Prose, Table
from bgmatte.reporting.comparisons import BASE, compare, family
from bgmatte.reporting.measures import MAD, alike, number
from bgmatte.reporting.study import Arm, Sample, Study
from bgmatte.reporting.words import counted, listed, scaled, verdict_of
from bgmatte.statistics import PairedDifference, by_seed, detectable, half_widths
from bgmatte.variants import ABLATIONS

_SURE = 0.8  # chance with which a difference should be found, as is usual in planning a study


@dataclass(frozen=True)
class Resolution:
    """The smallest true difference in MAD that one comparison would find with a chance of 80 %, in printed units.

    Found at p < 0.05 alone (`least`), and at the first step of Holm's method in the comparison's family (`strict`).
    """

    arm: Arm
    found: PairedDifference
    least: float
    strict: float
    members: int  # comparisons in the family
    seeds: dict[int, float]  # the difference under each seed
    without: tuple[float, ...]  # none of one subject alone; the least and the largest difference when one subject is left out
    tone: str

    @property
    def share(self) -> float | None:
        """`least` in per cent of the baseline's mean; None where that is 0."""
        return 100 * self.least * abs(self.found.relative / (MAD.factor * self.found.mean)) if self.found.relative and self.found.mean else None


def resolutions(study: Study, ablation: int) -> tuple[Resolution, ...]:
    """The comparisons of one ablation's family, in MAD over the frame."""
    results = compare(study, MAD.column)
    arms = [arm for arm in family(study, ablation) if arm in results and results[arm].difference]
    found = []
    for arm in arms:
        difference, sample = results[arm].difference, study.sample(arm, MAD.column, BASE)
        if difference is None or sample is None:
            continue
        least, strict = (MAD.factor * detectable(difference, count, _SURE) for count in (1, len(arms)))
        under = {seed: MAD.factor * value for seed, value in by_seed(sample.row, sample.base, sample.seeds).items()}
        found.append(Resolution(arm, difference, least, strict, len(arms), under, _without(sample), results[arm].tone))
    return tuple(found)


def _without(sample: Sample) -> tuple[float, ...]:
    """The least and the largest mean difference in printed units when any one subject is left out."""
    apart = sample.row - sample.base
    if sample.people < 2:
        return ()
    people = numpy.asarray(sample.subjects)
    means = [MAD.factor * float(apart[people != subject].mean()) for subject in numpy.unique(people)]
    return min(means), max(means)


def resolution(study: Study, ablations: Iterable[int] = tuple(ABLATIONS)) -> tuple[Block, ...]:
    """Words and a table on what the comparisons of some ablations can show; none when none was made."""
    families = [found for ablation in ablations if (found := resolutions(study, ablation))]
    return (Prose((_told(families), _luck(families))), _table(families)) if families else ()


def in_short(study: Study) -> str:
    """One sentence for the first screen; empty when nothing was compared."""
    every = [one for ablation in ABLATIONS for one in resolutions(study, ablation)]
    if not every:
        return ""
    low, high = (number(end(one.least for one in every), 2) for end in (min, max))
    where = f"lies between about {low} and {high} ×10⁻³, row by row" if low != high else f"is about {low} ×10⁻³"
    return (
        f"The smallest true difference in MAD that such a study finds four times in five {where}; ‘no difference found’ does not deny a smaller one."
    )


def asked_words(study: Study) -> str:
    """How far from 0 the clearest difference of a family must lie to be called clear, for each size of family; empty where none has several rows."""
    asked: dict[int, list[float]] = {}
    for one in (one for ablation in ABLATIONS for one in resolutions(study, ablation)):
        asked.setdefault(one.members, []).append(half_widths(one.found, one.members))
    told = []
    for members, factors in sorted(asked.items()):
        told += [f"{_spanned(sorted(factors))} in a family of {members}"] if members > 1 else []
    lead = "To be called clear, the clearest difference of a family must lie further from 0 than half the width of its interval"
    return f"{lead}: {listed(told)} times as far" if told else ""


def _told(families: list[tuple[Resolution, ...]]) -> str:
    every = [one for members in families for one in members]
    sizes = sorted(one.least for one in every)
    shares = sorted(one.share for one in every if one.share is not None)
    stretch = max(one.strict / one.least for one in every if one.least) if any(sizes) else 1.0
    spans = sorted({counted(one.found.subjects, "subject") + " and " + counted(one.found.seeds, "seed") for one in every})
    percent = f", {_spanned(shares)} % of the baseline’s" if shares else ""
    clear = sum(one.tone != "open" for one in every)
    several = any(one.found.seeds > 1 for one in every)
    few, more = ("seeds", ", the more so with few seeds") if several else ("subjects", "")
    asks = f" As the clearest of its family it must be up to {stretch:.2f} times as large, because Holm’s method asks more of it{more}."
    holm = asks if stretch > 1 else ""
    unsure = sorted(100 / (2 * one.found.degrees) ** 0.5 for one in every)
    others = "; for the others the difference may be anything within its interval" if clear < len(every) else ""
    return (
        f"With {listed(spans, last=' or ')}, a true difference in MAD is found with a chance of {100 * _SURE:.0f} % if it measures "
        f"{_spanned(sizes)} ×10⁻³{percent}; the table has it for each row.{holm} It follows from the spread of "
        f"the paired differences over subjects and seeds, not from the difference that was seen. That spread is estimated from few {few}, so the "
        f"sizes are uncertain by about 1/√(2 · degrees of freedom) of themselves, here {_spanned(unsure)} %. "
        f"{clear} of {counted(len(every), 'comparison')} here came out clear of 0{others}. ‘No difference found’ does not mean that there is none."
    )


def _spanned(values: list[float]) -> str:
    """From the first to the last of sorted values, or what both print as."""
    low, high = number(values[0], 2), number(values[-1], 2)
    return low if low == high else f"{low} to {high}"


def _luck(families: list[tuple[Resolution, ...]]) -> str:
    every = [one for members in families for one in members]
    once = list(dict.fromkeys(one.arm.row for one in every if len(one.seeds) == 1))
    words = []
    if once:
        who = "Each row was" if len(once) == len({one.arm.row for one in every}) else f"{listed(once)} {'was' if len(once) == 1 else 'were'}"
        words.append(
            f"{who} trained with one seed that the baseline shares. Another seed would give another network and another number, and nothing "
            "in these records says how far away: that spread is in no interval. A clear difference then says that these two "
            "networks differ on people like these, not yet that the change of the method is the reason. More seeds (study --seeds 3) would tell."
        )
    ranges = {one.arm.label: max(one.seeds.values()) - min(one.seeds.values()) for one in every if len(one.seeds) > 1}
    if ranges:
        widest = max(ranges, key=lambda label: ranges[label])
        seeds = sorted({len(one.seeds) for one in every if len(one.seeds) > 1})
        words.append(
            f"Between the seeds of one comparison ({listed([str(count) for count in seeds], last=' or ')} of them) its difference moved by "
            f"{number(median(ranges.values()), 2)} ×10⁻³ in the middle and by {number(ranges[widest], 2)} at most ({widest}). The intervals allow "
            "for the seeds too, but so few give only a rough idea of the luck of training."
        )
    return " ".join(words)


def _table(families: list[tuple[Resolution, ...]]) -> Table:
    several = any(len(one.seeds) > 1 for members in families for one in members)
    rows: list[tuple[Cell, ...]] = []
    starts: list[int] = []
    for members in families:
        starts.append(len(rows))
        for one in members:
            mean, span = scaled(one.found, MAD.factor, with_signs=True)
            cells = [Cell(one.arm.label), Cell(mean, (span,)), Cell(f"±{number(one.least, 2)}")]
            cells += [Cell(f"±{number(one.share, 2)} %" if one.share is not None else "")]
            cells += [Cell(f"±{number(one.strict, 2)}", (counted(one.members, "comparison"),))]
            cells.append(Cell(" to ".join(alike(list(one.without)))))
            if several:
                cells.append(Cell(", ".join(alike(list(one.seeds.values())))))
            rows.append((*cells, Cell(verdict_of(one.found, one.tone), (), f"{one.tone} word")))
    columns = [
        ("row", ""),
        ("difference", "MAD ×10⁻³ (95 % interval)"),
        ("would be found", "×10⁻³, alone"),
        ("in per cent", "of the baseline’s mean"),
        ("in its family", "×10⁻³, Holm’s first step"),
        ("leaving one out", "difference ×10⁻³ without any one subject"),
        *([("seed by seed", "difference ×10⁻³")] if several else []),
        ("reading", ""),
    ]
    caption = "The smallest true difference to the baseline that each comparison would find four times in five, MAD over the whole frame"
    return Table(caption, tuple(columns), tuple(rows), frozenset(starts[1:]))
