"""What may be said of quality against budget: sentences and words whose strength follows the intervals. No torch."""

from collections.abc import Callable, Mapping

from bgmatte.config import PATCH
from bgmatte.reporting.further.budget_numbers import NAMES, PERFECT, PREDICTED, VIEWS, Worth, curves, everything, reached, refined, retrained, worths
from bgmatte.reporting.measures import MAD, PLACES, Measure, chance, number
from bgmatte.reporting.readings import Reach
from bgmatte.reporting.study import Study
from bgmatte.reporting.words import change, counted, listed, percent, scaled, verdict_of
from bgmatte.statistics import Interval
from bgmatte.variants import BASELINE

HALF, MOST = 0.5, 0.9  # of what refining everything gains
_CHANCE = ("random",)
_ALL = 0.995  # of all patches: who refines as many leaves hardly any out


def found_words(study: Study) -> tuple[tuple[str, str], ...]:
    """What was found, as points of a list: the gain, other rules against predicted error, and how many patches it takes."""
    found, every = worths(study, MAD.column), everything(study, MAD.column)
    gain = (
        f"On average over budgets from {span_words(study)} patches, every doubling alike, refining by predicted error "
        f"{_moved(found[PREDICTED].gain)} against no refinement (×10⁻³, whole frame). {_shared(found)}"
    )
    points = [("Found.", gain)]
    if rules := _rules(found):
        points.append(("Other rules against it.", rules))
    points += [("In other measures.", others)] if (others := _elsewhere(study)) else []
    if every is not None:
        half = _halves(study) if every.low > 0 else ", so there is no budget that reaches half of a gain"
        points.append(("How many patches.", f"Refining every patch {_moved(every)}{half}."))
    return tuple(points)


def published_words(study: Study) -> str:
    """What the paper says of the budget, and our number beside it."""
    place, every = reached(study, MAD.column, MOST).get(PREDICTED), curves(study, MAD.column)[PREDICTED].budgets[-1]
    told = "The paper has a plot without numbers: most of the gain by 5 to 10 % of the frame refined (HD, its own test pictures, long training). "
    if place is None:
        ours = "Here refining everything brings no gain clearly above 0, so there is no such share."
    elif place.at is None:
        ours = "Here predicted error reaches 90 % of the gain of refining everything at no budget."
    else:
        first = curves(study, MAD.column)[PREDICTED].budgets[1]
        told_share = f"{_percent(place.at, every)} % of the frame{' or less' if place.at == first else ''}"
        ends = _ends(place, first, lambda budget: _percent(budget, every), "or less")
        ours = f"Here predicted error reaches 90 % of the gain of refining everything with {told_share}{ends}."
    return f"{told}{ours} The two may be compared in kind only: a smaller frame has a larger share of its patches on the contour."


def limits(study: Study) -> str:
    """What these curves cannot say."""
    most = most_words(study, PREDICTED)
    left = f"Predicted error refines no patch whose predicted error is 0 and so no more than {most} on average. " if most else ""
    grown = "In the last panel each network grew up with its own rule at the study’s budget. " if retrained(study) else ""
    return (
        f"{left}The oracle knows where the coarse matte is wrong, not where refining helps: a better order than its may exist. "
        f"A network trained at one budget was asked for all others. {grown}"
        f"How many patches a frame has, and which share of them carries the error, depends on the size of the picture: here {_side(study)}."
    )


def _side(study: Study) -> str:
    side = study.runs[BASELINE][0].config.test.size
    return f"{side} × {side} px, {(side // PATCH) ** 2:,} patches"


def most_words(study: Study, selector: str) -> str:
    """How many of all patches a selector refines on average when all are allowed, e.g. '410 of 1,024'; empty where it leaves hardly any out."""
    most, every = refined(study, selector), curves(study, MAD.column)[selector].budgets[-1]
    return f"{most:,.0f} of {every:,}" if most is not None and most < _ALL * every else ""


def place_words(place: Reach, study: Study) -> str:
    """A budget with its interval, e.g. '410 (260 to 610)'; what lies outside the measured budgets is said as such."""
    first = curves(study, MAD.column)[PREDICTED].budgets[1]
    if place.at is None:
        return "not reached" + (f" (not before {_patches(place.low)})" if place.low else "")
    return f"{_patches(place.at)}{' or fewer' if place.at == first else ''}{_ends(place, first, _patches, 'or fewer')}"


def span_words(study: Study) -> str:
    """The smallest budget above none and the largest, e.g. '64 to all 16,384'."""
    budgets = curves(study, MAD.column)[PREDICTED].budgets
    return f"{budgets[1]:,} to all {budgets[-1]:,}"


def measured(study: Study) -> str:
    """The budgets above none, in words."""
    budgets = curves(study, MAD.column)[PREDICTED].budgets
    return f"with {budgets[1]:,}, {budgets[2]:,} … {budgets[-1]:,} of them ({counted(len(budgets) - 1, 'budget')})"


def fall(gain: Interval) -> Interval:
    """A gain as the change of the error."""
    return Interval(-gain.mean, -gain.high, -gain.low, gain.subjects, gain.seeds)


def _shared(found: Mapping[str, Worth]) -> str:
    best, share = found.get(PERFECT), found[PREDICTED].share
    if best is None:
        return ""
    if share is None:
        return (
            f"The oracle, patches chosen by the true error of the coarse matte, {_moved(best.gain)}; that is no gain clearly above 0, so no "
            "share of it is given."
        )
    excess = found[PERFECT].excess
    if excess is not None and excess.low > 0:
        return (
            f"The oracle gains less than predicted error does ({percent(share)}): the patches with the largest true error are not those "
            "that refining mends most."
        )
    return f"That is {percent(share)} of what the oracle, patches chosen by the true error of the coarse matte, gains on the same budgets."


def _halves(study: Study) -> str:
    """How many patches bring half of what all bring, by predicted error and, for scale, by chance."""
    places = reached(study, MAD.column, HALF)
    told = [f"{NAMES[selector]}: {place_words(places[selector], study)}" for selector in (PREDICTED, *_CHANCE) if selector in places]
    return f"; patches until half of that is reached, {listed(told, '; ', '; ')}"


def _moved(gain: Interval, measure: Measure = MAD) -> str:
    if gain.low <= 0 <= gain.high:
        return f"makes no difference to {measure.title} that could be found ({scaled(fall(gain), measure.factor, with_signs=True)[1]})"
    mean_, span = scaled(gain if gain.low > 0 else fall(gain), measure.factor)
    return f"{'lowers' if gain.low > 0 else 'raises'} {measure.title} by {mean_} ({span})"


def _rules(found: Mapping[str, Worth]) -> str:
    """Which rules do worse or better than predicted error, the nearest and the farthest with their numbers; empty where none was measured."""
    known = [(NAMES[selector], worth, worth.excess) for selector, worth in found.items() if worth.p is not None and worth.excess is not None]
    parts = []
    for tone in ("worse", "better"):
        clear = sorted((one for one in known if one[1].tone == tone), key=lambda one: abs(one[2].mean))
        if clear:
            told = [f"{name} by {change(excess)}" for name, _, excess in dict.fromkeys((clear[0], clear[-1]))]
            if len(told) > 1:
                told = [f"the nearest, {told[0]},", f"the farthest, {told[1]}"]
            parts.append(f"{len(clear)} of {counted(len(known), 'rule')} {'is' if len(clear) == 1 else 'are'} {tone}: {listed(told)}")
    for words in ("leans worse", "leans better", "no difference found"):
        if still := [f"{name} ({_span(excess)}; {chance(worth.p)})" for name, worth, excess in known if verdict_of(excess, worth.tone) == words]:
            lean = words if len(still) == 1 else words.replace("leans", "lean")
            parts.append(f"{listed(still)} {lean}" if words.startswith("leans") else f"{words} for {listed(still)}")
    beside = "Ablation 2 sets them side by side at one budget, here all budgets count."
    return f"On the same budgets {'; '.join(parts)} (difference in MAD ×10⁻³, whole frame; p after Holm’s correction). {beside}" if parts else ""


def _elsewhere(study: Study) -> str:
    """What the other measures and regions say of predicted error and of the rules against it; empty where none was measured."""
    told = []
    for measure, region in VIEWS[1:]:
        found = worths(study, measure.column + region)
        if PREDICTED not in found:
            continue
        said = f"{measure.title} {PLACES[region]}: refining by predicted error {_moved(found[PREDICTED].gain, measure)}"
        for tone in ("better", "worse"):
            if names := [NAMES[selector] for selector, worth in found.items() if worth.p is not None and worth.tone == tone]:
                said += f"; clearly {tone} than it: {listed(names)}"
        told.append(said)
    return f"{'. '.join(told)} (MAD ×10⁻³, Grad /1000)." if told else ""


def _span(found: Interval) -> str:
    return scaled(found, MAD.factor, with_signs=True)[1]


def _ends(place: Reach, first: float, spelled: Callable[[float], str], less: str) -> str:
    """From where to where a place that is reached may be, in brackets; empty where all of that lies at the first budget or below."""
    if place.at is None or place.high == first:
        return ""
    low = f"{spelled(first)} {less}" if place.low == first else spelled(place.low or place.at)
    return f" ({low} to {spelled(place.high) if place.high else 'more than all'})"


def _percent(budget: float, every: float) -> str:
    return number(100 * budget / every, 2)


def _patches(budget: float) -> str:
    return number(round(budget), 2) if budget >= 10 else f"{budget:.0f}"
