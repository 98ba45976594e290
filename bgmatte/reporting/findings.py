"""What was found: one answer for each question, its words chosen by the intervals."""

from bgmatte.reporting.blocks import Finding
from bgmatte.reporting.comparisons import BASE, Result, beats_key, compare, difference, family, gained, refinement_gain
from bgmatte.reporting.measures import MAD, chance, number
from bgmatte.reporting.replaced import alone, encoders, orders, stages
from bgmatte.reporting.study import BASELINE, COARSE, KEY, ORACLE, Arm, Study
from bgmatte.reporting.timings import ratio_words
from bgmatte.reporting.weighing import Headlines, weigh
from bgmatte.reporting.words import change, compared, counted, listed, percent, relative, scaled
from bgmatte.statistics import PairedDifference


def findings(study: Study) -> tuple[Finding, ...]:
    """Every answer the records allow, the most basic first: does the network work at all?"""
    return tuple(found for write in _ANSWERS if (found := write(study)) is not None)


def failed_runs(study: Study) -> tuple[str, ...]:
    """Trained rows whose MAD is not clearly below the difference key’s."""
    return tuple(row for row in study.runs if Arm(row).variant.trained and beats_key(study, Arm(row)) is False)


def _floor(study: Study) -> Finding | None:
    results = compare(study, "mad")
    mine, key = results.get(BASE), results.get(Arm(KEY))
    apart = difference(study, BASE, "mad", Arm(KEY), share=0.5)
    if mine is None or key is None or apart is None:
        lacking = listed([row for row in (BASELINE, KEY) if Arm(row) not in results])
        return Finding("lacking", "not run", "Does the trained baseline halve a difference key?", f"Cannot be said: {lacking} has no record.")
    half = 500 * key.level.mean
    if apart.high < 0:
        tone, verdict, headline = "yes", "yes", "The trained baseline’s error is below half of a difference key’s"
    elif apart.low > 0:
        tone, verdict, headline = "no", "no", "The trained baseline’s error is above half of a difference key’s"
    else:
        side, verdict = ("below", "on average") if apart.mean <= 0 else ("not below", "not shown")
        tone, headline = "open", f"The trained baseline’s mean error is {side} half of a difference key’s, and the interval reaches across"
    sentence = (
        f"MAD of the baseline {_level(mine)} ×10⁻³ over the whole frame; the tuned key that learns nothing {_level(key)}, half of it {number(half)}. "
        f"Baseline minus half the key: {change(apart)}. Mean and 95 % interval over {counted(_people(study), 'held-out subject')}."
    )
    return Finding(tone, verdict, headline, sentence)


def _failed(study: Study) -> Finding | None:
    trained = [row for row in study.runs if Arm(row).variant.trained and beats_key(study, Arm(row)) is not None]
    if not trained:
        return None
    failed = failed_runs(study)
    if not failed:
        return Finding(
            "yes",
            "none",
            "No trained row is a failed run, by MAD over the whole frame",
            f"Each of the {len(trained)} trained rows has a MAD clearly below the difference key’s: {listed(trained)}.{at_the_contour(study)}",
        )
    told = [f"{row}: {change(found)}" for row in failed if (found := difference(study, Arm(row), "mad", Arm(KEY))) is not None]
    return Finding(
        "no",
        f"{len(failed)} of {len(trained)}",
        f"{'A trained row is a failed run' if len(failed) == 1 else 'Trained rows are failed runs'}: {listed(failed)}",
        "Their MAD is not clearly below that of the difference key, which learns nothing, and what they say about the method is worth little. "
        "Row minus key, ×10⁻³:",
        tuple(told),
    )


def at_the_contour(study: Study) -> str:
    """Whether the key, which loses over the frame, wins in the unknown region; empty when it does not."""
    apart = difference(study, BASE, "mad_unknown", Arm(KEY))
    if apart is None or apart.low <= 0:
        return ""
    return (
        f" In the trimap’s unknown region it is the other way round: the baseline’s MAD is {change(apart)} above the key’s. "
        "Trained this shortly, a network wins by its quiet background and not at the contour."
    )


def _two_stages(study: Study) -> Finding | None:
    result = compare(study, "mad").get(Arm(COARSE))
    if result is None or result.difference is None:
        return Finding(
            "lacking", "not run", "What does the refinement network carry?", f"Cannot be said: {COARSE} or {BASELINE} has no record.", ablation=1
        )
    edges = compare(study, "grad").get(Arm(COARSE))
    disagree = edges is not None and {result.tone, edges.tone} == {"worse", "better"}
    headline = {
        "worse": "Without the refinement network mattes are worse",
        "better": "Without the refinement network mattes are better",
        "open": "Removing the refinement network: no difference found",
    }[result.tone]
    if disagree:
        headline = f"Without the refinement network MAD is {result.tone}, but the gradient error is {edges.tone if edges else ''}"
    sentence = (
        f"MAD {_level(result)} ×10⁻³ without it: {change(result.difference)} against the baseline, {chance(result.p)}; in per cent of "
        f"its mean {_relative(result.difference)}. Worse on {result.worse} of {counted(result.difference.subjects, 'subject')}."
    )
    if edges is not None and edges.difference is not None and edges.tone:
        words = {"worse": "higher,", "better": "lower,", "open": "no difference found,"}[edges.tone]
        sentence += f" Gradient error: {words} {_relative(edges.difference)}."
    speed = ratio_words(study.timing, COARSE)
    return Finding(
        "open" if disagree else {"worse": "yes", "better": "no", "open": "open"}[result.tone],
        "metrics disagree" if disagree else _verdict(result),
        headline,
        sentence + (f" {speed}" if speed else ""),
        ablation=1,
    )


def _retrained(study: Study) -> Finding:
    return weigh(study, 2, [arm for arm in family(study, 2) if arm.weights == "own"], _RETRAINED, lambda arm: arm.variant.title)


def _swapped(study: Study) -> Finding:
    return weigh(study, 2, [arm for arm in family(study, 2) if arm.weights == "swapped"], _SWAPPED, lambda arm: arm.variant.title)


def _perfect(study: Study) -> Finding | None:
    result = compare(study, "mad").get(Arm(ORACLE))
    if result is None or result.difference is None:
        return None
    share = gained(study, BASE)
    best = f"{compared(result, 'Choosing by the true error, which no user has, against the predicted one')}, in MAD ×10⁻³."
    if share is None:
        return Finding(
            "open",
            "no share",
            "What perfect knowledge of the error would add",
            f"{best} Its gain over random patches is not clearly above zero or was not measured, so no share of it is given.",
            ablation=2,
        )
    gain = refinement_gain(study)
    more = " Above 100 %: the patches with the largest true error were not those that refining mended most." if share.low > 1 else ""
    beside = f" For scale, removing the whole refinement network: {_told(gain)}." if gain is not None else ""
    return Finding(
        "yes" if share.low > 0.5 else "open",
        percent(share),
        "How much of perfect knowledge the predicted error already has",
        f"{best} Of the gain that perfect knowledge brings over random patches, predicted error reaches {percent(share)}.{more}{beside}",
        ablation=2,
    )


def _told(found: PairedDifference) -> str:
    shown = change(found)
    return f"no difference found ({shown.partition(' (')[2]}" if found.low <= 0 <= found.high else shown


def _level(result: Result) -> str:
    mean, span = scaled(result.level, MAD.factor)
    return f"{mean} ({span})"


def _verdict(result: Result) -> str:
    return {"worse": "it helps", "better": "it hurts", "open": "no difference found"}[result.tone]


def _relative(found: PairedDifference) -> str:
    shown = relative(found)
    return f"{shown[0]} % ({shown[1]})" if shown else "not defined"


def _people(study: Study) -> int:
    sample = study.sample(BASE, "mad")
    return sample.people if sample else 0


def _rules(question: str, setting: str) -> Headlines:
    return Headlines(
        question,
        f"Predicted error chooses patches better than each of {{all}} simpler rules {setting}",
        f"Predicted error chooses patches better than {{some}} of {{all}} simpler rules {setting}",
        f"Predicted error or a simpler rule: no difference found {setting}",
        f"{{some}} of {{all}} simpler rules choose patches better than predicted error {setting}",
        "Difference in MAD to the baseline, positive where the rule is worse",
    )


_RETRAINED = _rules("Networks trained with another way of choosing patches", "when each is trained with its network")
_SWAPPED = _rules("Another way of choosing patches at test time, the baseline’s weights kept", "at test time")


_ANSWERS = (_floor, _failed, _two_stages, _retrained, _swapped, _perfect, orders, alone, encoders, stages)
