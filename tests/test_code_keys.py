"""A result's name counts all code that may decide its numbers: whatever an entry point imports is in its list, or said here why not."""

import ast
from functools import cache

import pytest

from bgmatte import phases
from bgmatte.fingerprint import PACKAGE
from bgmatte.workflow import graph

MODULES = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}
BESIDES = {
    "in the configuration that the name counts": ("config", "orders", "phases", "profiles", "variants"),
    "its pictures, indices or weights are in the name by their content": ("manifest", "sources", "starting", "data.procedural"),
    "names, writes and reads files": ("cache", "fingerprint", "jsonable", "training.checkpoints"),
}
ENTRIES = {
    # Training is never fast, nor on test pictures.
    "training.loop": ((*phases._CODE, *phases._REAL), ("network.__init__", "network.fast", "installed")),
    "evaluation.__init__": ((*graph._CODE["run"], *graph._REAL), ()),
    "timing.__init__": (graph._CODE["time"], ()),
    # What stands for the explorer where nobody moves it is a picture of an embedded set.
    "explorer.opening": (graph._CODE["explore"], ("data.published",)),
}


def imports(name: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(MODULES[name].read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "bgmatte":
            place = (node.module or "").removeprefix("bgmatte").removeprefix(".")
            found |= {f"{place}.{alias.name}".strip(".") for alias in node.names} | {place}
        elif isinstance(node, ast.Import):
            found |= {alias.name.removeprefix("bgmatte.") for alias in node.names if alias.name.startswith("bgmatte.")}
    return {module for each in found for module in (each, f"{each}.__init__") if module in MODULES}


@cache
def reached(entry: str) -> set[str]:
    seen: set[str] = set()
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += imports(name)
    return seen


def below(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


@pytest.mark.parametrize("entry", ENTRIES)
def test_all_code_that_a_result_may_depend_on_is_in_its_name(entry: str) -> None:
    counted, never = ENTRIES[entry]
    known = (*counted, *never, *(place for places in BESIDES.values() for place in places))
    missing = {name for name in reached(entry) if not below(name, known)}
    assert not missing, f"{entry} runs {sorted(missing)}: add them to the list that names its results"


@pytest.mark.parametrize("entry", ENTRIES)
def test_nothing_is_counted_that_does_not_run(entry: str) -> None:
    counted, _ = ENTRIES[entry]
    idle = {place for place in counted if not any(below(name, (place,)) for name in reached(entry))}
    assert not idle, f"{entry} does not run {sorted(idle)}"
