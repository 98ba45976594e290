"""The first screen: five questions, each answered by one sentence whose words the intervals choose."""

from collections.abc import Callable
from dataclasses import dataclass

from bgmatte.reporting.blocks import Answer
from bgmatte.reporting.comparisons import Result, family
from bgmatte.reporting.further.bands import by_distance
from bgmatte.reporting.measures import MAD, hull
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.timings import frame_times
from bgmatte.reporting.weighing import Weighed, clearness, named, verdict, verdict_alone, weighed
from bgmatte.reporting.words import leaning, listed, relative, scaled, sentence, share
from bgmatte.variants import ABLATIONS


@dataclass(frozen=True)
class Group:
    """Arms of one ablation that one clause speaks of: what one and several of them are called, and which they are."""

    one: str  # e.g. "other order"
    many: str  # e.g. "other orders"
    holds: Callable[[Arm], bool]


@dataclass(frozen=True)
class Question:
    """One question of the first screen; `groups` share its sentence, `timed` adds what a frame takes."""

    ablation: int
    words: str
    section: str
    groups: tuple[Group, ...]
    timed: bool = False


def _any(arm: Arm) -> bool:
    return True


QUESTIONS = (
    Question(1, "What does the refinement network carry?", "two-stages", (Group("", "", _any),), timed=True),
    Question(
        2,
        "Does predicted error choose the right patches?",
        "selection",
        (
            Group("simpler rule put in at test time", "simpler rules put in at test time", lambda arm: arm.weights == "swapped"),
            Group("network trained with such a rule", "networks trained with such rules", lambda arm: arm.weights == "own"),
        ),
    ),
    Question(
        3,
        "Does the order of the training data matter?",
        "order",
        (
            Group("other order", "other orders", lambda arm: arm.row.startswith("order-")),
            Group("data set alone", "data sets alone", lambda arm: arm.row.startswith("only-")),
        ),
    ),
    Question(4, "What does the base network carry?", "encoder", (Group("other base network", "other base networks", _any),), timed=True),
    Question(5, "Does refining in two stages pay?", "stages", (Group("refiner with one stage", "refiners with one stage", _any),), timed=True),
)


def five_answers(study: Study) -> tuple[Answer, ...]:
    """One answer for each ablation, also where its rows were not run."""
    return tuple(answer(study, ablation) for ablation in ABLATIONS)


def answer(study: Study, ablation: int) -> Answer:
    """The answer that one ablation's records allow."""
    question = next(one for one in QUESTIONS if one.ablation == ablation)
    arms = family(study, ablation)
    found = weighed(study, arms)
    if not found.results:
        lacking = "Cannot be said: no row of this ablation has a record beside the baseline’s."
        return Answer("lacking", "not run", question.words, lacking, question.section)
    groups = [(group, some) for group in question.groups if (some := weighed(study, [arm for arm in arms if group.holds(arm)])).results]
    clauses = [_several(group, some, first=place == 0) for place, (group, some) in enumerate(groups)] if ablation > 1 else [_alone(found)]
    clauses += _against(found) if ablation > 1 else _where(study, ablation)
    if question.timed:
        names = {arm.row: arm.variant.title if len(arms) > 1 else "" for arm in arms}
        clauses += [words] if (words := frame_times(study.timing, names)) else []
    plain = verdict(found) if ablation > 1 else verdict_alone(found)
    return Answer(found.mark, plain, question.words, sentence("; ".join(clauses)), question.section)


def overall(study: Study) -> str:
    """What all comparisons say together by MAD over the whole frame, in per cent of the baseline; empty where fewer than two can be told so."""
    every = [one for ablation in ABLATIONS for one in weighed(study, family(study, ablation)).results if one.difference and relative(one.difference)]
    if len(every) < 2:
        return ""
    counts = [sum(one.tone == tone for one in every) for tone in ("worse", "better")]
    said = f"Of {len(every)} changes to the method {counts[0]} made mattes clearly worse and {counts[1]} clearly better by MAD over the whole frame"
    clear = [one for one in every if one.tone != "open"]
    if clear:
        largest = max(clear, key=lambda one: abs(one.difference.relative or 0.0) if one.difference else 0.0)
        said += f"; the largest clear change is {share(largest.difference) if largest.difference else ''}, {_called(largest.arm)}"
    ends = [end for one in every if one.tone == "open" and one.difference for end in (one.difference.relative_low, one.difference.relative_high)]
    known = [100 * end for end in ends if end is not None]
    return f"{said}.{f' The others may change it by {hull(min(known), max(known))} % (the widest ends of their intervals).' if known else ''}"


def named_arm(study: Study, ablation: int) -> Arm | None:
    """The arm with weights of its own that the answer names, or the clearest of them where it names none such; None where there is none."""
    found = weighed(study, [arm for arm in family(study, ablation) if arm.weights == "own"])
    return max(found.leads, key=clearness).arm if found.leads else None


def _alone(found: Weighed) -> str:
    """The clause of an ablation with a single row."""
    (result,) = found.results
    against = found.witnesses[result.arm]
    said = {
        "worse": f"by MAD over the whole frame mattes are worse without it, {_number(result)}",
        "better": f"by MAD over the whole frame mattes are better without it, {_number(result)}",
        "open": f"without it no difference in MAD over the whole frame was found {_hull(found)}",
    }[result.tone]
    for tone, word in (("worse", "higher"), ("better", "lower")):
        some = [one for one in against if one.result.tone == tone]
        if some:
            clearest = max(some, key=lambda one: clearness(one.result))
            said += f", but {named(some)} {'is' if len(some) == 1 else 'are'} clearly {word}: {clearest.told}"
    return said


def _where(study: Study, ablation: int) -> list[str]:
    """Where about the contour a single row is clearly better and worse."""
    (arm,) = family(study, ablation)
    places = by_distance(study, arm)
    return [f"by distance from the contour MAD is clearly {places}"] if places else []


def _several(group: Group, found: Weighed, first: bool) -> str:
    """How many of a group are worse, better or not told apart, the clearest of each by name."""
    count, over = len(found.results), "MAD over the whole frame" if first else "MAD"
    if len(found.of("open")) == count:
        who = f"any of {count} {group.many}" if count > 1 else f"the one {group.one}"
        if not any(leaning(one.difference) for one in found.results):
            return f"no difference in {over} was found for {who} {_hull(found)}"
        return f"no clear difference in {over} was found for {who} {_hull(found)}"
    parts: list[str] = []
    for tone in ("worse", "better"):
        some = found.of(tone)
        if some:
            who = f"{len(some)}" if parts else _share_of(len(some), count, group)
            lead = f"{'most clearly ' if len(some) > 1 else ''}{some[0].arm.variant.title}, {_number(some[0])}"
            parts.append(f"{who} {'is' if len(some) == 1 else 'are'} {tone}{'' if parts else f' by {over}'}, {lead}")
    still = len(found.of("open"))
    parts += [f"{still} {'is' if still == 1 else 'are'} not told apart"] if still else []
    return listed(parts, last=", and ")


def _share_of(some: int, count: int, group: Group) -> str:
    if some < count:
        return f"{some} of {count} {group.many}"
    return {1: f"the one {group.one}", 2: f"both {group.many}"}.get(count, f"all {count} {group.many}")


def _against(found: Weighed) -> list[str]:
    """What other measures say clearly where MAD says the opposite or nothing: how many rows they call better and worse, the clearest by name."""
    parts: list[str] = []
    for tone in ("better", "worse"):
        heard = [(one, arm) for arm, against in found.witnesses.items() for one in against if one.result.tone == tone]
        if heard:
            one, arm = max(heard, key=lambda each: clearness(each[0].result))
            count = len({arm for _, arm in heard})
            who = f"{count}{'' if parts else f' of {len(found.results)}'} {'is' if count == 1 else 'are'} clearly {tone}"
            parts.append(f"{who}, {'most clearly ' if count > 1 else ''}{_called(arm)}: {one.told}")
    opposite = f", for {listed([_called(arm) for arm in found.opposed])} the opposite of MAD" if found.opposed else ""
    return [f"but by other measures {'; and '.join(parts)}{opposite}"] if parts else []


def _called(arm: Arm) -> str:
    """An arm in words, e.g. 'random patches, swapped'."""
    return arm.variant.title + arm.label.removeprefix(arm.row)


def _number(result: Result) -> str:
    """A difference in MAD with unit and interval, e.g. '+0.43 ×10⁻³ (+0.13 to +0.75)'."""
    if result.difference is None:
        return ""
    mean, span = scaled(result.difference, MAD.factor, with_signs=True)
    return f"{mean} {MAD.unit} ({span})"


def _hull(found: Weighed) -> str:
    """The range that holds all intervals, and how many of them lean to a side."""
    spans = [(MAD.factor * one.difference.low, MAD.factor * one.difference.high) for one in found.results if one.difference]
    low, high = min(low for low, _ in spans), max(high for _, high in spans)
    range_ = f"{hull(low, high)} {MAD.unit}"
    if len(spans) == 1:
        side = leaning(found.results[0].difference)
        return f"({range_}{f'; it leans {side}' if side else ''})"
    sides = [leaning(one.difference) for one in found.results]
    lean = [f"{sides.count(side)} lean{'s' if sides.count(side) == 1 else ''} {side}" for side in ("worse", "better") if side in sides]
    return f"(all intervals within {range_}{f'; {listed(lean)}' if lean else ''})"
