"""The widgets at work without a browser: a knob moves, the session and the page follow; the slow numbers come when the hand rests."""

import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from bgmatte.explorer import STILL
from bgmatte.explorer.controls import FILE, FROM_SEED, OWN
from bgmatte.explorer.opening import explorer, shown
from bgmatte.explorer.panel import Panel
from bgmatte.explorer.session import Session
from bgmatte.explorer.shots import held_out_names
from bgmatte.explorer.view import View
from bgmatte.figures.style import Figure


class Rest:
    """A loop that turns when it is told to; what was cancelled is not called."""

    def __init__(self):
        self.waiting = []

    def __call__(self, seconds, call):
        class Handle:
            def cancel(handle):
                self.waiting = [entry for entry in self.waiting if entry[0] is not handle]

        handle = Handle()
        self.waiting.append((handle, call))
        return handle

    def turn(self, times=100):
        """Call what waits, and what that puts off in turn."""
        done = 0
        while self.waiting and done < times:
            _, call = self.waiting.pop(0)
            call()
            done += 1
        return done


@pytest.fixture(scope="module")
def session():
    return Session()


@pytest.fixture
def rest():
    return Rest()


@pytest.fixture
def panel(session, rest):
    session.show(View())
    return Panel(session, later=rest)


def read(panel, case):
    """The numbers of one line of the readout, as they are written."""
    line = re.search(rf'<tr data-case="{case}">(.*?)</tr>', panel.controls.table.value)[1]
    return re.findall(r"<td>(.*?)</td>", line)


def said(panel):
    return re.sub(r"<[^>]+>", "", panel.controls.message.value)


def test_a_moved_budget_sends_masks_and_no_pictures(panel):
    serial, layers, masks = panel.viewer.serial, panel.viewer.layers, panel.viewer.masks
    panel.controls.budget.value = 200
    assert panel.viewer.serial == serial + 1
    assert panel.viewer.layers is layers
    assert panel.viewer.masks != masks
    assert read(panel, "a")[3] == "200"


def test_slow_numbers_come_one_by_one_when_the_hand_rests(panel, rest):
    assert read(panel, "a")[2] == read(panel, "a")[6] == "…"
    assert len(rest.waiting) == 1
    panel.controls.budget.value = 300
    panel.controls.budget.value = 400
    assert len(rest.waiting) == 1, "the latest wins: what an older move put off is dropped"
    assert rest.turn(1) == 1
    assert read(panel, "a")[6].endswith("ms") and read(panel, "b")[6] == "…"
    rest.turn()
    assert not rest.waiting
    assert "…" not in panel.controls.table.value
    assert panel.controls.curve.value.startswith("<img")
    assert panel.controls.spots.value.count("bgm-spot") == 2
    panel.controls.budget.value = 500
    assert read(panel, "a")[2] == "…" and read(panel, "none")[2] != "…", "what does not depend on the budget is kept"


def test_marks_stand_on_the_drawing(panel, rest):
    rest.turn()
    for patches in (0, 16_384):
        panel.controls.budget.value = patches
        places = [float(share) for share in re.findall(r"(?:left|top): ([\d.]+)%", panel.controls.spots.value)]
        assert all(0 <= share <= 100 for share in places), places
    left = float(re.search(r"left: ([\d.]+)%", panel.controls.spots.value)[1])
    panel.controls.budget.value = 10
    assert float(re.search(r"left: ([\d.]+)%", panel.controls.spots.value)[1]) < left


def test_painting_through_the_viewer(panel):
    panel.controls.first.value = "none"
    panel.viewer.receive({"kind": "paint", "mask": "a", "code": 2, "cells": [1, 2, 3]})
    assert read(panel, "a")[3] == "3"
    panel.viewer.receive({"kind": "clear", "mask": "a"})
    assert read(panel, "a")[3] == "0"


def test_a_drawn_picture(panel):
    panel.controls.size.value = "512×512"
    panel.controls.kind.value = FROM_SEED
    assert "drawn like" in panel.controls.status.value
    title = panel.session.shot.title
    panel.controls.seed.value = 3
    assert panel.session.shot.title != title
    assert panel.session.view.picture.seed == 3


def test_own_files_wait_for_each_other_and_a_broken_one_is_said_where_it_was_given(panel, tmp_path):
    Image.fromarray(np.full((64, 72, 3), 90, np.uint8)).save(tmp_path / "bgr.png")
    panel.controls.kind.value = OWN
    assert "give the source and" in said(panel)
    panel.controls.paths["bgr"].value = str(tmp_path / "bgr.png")
    before = panel.session.view
    upload = {"name": "src<b>.png", "type": "image/png", "size": 5, "content": memoryview(b"never"), "last_modified": None}
    panel._uploaded("src", (upload,))
    assert said(panel).startswith("Not done: ") and "src&lt;b&gt;.png" in panel.controls.message.value
    assert panel.session.view is before
    assert panel.controls.kind.value == OWN, "what was typed stays, to be mended"
    Image.fromarray(np.full((64, 72, 3), 120, np.uint8)).save(tmp_path / "src.png")
    panel.controls.paths["src"].value = str(tmp_path / "src.png")
    assert said(panel) == ""
    assert panel.viewer.size == [64, 72]
    assert read(panel, "a")[0] == "–"
    assert "true alpha is not known" in panel.controls.status.value


def test_a_refused_choice_goes_back(panel, tmp_path):
    for name in ("src", "bgr"):
        Image.fromarray(np.full((64, 72, 3), 120, np.uint8)).save(tmp_path / f"{name}.png")
        panel.controls.paths[name].value = str(tmp_path / f"{name}.png")
    panel.controls.kind.value = OWN
    panel.controls.second.value = "oracle"
    assert "the oracle chooses by the true error" in said(panel)
    assert panel.controls.second.value == "random"


def test_kernel_scale_and_a_checkpoint_file(panel, tmp_path):
    before = panel.session.layers["pha_after"]
    panel.controls.kernel.value = 1
    assert not np.array_equal(panel.session.layers["pha_after"], before)
    coarse = panel.session.layers["pha_before"]
    panel.controls.kernel.value = 3
    assert np.array_equal(panel.session.layers["pha_before"], coarse), "one base for both kernels"
    panel.controls.scale.value = 0.5
    assert not np.array_equal(panel.session.layers["pha_before"], coarse)
    panel.controls.weights.value = FILE
    panel.controls.file.value = str(tmp_path / "nothing.pth")
    assert "nothing.pth: missing" in said(panel)
    assert panel.controls.file.layout.display == ""


def test_a_composite_over_a_colour_and_a_picture(panel, tmp_path):
    panel.controls.over.value = "#ff0000"
    assert tuple(panel.session.layers["over_after"][0, 0]) != (0, 177, 64)
    Image.fromarray(np.full((30, 30, 3), 7, np.uint8)).save(tmp_path / "wall.png")
    panel.controls.behind.value = str(tmp_path / "wall.png")
    assert panel.session.view.over.endswith("wall.png")
    panel.controls.behind.value = ""
    assert panel.session.view.over == "#ff0000"


def test_what_is_seen_is_saved_and_opened_again(panel, tmp_path, monkeypatch):
    monkeypatch.setattr("bgmatte.explorer.panel.save", lambda view, picture: kept.append((view, picture)) or tmp_path / "one.json")
    kept: list = []
    panel.controls.budget.value = 800
    panel.viewer.view = {"x": 0.3, "y": 0.4, "zoom": 3.0, "large": ""}
    panel.controls.save.click()
    ((view, picture),) = kept
    assert (view.patches, view.place.zoom) == (800, 3.0) and picture.ndim == 3
    assert "saved: one.png and one.json" in said(panel)
    panel.controls.budget.value = 0
    monkeypatch.setattr("bgmatte.explorer.panel.read", lambda path: replace(view, first="grid"))
    panel._open("one.json")
    assert panel.controls.budget.value == 800 and panel.controls.first.value == "grid"
    assert panel.viewer.view["zoom"] == 3.0


def test_every_knob_has_a_name_and_words(panel):
    for name, knob in vars(panel.controls).items():
        for one in knob.values() if isinstance(knob, dict) and name != "kinds" else (knob,):
            if hasattr(one, "description") and hasattr(one, "tooltip") and not name.startswith(("message", "status", "table", "curve", "spots")):
                assert one.description and one.tooltip, name


def test_where_nobody_moves_anything_a_picture_stands_for_the_page(session, rest, monkeypatch):
    session.show(View())
    panel = Panel(session, later=rest)
    assert shown(panel) is panel.page
    monkeypatch.setenv(STILL, "1")
    assert isinstance(shown(panel), Figure)


def test_a_view_that_is_none_is_refused_before_anything_is_shown(tmp_path):
    with pytest.raises(ValueError, match=r"no\.json: missing"):
        explorer(view=str(tmp_path / "no.json"))
    assert held_out_names()


def test_the_threshold_shows_with_its_selector(panel):
    assert panel.controls.threshold.layout.display == "none"
    panel.controls.second.value = "threshold"
    assert panel.controls.threshold.layout.display == ""
    before = read(panel, "b")[3]
    panel.controls.threshold.value = 0.4
    assert read(panel, "b")[3] != before
    panel.controls.second.value = "grid"
    assert panel.controls.threshold.layout.display == "none"


def test_where_one_looks_stays_while_the_picture_does(panel):
    there = {"x": 0.3, "y": 0.4, "zoom": 3.0, "large": "pha:a"}
    panel.viewer.view = there
    panel.controls.kernel.value = 1
    panel.controls.over.value = "#0000ff"
    assert panel.viewer.view == there
    panel.controls.name.value = held_out_names()[1]
    assert panel.viewer.view["zoom"] == 1.0


def test_a_stroke_on_the_picture_before_is_dropped(panel):
    panel.controls.first.value = "none"
    stroke = {"kind": "paint", "mask": "a", "code": 2, "cells": [1, 2, 3], "picture": panel.viewer.picture}
    panel.viewer.receive(stroke)
    assert read(panel, "a")[3] == "3"
    panel.controls.name.value = held_out_names()[1]
    panel.viewer.receive(stroke)
    assert read(panel, "a")[3] == "0"
    panel.viewer.receive({**stroke, "picture": panel.viewer.picture})
    assert read(panel, "a")[3] == "3"


def test_a_refused_picture_is_taken_once_its_obstacle_is_gone(panel, tmp_path):
    panel.controls.second.value = "oracle"
    for name in ("src", "bgr"):
        Image.fromarray(np.full((64, 72, 3), 120, np.uint8)).save(tmp_path / f"{name}.png")
    panel.controls.kind.value = OWN
    panel.controls.paths["bgr"].value = str(tmp_path / "bgr.png")
    panel.controls.paths["src"].value = str(tmp_path / "src.png")
    assert "oracle" in said(panel)
    panel.controls.budget.value = 20
    assert "oracle" in said(panel), "what was refused is told until it is mended"
    panel.controls.second.value = "random"
    assert said(panel) == ""
    assert panel.session.shot.title == "src.png"


def test_half_given_files_stay_while_other_knobs_move(panel, tmp_path):
    Image.fromarray(np.full((64, 72, 3), 120, np.uint8)).save(tmp_path / "src.png")
    panel.controls.kind.value = OWN
    panel.controls.paths["src"].value = str(tmp_path / "src.png")
    assert "give the background" in said(panel)
    panel.controls.over.value = "#00ffff"
    assert panel.controls.kind.value == OWN
    assert panel.controls.paths["src"].value.endswith("src.png")


@pytest.mark.parametrize("name", ["..", "", "a/b\\c.png"])
def test_odd_names_of_uploads_do_no_harm(panel, name):
    panel.controls.kind.value = OWN
    panel._uploaded("bgr", ({"name": name, "content": b"never"},))
    panel._uploaded("src", ({"name": name, "content": b"nor this"},))
    assert said(panel).startswith("Not done: ")


def test_a_trouble_at_rest_is_said(panel, rest, monkeypatch):
    monkeypatch.setattr(panel.session, "rehearsed", lambda side: (_ for _ in ()).throw(RuntimeError("not enough memory")))
    rest.turn()
    assert "not enough memory" in said(panel)


def test_the_cell_run_again_lets_go_of_the_page_before(monkeypatch, rest):
    import gc
    import weakref

    from bgmatte.explorer import opening

    monkeypatch.setattr(opening, "Panel", lambda session, profile: Panel(session, profile, later=rest))
    first = weakref.ref(explorer().session)
    rest.turn()
    explorer()
    gc.collect()
    assert first() is None
    opening._OPEN.pop().close()
