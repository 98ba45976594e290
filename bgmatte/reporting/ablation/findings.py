"""What was found, longer than the first screen: does the network work at all, and the rows of ablations 1 and 2 one by one."""

from bgmatte.manifest import read as manifest
from bgmatte.reporting.ablation.replaced import alone, encoders, orders, stages
from bgmatte.reporting.blocks import Finding
from bgmatte.reporting.comparisons import BASE, beats_key, compare, difference, family, gained, refinement_gain, tone
from bgmatte.reporting.measures import MAD, chance, number
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.timings import frame_times
from bgmatte.reporting.weighing import Headlines, besides, verdict_alone, weigh, weighed
from bgmatte.reporting.words import change, compared, counted, listed, percent, reading, sentence, share, spanned
from bgmatte.variants import BASELINE, COARSE, KEY, ORACLE


def findings(study: Study) -> tuple[Finding, ...]:
    """Every finding the records allow: the checks, then ablation by ablation."""
    return tuple(found for write in (*_CHECKS, *_ABLATIONS) if (found := write(study)) is not None)


def checks(study: Study) -> tuple[Finding, ...]:
    """Does the network work at all: against the key over the frame, row by row, and at the contour."""
    return tuple(found for write in _CHECKS if (found := write(study)) is not None)


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
    half = 0.5 * MAD.factor * key.level.mean
    if apart.high < 0:
        mark, told, headline = "yes", "yes", "The trained baseline’s error is below half of a difference key’s"
    elif apart.low > 0:
        mark, told, headline = "no", "no", "The trained baseline’s error is above half of a difference key’s"
    else:
        side, told = ("below", "on average") if apart.mean <= 0 else ("not below", "not shown")
        mark, headline = "open", f"The trained baseline’s mean error is {side} half of a difference key’s; the interval holds both"
    words = (
        f"MAD of the baseline {spanned(mine.level)} ×10⁻³ over the whole frame; the tuned key that learns nothing {spanned(key.level)}, "
        f"half of it {number(half)}. "
        f"Baseline minus half the key: {change(apart)}. Mean and 95 % interval over {counted(_people(study), 'held-out subject')}."
    )
    return Finding(mark, told, headline, words)


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
            f"Each of the {len(trained)} trained rows has a MAD clearly below the difference key’s: {listed(trained)}.",
        )
    told = [f"{row}: {change(found)}" for row in failed if (found := difference(study, Arm(row), "mad", Arm(KEY))) is not None]
    return Finding(
        "no",
        f"{len(failed)} of {len(trained)}",
        f"{'A trained row is a failed run' if len(failed) == 1 else 'Trained rows are failed runs'}: {listed(failed)}",
        "Their MAD is not clearly below that of the difference key, which learns nothing, and what they say about the method is worth little. "
        "Row minus key, MAD over the whole frame ×10⁻³:",
        tuple(told),
    )


def at_the_contour(study: Study) -> Finding | None:
    """Where the key, which loses over the frame of the rendered people, wins: in the unknown region, on further held-out sets; None when nowhere."""
    places, told = [], []
    apart = difference(study, BASE, "mad_unknown", Arm(KEY))
    if apart is not None and apart.low > 0:
        places.append("at the contour")
        told.append(
            f"In the trimap’s unknown region the baseline’s MAD is {change(apart)} ×10⁻³ above the key’s: where it wins over the frame, it wins by "
            "its quiet background and not at the contour. Whether longer training would change that is not known from this study."
        )
    for name in study.further:
        over = difference(study.on(name), BASE, MAD.column, Arm(KEY))
        if over is not None and over.low > 0:
            places.append(f"on {name}")
            told.append(
                f"On the further held-out set {name}, {manifest(name).title} ({counted(over.subjects, 'subject')}), the baseline’s MAD is "
                f"{change(over)} ×10⁻³ above the key’s over the whole frame: what was learned from drawn people does not carry over to them."
            )
    headline = sentence(f"{listed(places)} the difference key is better than the trained baseline").removesuffix(".")
    return Finding("no", "key wins", headline, " ".join(told)) if places else None


def _two_stages(study: Study) -> Finding | None:
    found = weighed(study, family(study, 1))
    if not found.results:
        return Finding(
            "lacking", "not run", "What does the refinement network carry?", f"Cannot be said: {COARSE} or {BASELINE} has no record.", ablation=1
        )
    (result,) = found.results
    against = found.witnesses[result.arm]
    headline = {
        "worse": "Without the refinement network mattes are worse",
        "better": "Without the refinement network mattes are better",
        "open": "Removing the refinement network: no difference in MAD found",
    }[result.tone] + (", by MAD over the whole frame" if against else "")
    words = (
        f"MAD {spanned(result.level)} ×10⁻³ without it, a difference of {reading(result.difference, result.tone)} to the baseline "
        f"({chance(result.p)}), "
        f"{share(result.difference) or 'not defined'} of its mean{besides(result, against)}. "
        f"Worse on {result.worse} of {counted(result.difference.subjects, 'subject')}."
        if result.difference
        else ""
    )
    points = tuple(f"{one.told}, {chance(one.result.p)}" for one in against)
    speed = frame_times(study.timing, {COARSE: ""})
    mark = "open" if against else {"worse": "yes", "better": "no", "open": "open"}[result.tone]
    words += f" {sentence(speed)}" if speed else ""
    return Finding(mark, verdict_alone(found), headline, words, points, ablation=1)


def _retrained(study: Study) -> Finding:
    return weigh(study, 2, [arm for arm in family(study, 2) if arm.weights == "own"], _RETRAINED, lambda arm: arm.variant.title)


def _swapped(study: Study) -> Finding:
    return weigh(study, 2, [arm for arm in family(study, 2) if arm.weights == "swapped"], _SWAPPED, lambda arm: arm.variant.title)


def _perfect(study: Study) -> Finding | None:
    result = compare(study, "mad").get(Arm(ORACLE))
    if result is None or result.difference is None:
        return None
    reached = gained(study, BASE)
    best = f"{compared(result, 'Choosing by the true error, which no user has, against the predicted one')}, in MAD ×10⁻³."
    if result.tone == "worse":
        words = f"{best} So the patches with the largest true error are not those that this refinement network mends: the oracle is no upper limit."
        if reached is not None:
            words += f" Of its gain over random patches predicted error reaches {percent(reached)}."
        return Finding("no", "it is worse", "Choosing by the true error does worse than choosing by the predicted one", words, ablation=2)
    if reached is None:
        measured = study.sample(Arm(ORACLE), "mad", Arm("select-random", "swapped")) is not None
        why = "is not clearly above zero" if measured else "was not measured"
        words = f"{best} Its gain over random patches {why}, so no share of it is given."
        return Finding("open", "no share", "What perfect knowledge of the error would add", words, ablation=2)
    gain = refinement_gain(study)
    beside = f" For scale, removing the whole refinement network: {reading(gain, tone(gain, None))}." if gain is not None else ""
    return Finding(
        "yes" if reached.low > 0.5 else "open",
        percent(reached),
        "How much of perfect knowledge the predicted error already has",
        f"{best} Of the gain that perfect knowledge brings over random patches, predicted error reaches {percent(reached)}.{beside}",
        ablation=2,
    )


def _people(study: Study) -> int:
    sample = study.sample(BASE, "mad")
    return sample.people if sample else 0


def _rules(question: str, setting: str) -> Headlines:
    return Headlines(
        question,
        f"Predicted error chooses patches better than each of {{all}} simpler rules {setting}",
        f"Predicted error chooses patches better than {{some}} of {{all}} simpler rules {setting}",
        f"Predicted error or a simpler rule: no clear difference {setting}",
        f"{{some}} of {{all}} simpler rules choose patches better than predicted error {setting}",
        "Difference in MAD to the baseline, positive where the rule is worse (×10⁻³, 95 % interval, adjusted p)",
    )


_RETRAINED = _rules("Networks trained with another way of choosing patches", "when each is trained with its network")
_SWAPPED = _rules("Another way of choosing patches at test time, the baseline’s weights kept", "at test time")

_CHECKS = (_floor, _failed, at_the_contour)
_ABLATIONS = (_two_stages, _retrained, _swapped, _perfect, orders, alone, encoders, stages)
