"""The pictures in which one sees the difference, each row's beside the others'."""

from typing import Any

from bgmatte.figures import Sample, samples, tiles
from bgmatte.figures.pictures import encoded
from bgmatte.figures.style import data_address
from bgmatte.records import RunRecord
from bgmatte.reporting.blocks import Tile, Tiles
from bgmatte.reporting.measures import number
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.words import counted
from bgmatte.variants import BASELINE

RULE = (
    "The pictures were chosen by rule from the truth alone, before any matte was seen: the one with the most soft pixels and those "
    "at the third quartile "
    "and the median, each cropped to its softest window. All crops of one picture show the same pixels."
)
_GIVEN = (("src", "source", "source I"), ("bgr", "captured background", "captured background B, perturbed"), ("true", "true matte", "the truth"))


def gallery(study: Study) -> tuple[Tiles, ...]:
    """One block for each sample picture; none when no run kept pictures."""
    first = {row: records[0] for row, records in study.runs.items()}
    return tuple(_sample(study, first, sample) for sample in samples(study.any_run()))


def _sample(study: Study, records: dict[str, RunRecord], sample: Sample) -> Tiles:
    cuts = {row: tiles(record, sample) for row, record in records.items()}
    given = cuts[study.any_run().config.row]
    strips = [
        (
            "What goes in, and the truth",
            tuple(_tile(given[name], f"{words} of {sample.image}", title) for name, title, words in _GIVEN if name in given),
        )
    ]
    for name, title, words in (
        ("pha", "Mattes; under each the MAD (×10⁻³) of the whole picture", "matte"),
        ("wrong", "Error of the matte, four times as bright", "absolute error"),
        ("patches", "Where the budget went with each way of choosing patches: refined ones in amber", "refined patches"),
    ):
        shown = {row: cut[name] for row, cut in cuts.items() if name in cut and (name != "patches" or _chose(study, row, sample.image))}
        strips.append((title, tuple(_of_row(study, row, sample.image, picture, words, noted=name == "pha") for row, picture in shown.items())))
    return Tiles(f"Test picture {sample.image}", _standing(study, sample.image), tuple(strip for strip in strips if strip[1]))


def _of_row(study: Study, row: str, image: str, picture: Any, words: str, noted: bool) -> Tile:
    error = _number(study, row, image, "mad")
    told = f"{words} of row {row} for {image}" + (f"; MAD over the whole picture {number(1e3 * error)} ×10⁻³" if error is not None else "")
    return _tile(picture, told, row, number(1e3 * error) if noted and error is not None else "")


def _tile(picture: Any, alt: str, title: str, note: str = "") -> Tile:
    return Tile(data_address(encoded(picture), "webp"), alt, title, note)


def _standing(study: Study, image: str) -> str:
    numbers = {key[1]: value for key, (_, value) in study.numbers(Arm(BASELINE), "mad").items() if key[0] == study.any_run().config.seed}
    if image not in numbers:
        return ""
    rank = 1 + sum(value > numbers[image] for value in numbers.values())
    return f"The baseline’s error here is number {rank} of {counted(len(numbers), 'picture')}, the largest first."


def _chose(study: Study, row: str, image: str) -> bool:
    return 2 in Arm(row).variant.ablations and bool(_number(study, row, image, "patches"))


def _number(study: Study, row: str, image: str, column: str) -> float | None:
    seed = study.runs[row][0].config.seed
    found = study.numbers(Arm(row), column).get((seed, image))
    return found[1] if found else None
