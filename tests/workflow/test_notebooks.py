"""The Papermill runner: parameters refused before a kernel starts, results whole or not at all, this interpreter as kernel."""

import json
import subprocess
import sys

import pytest

from bgmatte.jsonable import ConfigError
from bgmatte.workflow import notebooks

CELLS = ['size = 3  # a number\nrate = 0.5  # a share\nname = "a"  # a word\nloud = False  # a switch']


def written(path, *cells, tags=("parameters",)):
    """A notebook with these code cells, the first tagged."""
    every = [
        {
            "cell_type": "code",
            "id": f"c{index}",
            "execution_count": None,
            "outputs": [],
            "source": [cell],
            "metadata": {"tags": list(tags) if index == 0 else []},
        }
        for index, cell in enumerate(cells)
    ]
    spec = {"kernelspec": {"display_name": "x", "language": "python", "name": "no-such-kernel"}, "language_info": {"name": "python"}}
    path.write_text(json.dumps({"cells": every, "metadata": spec, "nbformat": 4, "nbformat_minor": 5}))
    return path


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "NOTEBOOKS", tmp_path)
    return tmp_path


def test_declared_parameters_are_read_with_their_types(place):
    assert notebooks.declared(written(place / "n.ipynb", *CELLS)) == {"size": 3, "rate": 0.5, "name": "a", "loud": False}


@pytest.mark.parametrize("cell", ["size = 1 + len('ab')", "size: int = 3", "import os", "a = b = 3"])
def test_anything_but_literals_is_refused(place, cell):
    with pytest.raises(ConfigError, match="name = literal"):
        notebooks.declared(written(place / "n.ipynb", cell))


def test_a_notebook_without_a_parameters_cell_is_refused(place):
    with pytest.raises(ConfigError, match="exactly one"):
        notebooks.declared(written(place / "n.ipynb", "size = 3", tags=()))


def test_text_is_read_as_the_declared_type(place):
    source = written(place / "n.ipynb", *CELLS)
    seen = notebooks.checked(source, {"size": "7", "rate": "1", "name": "7", "loud": "false"})
    assert seen == {"size": 7, "rate": 1.0, "name": "7", "loud": False}
    assert [type(value) for value in seen.values()] == [int, float, str, bool]
    assert notebooks.checked(source, {"rate": 1}) == {"rate": 1.0}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"sise": 3}, "'sise' is not allowed; allowed: size, rate, name, loud"),
        ({"size": "3.5"}, "type int"),
        ({"size": True}, "type int"),
        ({"size": None}, "type int"),
        ({"loud": "no"}, "type bool"),
        ({"loud": 1}, "type bool"),
        ({"rate": "fast"}, "type float"),
        ({"name": 3}, "type str"),
    ],
)
def test_unknown_and_ill_typed_parameters_are_refused(place, given, words):
    with pytest.raises(ConfigError, match=words):
        notebooks.checked(written(place / "n.ipynb", *CELLS), given)


def test_refused_before_a_kernel_starts(place, monkeypatch):
    monkeypatch.setattr(notebooks, "_this_interpreter", lambda: pytest.fail("a kernel was about to start"))
    written(place / "n.ipynb", *CELLS)
    for name, given in (("n", {"sise": 3}), ("m", {})):
        with pytest.raises(ConfigError, match="allowed"):
            notebooks.execute(name, place / "out" / "n.ipynb", given)
    assert not (place / "out").exists()


def test_the_kernel_is_this_interpreter_with_this_package_and_the_given_values(place, tmp_path):
    written(place / "n.ipynb", *CELLS, "import bgmatte, sys; print(sys.executable, bgmatte.__file__, size, loud)")
    out = notebooks.execute("n", tmp_path / "out" / "n.ipynb", {"size": 9})
    (printed,) = (output["text"] for cell in json.loads(out.read_text())["cells"] for output in cell["outputs"])
    assert "".join(printed).split() == [sys.executable, notebooks.__file__.replace("workflow/notebooks.py", "__init__.py"), "9", "False"]


def test_a_failing_cell_leaves_no_result_and_says_where_the_failed_notebook_is(place, tmp_path):
    written(place / "n.ipynb", *CELLS, "print('before')", "1 / 0")
    out = tmp_path / "out" / "n.ipynb"
    out.parent.mkdir()
    out.write_text("an older result")
    with pytest.raises(notebooks.NotebookError, match="ZeroDivisionError: division by zero") as failure:
        notebooks.execute("n", out, {})
    kept = tmp_path / "out" / "logs" / "failed" / "n.ipynb"
    assert str(failure.value).splitlines()[-1] == f"the failed notebook: {kept}"
    assert "before" in kept.read_text()
    assert not out.exists()
    assert [path.name for path in out.parent.iterdir()] == ["logs"]


def test_the_runner_needs_no_torch():
    code = "import sys; sys.argv = ['x']; from bgmatte.workflow import notebooks; import bgmatte.__main__; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
