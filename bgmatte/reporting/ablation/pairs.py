"""Pictures matted twice, by the baseline and by the row that an answer names: the worst, the median and the best subject, chosen by the numbers."""

from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from bgmatte.figures.pictures import encoded, framed, opened
from bgmatte.figures.style import data_address
from bgmatte.records import RunRecord
from bgmatte.reporting.ablation.answers import named_arm
from bgmatte.reporting.blocks import Comparison, Tile
from bgmatte.reporting.comparisons import BASE
from bgmatte.reporting.measures import MAD, number, signed
from bgmatte.reporting.study import Arm, Study
from bgmatte.variants import BASELINE

RULE = (
    "Chosen by rule: subjects are ranked by the difference in MAD (whole frame, first seed) between the baseline and the row with the clearest "
    "difference of those with weights of their own; shown are the largest rise, the middle and the largest fall, each in the window where the two "
    "mattes differ most."
)
_SHARE = 3  # a window's side is this part of the picture's shorter side
_SHOWN = 420  # side of a window on the page [px]
_WHOLE = 224  # longer side of the whole frame beside it [px]


@dataclass(frozen=True)
class Place:
    """One subject's picture in the ranking of a row: raw MAD of both mattes and its rank, 1 where the row loses most."""

    image: str
    base: float
    row: float
    rank: int
    of: int


def pairs(study: Study, ablation: int) -> tuple[Comparison, ...]:
    """The chosen pictures of one ablation; none where their mattes were not kept."""
    arm = named_arm(study, ablation)
    places = chosen(study, arm) if arm else {}
    shown = [_comparison(study, arm, words, place) for words, place in places.items()] if arm else []
    return tuple(each for each in shown if each is not None)


def chosen(study: Study, arm: Arm) -> dict[str, Place]:
    """Worst, median and best subject of an arm under the first seed that it shares with the baseline; empty below three subjects."""
    mine, base = study.numbers(arm, MAD.column), study.numbers(BASE, MAD.column)
    seed = min((key[0] for key in mine.keys() & base.keys()), default=0)
    shared = sorted(key for key in mine.keys() & base.keys() if key[0] == seed)
    subjects: dict[str, list[tuple[int, str]]] = {}
    for key in shared:
        subjects.setdefault(mine[key][0], []).append(key)
    ranked = sorted(subjects.values(), key=lambda keys: fmean(mine[key][1] - base[key][1] for key in keys), reverse=True)
    if len(ranked) < 3:
        return {}
    order = {"The subject on which it loses most": 0, "The subject in the middle": len(ranked) // 2, "The subject on which it gains most": -1}
    return {
        words: Place(keys[0][1], base[keys[0]][1], mine[keys[0]][1], rank % len(ranked) + 1, len(ranked))
        for words, rank in order.items()
        for keys in (ranked[rank],)
    }


def window(before: Any, after: Any) -> tuple[int, int, int, int]:
    """Left, top, right, bottom [px] of the square window in which two mattes (PIL, "L", one size) differ most in sum."""
    import numpy

    change = numpy.abs(numpy.asarray(after, dtype=float) - numpy.asarray(before, dtype=float))
    side = max(1, min(change.shape) // _SHARE)
    sums = numpy.pad(change, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    inside = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    top, left = (int(place) for place in numpy.unravel_index(int(inside.argmax()), inside.shape))
    return left, top, left + side, top + side


def _comparison(study: Study, arm: Arm, words: str, place: Place) -> Comparison | None:
    first = {row: study.runs[row][0] for row in (BASELINE, arm.row)}
    layers = {name: _layer(first[BASELINE], place.image, name) for name in ("src", "true", "pha")}
    after = _layer(first[arm.row], place.image, "pha")
    if after is None or any(layer is None for layer in layers.values()):
        return None
    box = window(layers["pha"].convert("L"), after.convert("L"))
    cut = {name: _cut(layer, box) for name, layer in (*layers.items(), ("after", after))}
    rows = {BASELINE: place.base, arm.row: place.row}
    errors = {row: f"MAD of the whole picture {number(MAD.factor * error)} {MAD.unit}" for row, error in rows.items()}
    return Comparison(
        words,
        f"{place.image}: MAD {number(MAD.factor * place.base)} → {number(MAD.factor * place.row)} {MAD.unit} over the whole frame, "
        f"{signed(MAD.factor * (place.row - place.base))}; number {place.rank} of {place.of} subjects, the largest rise first.",
        _tile(cut["pha"], f"Matte of {BASELINE} for {place.image}, {errors[BASELINE]}", BASELINE, errors[BASELINE]),
        _tile(cut["after"], f"Matte of {arm.row} for {place.image}, {errors[arm.row]}", arm.row, errors[arm.row]),
        (
            _tile(cut["src"], f"The same window of the source {place.image}", "source"),
            _tile(cut["true"], f"The same window of the true matte of {place.image}", "the truth"),
            _tile(framed(layers["src"], box, _WHOLE), f"The whole source {place.image} with the window marked", "whole frame"),
        ),
    )


def _layer(record: RunRecord, image: str, name: str) -> Any:
    path: Path = record.folder / "pictures" / image / f"{name}.webp"
    return opened(path) if path.exists() else None


def _cut(picture: Any, box: tuple[int, int, int, int]) -> Any:
    return picture.crop(box).resize((_SHOWN, _SHOWN), 3)  # 3: bicubic


def _tile(picture: Any, alt: str, title: str, note: str = "") -> Tile:
    return Tile(data_address(encoded(picture), "webp"), alt, title, note)
