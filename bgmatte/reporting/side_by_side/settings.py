"""What two studies do not have in common: settings, code, machine and weights, field by field."""

from collections.abc import Iterator, Mapping
from typing import Any

from bgmatte.jsonable import to_dict
from bgmatte.records import RunRecord
from bgmatte.reporting.blocks import Cell, Table
from bgmatte.reporting.study import MAIN, Study
from bgmatte.reporting.words import listed
from bgmatte.variants import BASELINE

NOTHING = "–"  # what stands where a study has no such field
_BESIDES = ("row", "profile", "seed")  # of a configuration: what a run is called


def differing(studies: tuple[Study, Study], names: tuple[str, str]) -> Table:
    """A line for each setting that differs, the baseline's first, then what differs in other rows only."""
    rows = [(what, first, second) for what, first, second in _lines(*studies) if first != second]
    cells = tuple(tuple(_cell(text) for text in line) for line in rows) or ((Cell("nothing that the records tell"), Cell(""), Cell("")),)
    return Table("What differs between the two studies; what is equal is left out", (("setting", ""), *((name, "") for name in names)), cells)


def unpairable(studies: tuple[Study, Study]) -> str:
    """Why the one study's pictures may not be held against the other's, as part of a sentence; empty when they may.

    Pictures have one name at every size, so that the name alone does not tell.
    """
    tests = [{name: value for name, value in to_dict(study.any_run().config.test).items() if name in _COMPOSING} for study in studies]
    apart = [f"{name} {tests[0][name]} against {tests[1][name]}" for name in tests[0] if tests[0][name] != tests[1][name]]
    if apart:
        return f"the held-out pictures are not the same: {listed(apart)}"
    if not set(studies[0].seeds) & set(studies[1].seeds):
        return "they have no seed in common"
    images = [{line["image"] for line in study.any_run().images if line["set"] == MAIN} for study in studies]
    return "" if images[0] & images[1] else "the held-out pictures are not the same"


_COMPOSING = ("size", "backgrounds_each", "shift", "gamma", "noise", "seed")  # of the test's settings: what a picture looks like


def _cell(text: str) -> Cell:
    """A line behind the first stands under it, smaller."""
    first, _, rest = text.partition("\n")
    return Cell(first, (rest,) if rest else ())


def _lines(first: Study, second: Study) -> Iterator[tuple[str, str, str]]:
    yield "profile", first.profile, second.profile
    yield "rows", str(len(first.runs)), str(len(second.runs))
    alone = [listed([row for row in here.runs if row not in there.runs]) or NOTHING for here, there in ((first, second), (second, first))]
    yield "rows that the other lacks", alone[0], alone[1]
    yield "seeds", _numbers(first.seeds), _numbers(second.seeds)
    yield "held-out pictures", _pictures(first), _pictures(second)
    yield from _paired(_stories(first), _stories(second))
    shared = [row for row in first.runs if row in second.runs]
    said: set[str] = set()
    for row in sorted(shared, key=lambda row: row != BASELINE):
        configs = [_fields(_config(study.runs[row][0])) for study in (first, second)]
        for what, one, other in _paired(*configs):
            if what not in said and one != other:
                said.add(what)
                yield what if row == BASELINE else f"{what} ({row})", one, other
    weights = [_weights(study) for study in (first, second)]
    yield from _paired(*weights)


def _config(record: RunRecord) -> dict[str, Any]:
    return {name: value for name, value in to_dict(record.config).items() if name not in _BESIDES}


def _stories(study: Study) -> dict[str, str]:
    """Code, versions and machine, every value that some run tells."""
    found: dict[str, set[str]] = {}
    for records in study.runs.values():
        for record in records:
            for name, value in record.story.get("machine", {}).items():
                found.setdefault(name, set()).add(str(value))
    return {name: "; ".join(sorted(values)) for name, values in found.items()}


def _weights(study: Study) -> dict[str, str]:
    """The names of the baseline's weights, first and trained, by which one sees whether data or training code differ."""
    record = study.any_run()
    start = record.story.get("start") or {}
    told = {"starting weights": f"{start.get('file') or start.get('policy')}\nSHA-256 {str(start.get('sha256'))[:12]}…"} if start else {}
    phases = record.story.get("phases") or []
    return told | ({f"trained weights of {record.config.name}\nnamed by code, data, recipe and seed": str(phases[-1]["key"])} if phases else {})


def _paired(first: Mapping[str, str], second: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name in {**first, **second}:
        yield name, first.get(name, NOTHING), second.get(name, NOTHING)


def _fields(value: Any, place: str = "") -> dict[str, str]:
    """A nested configuration as lines: 'data: portraits' → '96', 'recipe 1: steps' → '300'."""
    if isinstance(value, Mapping):
        return {key: text for name, inner in value.items() for key, text in _fields(inner, f"{place}: {name}" if place else name).items()}
    if isinstance(value, list | tuple) and any(isinstance(inner, Mapping) for inner in value):
        return {key: text for number, inner in enumerate(value, 1) for key, text in _fields(inner, f"{place} {number}").items()}
    if isinstance(value, list | tuple):
        return {place: ", ".join(map(str, value)) or NOTHING}
    return {place: NOTHING if value is None else str(value)}


def _numbers(seeds: tuple[int, ...]) -> str:
    return ", ".join(map(str, seeds))


def _pictures(study: Study) -> str:
    counts = study.any_run().story.get("held_out", {}).get("pictures", {})
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or NOTHING
