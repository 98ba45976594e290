"""The house keeps its floors: imports point down, the ground floor needs no torch, files stay short, the top level tidy."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from bgmatte.fingerprint import PACKAGE, PROJECT

FLOORS = (
    (
        *("allocator", "cache", "config", "exits", "fingerprint", "history", "installed", "jsonable", "lineage", "manifest", "orders"),
        *("phases", "profiles", "progress", "records", "sources", "starting", "variants"),
    ),
    ("augment", "images", "keying", "losses", "metrics", "patches", "ranking"),
    ("data", "network", "shipped"),
    ("evaluation", "inference", "sampling", "shipping", "statistics", "timing", "training"),
    ("explorer", "figures", "reporting"),
    ("__main__", "commands", "data_commands", "workflow"),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
WITHOUT_TORCH = (*FLOORS[0], "statistics", "figures", "commands", "workflow.graph", "workflow.study", "workflow.notebooks")
TOP_LEVEL = {
    "notebooks",
    "bgmatte",
    "data_manifests",
    "reports",
    "tests",
    "requirements.txt",
    "README.md",
    "CITATION.cff",
    "LICENSE",
    "pyproject.toml",
    "Makefile",
}
LONGEST = 250  # lines of a module
MODULES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The room of a module: `bgmatte/data/store.py` is in `data`."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(source: str) -> set[str]:
    """The rooms of `bgmatte` that a module imports; a relative import raises `ValueError`."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("bgmatte.")}
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"line {node.lineno}: a relative import hides where it points")
            if node.module == "bgmatte":
                found |= {alias.name for alias in node.names if not alias.name.startswith("__")}
            elif node.module and node.module.startswith("bgmatte."):
                found.add(node.module.split(".")[1])
    return found


@pytest.mark.parametrize(
    "line", ["import bgmatte.training", "import bgmatte.training.loop as loop", "from bgmatte.training import train", "from bgmatte import training"]
)
def test_every_spelling_of_an_import_is_seen(line):
    assert imported(f"def late():\n    {line}") == {"training"}


@pytest.mark.parametrize("line", ["from . import training", "from .training import train", "from .. import training"])
def test_relative_imports_are_refused(line):
    with pytest.raises(ValueError, match="relative"):
        imported(line)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path):
    here = room(path)
    if here == "__init__":
        assert not imported(path.read_text())
        return
    assert here in FLOOR, f"{here} stands on no floor: add it to FLOORS"
    upward = {other for other in imported(path.read_text()) if FLOOR[other] > FLOOR[here]}
    assert not upward, f"{here} (floor {FLOOR[here]}) imports {upward}"


def test_no_two_rooms_need_each_other():
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        graph.setdefault(room(path), set()).update(imported(path.read_text()) - {room(path)})
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_floor_0_and_the_study_command_need_no_torch():
    code = "import sys\n" + "".join(f"import bgmatte.{name}\n" for name in WITHOUT_TORCH) + "print('torch' in sys.modules)"
    seen = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "False"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_fit_a_sitting(path):
    assert len(path.read_text().splitlines()) <= LONGEST


def test_top_level_is_tidy():
    kept = {path.name for path in PROJECT.iterdir() if not path.name.startswith(".")}
    assert kept <= TOP_LEVEL, f"not on the list: {kept - TOP_LEVEL}"
