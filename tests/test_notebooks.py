"""How a notebook is written: a question first, one cell of literal parameters, short cells, assertions before figures, no outputs."""

import ast
import json
import re

import pytest

from bgmatte.fingerprint import PROJECT
from bgmatte.profiles import profile
from bgmatte.workflow import graph, notebooks

SOURCES = sorted((PROJECT / "notebooks").glob("*.ipynb"))
LONGEST = 15  # lines of a code cell
DRAWS = re.compile(r"\b(learning_curves?|sample_pictures|interval_plot|quality_against_speed|plot|draw|show|figure|savefig)\w*\(")


@pytest.fixture(params=SOURCES, ids=lambda path: path.stem)
def notebook(request):
    return request.param


def cells(path, kind=None):
    every = json.loads(path.read_text())["cells"]
    return [("".join(cell["source"]), cell) for cell in every if kind in (None, cell["cell_type"])]


def test_every_notebook_of_the_study_is_there():
    assert {"run", "data", "report", *graph.ESSAYS} <= {path.stem for path in SOURCES}


def test_a_question_comes_first(notebook):
    text, cell = cells(notebook)[0]
    assert cell["cell_type"] == "markdown"
    assert text.splitlines()[0].startswith("# ")
    assert text.splitlines()[0].endswith("?")


@pytest.mark.parametrize("name", graph.ESSAYS)
def test_an_essay_goes_from_the_answer_to_the_doubt(name):
    headings = [line[3:] for text, _ in cells(PROJECT / "notebooks" / f"{name}.ipynb", "markdown") for line in text.splitlines() if line[:3] == "## "]
    course = ["The answer first", "Vocabulary", "Method", "Result", "What a study of this size can show", "Doubt"]
    assert [heading for heading in headings if heading in course] == course
    assert headings[-1] == "Doubt"


def test_a_cell_whose_output_is_not_compared_says_why():
    marked = [text for path in SOURCES for text, _ in cells(path, "code") if "NBVAL_IGNORE_OUTPUT" in text]
    assert marked
    for text in marked:
        assert re.match(r"# NBVAL_IGNORE_OUTPUT\n# \S.*\n(?!#)", text), text


def test_one_cell_of_literal_parameters_each_explained(notebook):
    defaults = notebooks.declared(notebook)  # raises unless one cell, literals only
    tagged = next(text for text, cell in cells(notebook, "code") if "parameters" in cell["metadata"].get("tags", []))
    assert all(re.search(r"\S\s+# \S", line) for line in tagged.splitlines() if line.strip()), "a parameter without a comment"
    assert defaults["profile"] == "smoke"
    assert profile(defaults["profile"])


def test_no_outputs(notebook):
    for text, cell in cells(notebook, "code"):
        assert cell["outputs"] == [], text
        assert cell["execution_count"] is None, text


def test_functions_are_called_not_defined_and_cells_are_short(notebook):
    for text, _ in cells(notebook, "code"):
        assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)], text
        assert len(text.splitlines()) <= LONGEST, text


def test_an_assertion_stands_before_every_figure(notebook):
    asserted = False
    for text, _ in cells(notebook, "code"):
        for line in text.splitlines():
            asserted = asserted or line.lstrip().startswith("assert ")
            imports = line.lstrip().startswith(("import ", "from ", ")")) or "(" not in line
            assert asserted or imports or not DRAWS.search(line), f"nothing was asserted before: {line}"


def test_no_path_of_a_machine(notebook):
    assert not re.search(r"(/home/|/root/|/Users/|/work/|[A-Z]:\\\\)", notebook.read_text())
