"""Several rows against the baseline together: how many are worse, how many better, which is clearest, and where other measures disagree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bgmatte.reporting.blocks import Finding
from bgmatte.reporting.comparisons import Result, compare
from bgmatte.reporting.measures import MAD, PLACES, WITNESSES, Measure
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.words import compared, leaning, listed, share, unclear

_OPPOSITE = {("worse", "better"), ("better", "worse"), ("open", "worse"), ("open", "better")}
HELPS = {"worse": "it helps", "better": "it hurts"}  # of a part whose removal makes mattes worse or better
DISPUTED = "measures disagree"  # the verdict where MAD says one thing clearly and another measure the opposite
DIRECTIONS = {"worse": "higher", "better": "lower"}


@dataclass(frozen=True)
class Witness:
    """One measure over one region that says clearly of an arm what MAD over the whole frame does not."""

    measure: Measure
    region: str
    result: Result

    @property
    def told(self) -> str:
        """Its finding in per cent of the baseline's mean."""
        return f"{self.measure.title} {PLACES[self.region]} {share(self.result.difference) if self.result.difference else ''}"


@dataclass(frozen=True)
class Weighed:
    """Arms by what MAD over the whole frame says of them, and the witnesses against it, arm by arm."""

    results: tuple[Result, ...]
    witnesses: dict[Arm, tuple[Witness, ...]]

    def of(self, tone: str) -> tuple[Result, ...]:
        """The results read as "worse", "better" or "open", the clearest first."""
        return tuple(sorted((one for one in self.results if one.tone == tone), key=clearness, reverse=True))

    @property
    def opposed(self) -> tuple[Arm, ...]:
        """The arms that MAD calls clearly worse or better and another measure clearly the opposite."""
        clear = {one.arm for one in self.results if one.tone != "open"}
        return tuple(arm for arm, against in self.witnesses.items() if against and arm in clear)

    @property
    def mark(self) -> str:
        """The tone of the answer: "yes" where all are worse, "no" where any is better, "open" where it is neither or measures disagree."""
        if self.opposed:
            return "open"
        return "no" if self.of("better") else "yes" if len(self.of("worse")) == len(self.results) else "open"

    @property
    def leads(self) -> tuple[Result, ...]:
        """The arms that carry the sentence: the clearest worse and the clearest better one; where no difference was found, the clearest."""
        return (*self.of("worse")[:1], *self.of("better")[:1]) or self.of("open")[:1]


def weighed(study: Study, arms: Sequence[Arm]) -> Weighed:
    """What the records say of the arms that were compared with the baseline."""
    results = compare(study, MAD.column)
    mine = tuple(results[arm] for arm in arms if arm in results and results[arm].difference is not None)
    return Weighed(mine, {result.arm: _witnesses(study, result) for result in mine})


def clearness(result: Result) -> float:
    """How far a difference lies from 0, counted in half widths of its interval."""
    found = result.difference
    return 0.0 if found is None or found.high == found.low else abs(found.mean) / (0.5 * (found.high - found.low))


@dataclass(frozen=True)
class Headlines:
    """What to say over each outcome, where `{some}` of `{all}` rows are worse or better; `question` stands where nothing was run."""

    question: str
    every: str  # all are worse than the baseline
    some: str  # some are worse, the others open
    none: str  # no row is clearly worse or better
    better: str  # some are better
    measured: str  # what the numbers below are


def weigh(
    study: Study, ablation: int, arms: Sequence[Arm], headlines: Headlines, name: Callable[[Arm], str], beside: Callable[[Arm], str] = lambda _: ""
) -> Finding:
    """The answer that the rows in `arms` give together; `beside` adds to each row's line."""
    found = weighed(study, arms)
    if not found.results:
        return Finding("lacking", "not run", headlines.question, "Cannot be said: no such row has a record beside the baseline’s.", ablation=ablation)
    worse, better = len(found.of("worse")), len(found.of("better"))
    headline = headlines.better if better else headlines.every if worse == len(found.results) else headlines.some if worse else headlines.none
    return Finding(
        found.mark,
        verdict(found),
        headline.format(some=better or worse, all=len(found.results)) + (", by MAD" if worse or better else ""),
        f"{_warning(found)}{headlines.measured}:",
        tuple(
            compared(result, name(result.arm)) + beside(result.arm) + besides(result, found.witnesses[result.arm])
            for tone in ("worse", "open", "better")
            for result in found.of(tone)
        ),
        ablation,
    )


def verdict(found: Weighed) -> str:
    """The answer in a word or two."""
    if not any(result.tone != "open" for result in found.results):
        return "open by MAD" if any(found.witnesses.values()) else unclear([result.difference for result in found.results])
    if found.opposed:
        return DISPUTED
    worse, better, rows = len(found.of("worse")), len(found.of("better")), len(found.results)
    said = [f"{worse} of {rows} alternatives worse"] if worse else []
    said += [f"{better}{'' if worse else f' of {rows} alternatives'} better"] if better else []
    return ", ".join(said)


def verdict_alone(found: Weighed) -> str:
    """The answer of an ablation of one row that takes a part away: what the part does where no other measure disagrees."""
    (result,) = found.results
    return verdict(found) if found.witnesses[result.arm] else HELPS.get(result.tone) or verdict(found)


def besides(result: Result, witnesses: Sequence[Witness]) -> str:
    """What to add to an arm's line of MAD, e.g. '; but clearly lower: MSE and Grad in both regions'; 'and' where MAD leans the same way."""
    said = ""
    for tone, word in DIRECTIONS.items():
        if some := [one for one in witnesses if one.result.tone == tone]:
            said += f"; {'and' if leaning(result.difference) == tone else 'but'} clearly {word}: {named(some)}"
    return said


def named(witnesses: Sequence[Witness]) -> str:
    """Measures with their regions, what holds in both said once, e.g. 'MSE and Grad in both regions and MAD in the unknown region'."""
    regions: dict[str, list[str]] = {}
    for one in witnesses:
        regions.setdefault(one.measure.title, []).append(PLACES[one.region])
    places: dict[str, list[str]] = {}
    for title, where in regions.items():
        places.setdefault("in both regions" if len(where) == len(PLACES) else where[0], []).append(title)
    return listed([f"{listed(titles)} {where}" for where, titles in places.items()])


def _witnesses(study: Study, leading: Result) -> tuple[Witness, ...]:
    heard = [(measure, region, compare(study, measure.column + region).get(leading.arm)) for measure, region in WITNESSES]
    return tuple(
        Witness(measure, region, result) for measure, region, result in heard if result is not None and (leading.tone, result.tone) in _OPPOSITE
    )


def _warning(found: Weighed) -> str:
    rows = list(dict.fromkeys(arm.row for arm in found.opposed))
    return f"Another measure says the opposite of MAD over the whole frame for {listed(rows)}. " if rows else ""
