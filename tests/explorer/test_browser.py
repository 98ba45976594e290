"""The harness itself, on a tiny notebook: what is done by keyboard is answered, in JupyterLab and in Voila."""

import nbformat
import pytest

CONTROLS = """
import ipywidgets as widgets
budget = widgets.SelectionSlider(options=[(f"{n} patches", n) for n in (0, 1, 10, 100)], value=10, description="Budget", tooltip="patches to refine")
source = widgets.FileUpload(description="Source", tooltip="a picture")
readout = widgets.HTML("<output>nothing yet</output>")
budget.observe(lambda change: setattr(readout, "value", f"<output>{change.new} of 100</output>"), "value")
source.observe(lambda change: setattr(readout, "value", f"<output>{change.new[0].name}: {change.new[0].size} bytes</output>"), "value")
widgets.VBox([budget, source, readout])
"""
VIEWER = """
import io
import numpy as np
from PIL import Image
from bgmatte.explorer.viewer import Viewer, packed
codes, webp = np.zeros((10, 10), np.uint8), io.BytesIO()
Image.new("RGB", (40, 40), "teal").save(webp, "webp")
def painted(mask, code, cells):
    codes.flat[cells] = code
    readout.value = f"<output>{np.count_nonzero(codes)} painted</output>"
    viewer.show(masks={"a": packed(codes)})
pane = {"name": "marks:a", "title": "Chosen patches", "kind": "marked", "layers": ["src"], "mask": "a"}
viewer = Viewer(layers={"src": webp.getvalue()}, size=[40, 40], cells=[10, 10], groups=[{"title": "A", "panes": [pane]}], masks={"a": packed(codes)})
viewer.on_paint(painted)
viewer
"""


@pytest.fixture
def tiny(tmp_path):
    """A notebook with a slider, an upload, a viewer and a line that answers them."""
    cells = [nbformat.v4.new_markdown_cell("# Does it answer?"), *(nbformat.v4.new_code_cell(code.strip()) for code in (CONTROLS, VIEWER))]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), tmp_path / "tiny.ipynb")
    return tmp_path / "tiny.ipynb"


@pytest.mark.parametrize("kind", ["lab", "voila"])
def test_keys_strokes_and_files_are_answered(page, hands, tiny, tmp_path, request, kind):
    server = request.getfixturevalue(kind)
    watch = hands.Watch(page, server)
    {"lab": hands.open_in_lab, "voila": hands.open_in_voila}[kind](page, server, server.add(tiny))
    answer = page.locator("output")
    assert hands.press(page, "Budget", "ArrowRight") == "100 patches"
    answer.get_by_text("100 of 100", exact=True).wait_for()
    assert hands.press(page, "Budget", "Home", "ArrowRight") == "1 patches"
    answer.get_by_text("1 of 100", exact=True).wait_for()

    serial, before = hands.drawn(page), hands.picture(page, "marks:a")
    hands.paint(page, "marks:a", "add", (0.25, 0.45), (0.75, 0.45))  # a brush of 3 patches over rows 3 to 5
    hands.drawn(page, since=serial)
    answer.get_by_text("24 painted", exact=True).wait_for()  # columns 1 to 8
    assert hands.picture(page, "marks:a") != before

    (tmp_path / "note.txt").write_bytes(b"x" * 12_000_000)  # more than Jupyter takes at once unless told to
    hands.upload(page, "Source", tmp_path / "note.txt")
    answer.get_by_text("note.txt: 12000000 bytes", exact=True).wait_for()
    assert not watch.errors
    assert not watch.foreign
