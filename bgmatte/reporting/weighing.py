"""Several rows against the baseline in one answer: how many are worse, how many better, and where the metrics disagree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bgmatte.reporting.blocks import Finding
from bgmatte.reporting.comparisons import Result, compare
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.words import compared, listed


@dataclass(frozen=True)
class Headlines:
    """What to say over each outcome, where `{some}` of `{all}` rows are worse or better; `question` stands where nothing was run."""

    question: str
    every: str  # all are worse than the baseline
    some: str  # some are worse, the others open
    none: str  # no difference found
    better: str  # some are better
    measured: str  # what the numbers below are


def weigh(
    study: Study, ablation: int, arms: Sequence[Arm], headlines: Headlines, name: Callable[[Arm], str], beside: Callable[[Arm], str] = lambda _: ""
) -> Finding:
    """The answer that the rows in `arms` give together; `beside` adds to each row's line."""
    results = compare(study, "mad")
    mine = [results[arm] for arm in arms if arm in results and results[arm].difference is not None]
    if not mine:
        return Finding("lacking", "not run", headlines.question, "Cannot be said: no such row has a record beside the baseline’s.", ablation=ablation)
    by_tone = {tone: [result for result in mine if result.tone == tone] for tone in ("worse", "open", "better")}
    worse, better = len(by_tone["worse"]), len(by_tone["better"])
    tone = "no" if better else "yes" if worse == len(mine) else "open"
    headline = headlines.better if better else headlines.every if worse == len(mine) else headlines.some if worse else headlines.none
    disputed = _disputed(study, mine)
    warning = f"The gradient error says the opposite of MAD for {listed(disputed)}. " if disputed else ""
    return Finding(
        "open" if disputed else tone,
        _verdict(worse, better, len(mine), bool(disputed)),
        headline.format(some=better or worse, all=len(mine)) + (", by MAD" if worse or better else ""),
        f"{warning}{headlines.measured} (×10⁻³, 95 % interval, adjusted p):",
        tuple(compared(result, name(result.arm)) + beside(result.arm) for group in by_tone.values() for result in group),
        ablation,
    )


def _verdict(worse: int, better: int, rows: int, disputed: bool) -> str:
    parts = [f"{worse} of {rows} worse"] if worse or not better else []
    parts += [f"{better} better" if parts else f"{better} of {rows} better"] if better else []
    return ", ".join([*parts, *(["metrics disagree"] if disputed else [])])


def _disputed(study: Study, results: list[Result]) -> list[str]:
    """The rows that MAD calls clearly worse and the gradient error clearly better than the baseline, or the other way round."""
    edges = compare(study, "grad")
    opposite = {("worse", "better"), ("better", "worse")}
    return [result.arm.row for result in results if result.arm in edges and (result.tone, edges[result.arm].tone) in opposite]
