"""Executed notebooks are executed again and compared, in a copy of the results; what differs is noticed."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from bgmatte import records
from bgmatte.fingerprint import PROJECT
from bgmatte.jsonable import ConfigError
from bgmatte.workflow import again

WRITES = 'from bgmatte.records import reports_folder\nprint((reports_folder("smoke") / "again.txt").write_text("four"))'
TIMES = "# NBVAL_IGNORE_OUTPUT\n# a time\nimport time\nprint(time.time())"


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A study's folder without notebooks."""
    monkeypatch.setattr(records, "PROJECT", tmp_path)
    folder = tmp_path / "reports" / "smoke"
    (folder / "notebooks").mkdir(parents=True)
    return folder


def executed(folder, printed):
    """A notebook as it stands after execution: a file of 4 characters was written, `printed` tells so, a time and an object were shown."""
    shown = new_output("execute_result", {"text/plain": "<object at 0x7f0123456789>"}, execution_count=3)
    texts = ((WRITES, [new_output("stream", text=printed)]), (TIMES, [new_output("stream", text="0.5\n")]), ("object()", [shown]))
    cells = [new_code_cell(text, outputs=outputs, execution_count=count) for count, (text, outputs) in enumerate(texts, 1)]
    nbformat.write(new_notebook(cells=cells), folder / "notebooks" / "told.ipynb")


def test_what_is_deterministic_comes_out_the_same_and_the_study_stays_as_it_is(results, capsys):
    executed(results, "4\n")
    assert again.main(["smoke"]) == 0
    assert capsys.readouterr().out == "the notebooks of profile smoke come out the same\n"
    assert [path.name for path in results.rglob("*") if path.is_file()] == ["told.ipynb"]
    assert not (PROJECT / "reports" / "smoke" / "again.txt").exists()


def test_what_differs_is_named(results, capsys):
    executed(results, "5\n")
    assert again.main(["smoke"]) == 1
    said = capsys.readouterr().out
    assert "told.ipynb::Cell 0" in said
    assert "told.ipynb::Cell 1" not in said
    assert "told.ipynb::Cell 2" not in said


def test_a_study_without_executed_notebooks_is_refused(results):
    with pytest.raises(ConfigError, match="executed notebooks in"):
        again.again("smoke")
