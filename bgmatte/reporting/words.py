"""Sentences written from intervals: never a stronger word than the interval allows."""

from collections.abc import Sequence

from bgmatte.reporting.comparisons import Result
from bgmatte.reporting.measures import MAD, Measure, chance, estimate
from bgmatte.statistics import Interval, PairedDifference


def verdict_of(found: Interval | None, tone: str) -> str:
    """A tone in words, e.g. 'worse' or 'no difference found'; an open one whose interval leaves out 0 only 'leans worse'."""
    return tone if tone != "open" else f"leans {leaning(found)}" if leaning(found) else "no difference found"


def leaning(found: Interval | None) -> str:
    """The side, "worse" or "better", on which the interval of an error's difference leaves out 0; empty where it holds 0."""
    return "" if found is None or found.low <= 0 <= found.high else "worse" if found.mean > 0 else "better"


def unclear(found: Sequence[Interval | None]) -> str:
    """The verdict on differences none of which is clear: 'no difference found', or 'not settled' where one leans."""
    return "not settled" if any(leaning(one) for one in found) else "no difference found"


def change(found: PairedDifference | Interval, measure: Measure = MAD) -> str:
    """A difference with its interval, e.g. '+1.10 (+0.80 to +1.41)', in the measure's printed unit."""
    mean, span = scaled(found, measure.factor, with_signs=True)
    return f"{mean} ({span})"


def reading(found: PairedDifference, tone: str, measure: Measure = MAD) -> str:
    """A difference as its tone allows, e.g. '+1.10 (+0.80 to +1.41)', 'leans worse (+0.05 to +0.40)' or 'no difference found (−0.10 to +0.20)'."""
    mean, span = scaled(found, measure.factor, with_signs=True)
    return f"{verdict_of(found, tone) if tone == 'open' else mean} ({span})"


def spanned(found: Interval, factor: float = MAD.factor) -> str:
    """A mean with its interval in printed units, e.g. '8.3 (7.6 to 9.0)'."""
    return "{} ({})".format(*scaled(found, factor))


def scaled(found: Interval, factor: float, with_signs: bool = False) -> tuple[str, str]:
    """A mean and its interval in printed units, e.g. ('8.3', '7.6 to 9.0')."""
    return estimate(factor * found.mean, factor * found.low, factor * found.high, with_signs)


def relative(found: PairedDifference) -> tuple[str, str] | None:
    """A difference and its interval in per cent of the baseline's mean; None unless that mean is clearly above 0."""
    if found.relative is None or found.relative_low is None or found.relative_high is None:
        return None
    return estimate(100 * found.relative, 100 * found.relative_low, 100 * found.relative_high, with_signs=True)


def percent(found: Interval) -> str:
    """A share with its interval, e.g. '86 % (81 to 90)'."""
    return "{} ({})".format(*percents(found))


def percents(found: Interval) -> tuple[str, str]:
    """A share and its interval, e.g. ('86 %', '81 to 90')."""
    mean, span = estimate(100 * found.mean, 100 * found.low, 100 * found.high, most=1)
    return f"{mean}\N{NO-BREAK SPACE}%", span


def compared(result: Result, name: str, measure: Measure = MAD) -> str:
    """One arm against the baseline, e.g. 'grid patches: +0.30 (+0.21 to +0.40; p < 0.001)'; where it is not clear, words in place of the mean."""
    if result.difference is None:
        return f"{name} not compared"
    mean, span = scaled(result.difference, measure.factor, with_signs=True)
    inside = f"({span}{'; ' + chance(result.p) if result.p is not None else ''})"
    return f"{name}: {verdict_of(result.difference, result.tone) if result.tone == 'open' else mean} {inside}"


def listed(parts: Sequence[str], separator: str = ", ", last: str = " and ") -> str:
    """Words joined as in a sentence."""
    return last.join([separator.join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def share(found: PairedDifference) -> str:
    """A difference in per cent of the baseline's mean with its interval, e.g. '−14 % (−16 to −12)'; empty unless that mean is clearly above 0."""
    shown = relative(found)
    return f"{shown[0]}\N{NO-BREAK SPACE}% ({shown[1]})" if shown else ""


def sentence(words: str) -> str:
    """Words with a capital in front and a full stop behind."""
    return f"{words[:1].upper()}{words[1:]}."


def counted(number: int, noun: str) -> str:
    """A count with its noun: '1 subject', '66 subjects'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
