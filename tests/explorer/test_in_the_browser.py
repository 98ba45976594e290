"""The explorer as a person meets it, in JupyterLab and in Voila: what hands do is answered in pictures, numbers and words; no foreign request."""

import numpy as np
import pytest
from PIL import Image

from bgmatte.fingerprint import PROJECT

NOTEBOOK = PROJECT / "notebooks" / "explore_patches.ipynb"
ALPHA = "pha:a"  # the pane of selector A's refined alpha


@pytest.mark.parametrize("kind", ["lab", "voila"])
def test_what_hands_do_is_answered(page, hands, tmp_path, request, kind):
    server = request.getfixturevalue(kind)
    watch = hands.Watch(page, server)
    {"lab": hands.open_in_lab, "voila": hands.open_in_voila}[kind](page, server, server.add(NOTEBOOK))
    patches = page.locator(".bgm-readout tr[data-case='a'] td").nth(3)

    # the slider changes the picture and the numbers
    serial, begun = hands.drawn(page), hands.picture(page, ALPHA)
    words = hands.press(page, "Budget", "End")
    assert page.get_by_role("slider", name="Budget").get_attribute("aria-valuetext") == words
    serial, everything = hands.drawn(page, since=serial), hands.picture(page, ALPHA)
    hands.until(page, patches, lambda text: int(text.replace(",", "")) > 1000)  # not all: nothing is refined where no error is predicted
    assert hands.press(page, "Budget", "Home").startswith("0 patches")
    serial, nothing = hands.drawn(page, since=serial), hands.picture(page, ALPHA)
    patches.get_by_text("0", exact=True).wait_for()
    assert len({begun, everything, nothing}) == 3

    # so does a stroke, and it can be taken back
    page.locator(".bgm-brush").select_option("17")
    hands.paint(page, ALPHA, "add", (0.05, 0.5), (0.95, 0.5))  # across the subject's contour
    hands.drawn(page, since=serial)
    hands.until(page, patches, lambda text: int(text.replace(",", "")) > 500)
    assert hands.picture(page, ALPHA) != nothing
    page.get_by_role("button", name="Clear painting A").click()
    patches.get_by_text("0", exact=True).wait_for()

    # what cannot be read is said in words
    page.get_by_role("combobox", name="Picture", exact=True).select_option("my own pictures")
    page.get_by_text("give the source and").wait_for()
    Image.fromarray(np.full((64, 64, 3), 90, np.uint8)).save(tmp_path / "empty.png")
    (tmp_path / "broken.png").write_bytes(b"this is no picture" * 700_000)  # more than Jupyter takes at once unless told to, and it says nothing
    hands.upload(page, "Background", tmp_path / "empty.png")
    page.get_by_role("button", name="Background (1)").wait_for()
    hands.upload(page, "Source", tmp_path / "broken.png")
    page.get_by_role("alert").filter(has_text="broken.png").wait_for()

    where = {"lab": "lab/tree", "voila": "voila/render"}[kind]
    link = page.get_by_role("link", name="ablation 2: which selector")
    assert link.evaluate("link => link.href") == f"{server.url}/{where}/2_error_prediction.ipynb"
    assert not watch.errors
    assert not watch.foreign
