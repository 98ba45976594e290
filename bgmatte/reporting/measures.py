"""The numbers the report speaks of: definition, region, unit, and how they are printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

WHOLE, UNKNOWN = "", "_unknown"
REGIONS = {WHOLE: "whole frame", UNKNOWN: "unknown region"}
PLACES = {WHOLE: "over the whole frame", UNKNOWN: "in the unknown region"}


@dataclass(frozen=True)
class Measure:
    """One metric: its column in the records and what turns the raw number into the printed one."""

    column: str
    title: str
    unit: str
    factor: float
    definition: str


MEASURES = (
    Measure("mad", "MAD", "×10⁻³", 1e3, "mean absolute difference of predicted and true alpha"),
    Measure("mse", "MSE", "×10⁻³", 1e3, "mean squared difference of predicted and true alpha"),
    Measure("sad", "SAD", "/1000", 1e-3, "sum of absolute differences of alpha over the pixels"),
    Measure(
        "grad",
        "Grad",
        "/1000",
        1e-3,
        "sum of squared differences of the gradient's amplitude, Gaussian derivative with sigma 1.4 px, mattes not stretched",
    ),
)
MAD, MSE, SAD, GRAD = MEASURES
# What a sentence hears besides MAD over the whole frame. SAD is left out: over the frame it is MAD times the pixels, in the unknown region
# MAD weighted by the region's size.
WITNESSES = ((MSE, WHOLE), (GRAD, WHOLE), (MAD, UNKNOWN), (MSE, UNKNOWN), (GRAD, UNKNOWN))


def number(value: float, digits: int = 3) -> str:
    """A number with `digits` significant digits and a true minus sign, never in powers of ten."""
    if value == 0:
        return "0"
    rounded = float(f"{value:.{digits}g}")
    decimals = max(0, digits - 1 - _exponent(rounded))
    return f"{rounded:,.{decimals}f}".replace("-", "−")


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign, also where it is positive."""
    return ("+" if value > 0 else "") + number(value, digits)


def alike(values: Sequence[float]) -> list[str]:
    """Signed numbers with as many decimals as the largest of them needs for two digits."""
    largest = max(map(abs, values), default=0.0)
    decimals = max(0, 1 - _exponent(largest)) if largest else 0
    return [f"{0.0 if round(value, decimals) == 0 else value:+,.{decimals}f}".replace("-", "−") for value in values]


def estimate(mean: float, low: float, high: float, with_signs: bool = False, most: int = 6) -> tuple[str, str]:
    """A mean and its interval, e.g. ('+0.96', '+0.78 to +1.14'): as many decimals as the interval's width justifies, at most `most`.

    An end on one side of 0 is not rounded to 0, unless `most` asks for it: it would hide what the verdict beside it says.
    """
    decimals = min(most, max(0, 1 - _exponent(high - low)) if high > low else 3)
    while (low > 0 or high < 0) and decimals < most and 0 in (round(low, decimals), round(high, decimals)):
        decimals += 1
    shown = [0.0 if round(value, decimals) == 0 else value for value in (mean, low, high)]
    middle, left, right = (f"{value:{'+' if with_signs and value else ''},.{decimals}f}".replace("-", "−") for value in shown)
    return middle, f"{left} to {right}"


def hull(low: float, high: float) -> str:
    """A range that holds intervals, e.g. '−0.6 to +0.8', rounded outward so that it holds them as printed too."""
    decimals = max(0, 1 - _exponent(high - low)) if high > low else 3
    while True:
        scale = 10**decimals
        left, right = floor(low * scale) / scale, ceil(high * scale) / scale
        if decimals >= 6 or not ((low > 0 and left == 0) or (high < 0 and right == 0)):
            return " to ".join(f"{value or 0.0:{'+' if value else ''},.{decimals}f}".replace("-", "−") for value in (left, right))
        decimals += 1


def chance(p: float | None) -> str:
    """A p-value as words for a sentence or a cell."""
    if p is None:
        return ""
    close = p < 0.05 <= round(p, 3)  # what is below 0.05 is not printed as 0.050
    words = "p < 0.001" if p < 0.001 else f"p = {floor(1e4 * p) / 1e4:.4f}" if close else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def duration(seconds: float) -> str:
    """Seconds as '48 s', '12 min 05 s' or '2 h 10 min'."""
    whole = round(seconds)
    if whole < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02d} s" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


def _exponent(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])
