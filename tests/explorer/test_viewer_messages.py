"""The kernel's side of the viewer: what it hands on, and what no viewer would send or show is refused."""

import re
import zlib

import numpy as np
import pytest

from bgmatte.explorer import codes
from bgmatte.explorer.viewer import HERE, HOME, MODULES, Viewer, joined, packed

PLAIN = {"name": "src", "title": "Source", "kind": "plain", "layers": ["src"]}
CHOSEN = {"name": "pha:a", "title": "Refined alpha", "kind": "chosen", "layers": ["before", "after"], "mask": "a"}


@pytest.fixture
def kernel():
    told = []
    viewer = Viewer(cells=[2, 3], masks={"a": packed(np.zeros((2, 3)))})
    viewer.on_paint(lambda *message: told.append(message))
    viewer.on_clear(lambda mask: told.append(mask))
    return viewer, told


def test_messages_reach_the_callbacks(kernel):
    viewer, told = kernel
    viewer.receive({"kind": "paint", "mask": "a", "code": 3, "cells": [0, 5]})
    viewer.receive({"kind": "clear", "mask": "a"})
    assert told == [("a", 3, [0, 5]), "a"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "kind: None"),
        ([], "kind: None"),
        ({"kind": "erase"}, "kind: 'erase' is not one of 'paint' and 'clear'"),
        ({"kind": "clear"}, "mask: None is not one of .'a'."),
        ({"kind": "clear", "mask": ["a"]}, "mask"),
        ({"kind": "paint", "mask": "b", "code": 2, "cells": [0]}, "mask: 'b' is not one of .'a'."),
        ({"kind": "paint", "mask": "a", "code": 1, "cells": [0]}, "code: 1 is not one of 2"),
        ({"kind": "paint", "mask": "a", "code": "2", "cells": [0]}, "code"),
        ({"kind": "paint", "mask": "a", "code": [2], "cells": [0]}, "code"),
        ({"kind": "paint", "mask": "a", "code": 2}, "cells: wanted a list"),
        ({"kind": "paint", "mask": "a", "code": 2, "cells": []}, "cells: wanted a list of 1 to 6"),
        ({"kind": "paint", "mask": "a", "code": 2, "cells": [0] * 7}, "not 7 of them"),
        ({"kind": "paint", "mask": "a", "code": 2, "cells": [0, 6]}, "cells: 6 is not a whole number from 0 to 5"),
        ({"kind": "paint", "mask": "a", "code": 2, "cells": [-1]}, "cells: -1"),
        ({"kind": "paint", "mask": "a", "code": 2, "cells": [1.5]}, "cells: 1.5"),
        ({"kind": "paint", "mask": "a", "code": 2, "cells": [True]}, "cells: True"),
    ],
)
def test_malformed_messages_are_refused_and_not_applied(kernel, content, words):
    viewer, told = kernel
    with pytest.raises(ValueError, match=words):
        viewer.receive(content)
    assert told == []


@pytest.mark.parametrize(
    ("change", "words"),
    [({"zoom": 0.5}, r"view\.zoom: 0\.5"), ({"x": float("nan")}, r"view\.x: nan"), ({"large": None}, r"view\.large: None"), ({"more": 1}, "'more'")],
)
def test_a_malformed_view_is_refused(change, words):
    viewer = Viewer()
    with pytest.raises(ValueError, match=words):
        viewer.view = {**HOME, **change}
    assert viewer.view == HOME


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "blended"}, "kind 'blended', allowed are"),
        ({"layers": ["before"]}, "shows 2 layers"),
        ({"mask": None}, "all kinds but plain need one"),
        ({"title": ""}, "no title"),
        ({"name": "src"}, "two panes are called 'src'"),
    ],
)
def test_contradictory_panes_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        Viewer(groups=[{"title": "A", "panes": [PLAIN, {**CHOSEN, **change}]}])


def test_a_mask_is_packed_row_by_row():
    codes = np.array([[0, 1, 2], [3, 0, 1]], np.uint8)
    assert zlib.decompress(packed(codes)) == bytes([0, 1, 2, 3, 0, 1])
    for wrong in (codes[0], codes + 1):
        with pytest.raises(ValueError, match="a mask is a table"):
            packed(wrong)


def test_one_message_carries_a_change_and_its_serial():
    viewer = Viewer()
    heard = []
    viewer.observe(lambda change: heard.append(change["name"]))
    assert viewer.show(cells=[2, 3], masks={"a": packed(np.zeros((2, 3)))}) == viewer.serial == 1
    assert heard == ["cells", "masks", "serial"]
    with pytest.raises(ValueError, match="'colour'"):
        viewer.show(colour="red")


def test_the_script_is_every_module_after_what_it_imports():
    assert sorted(MODULES) == sorted(path.stem for path in HERE.glob("*.js"))
    for name in MODULES:
        lines = (HERE / f"{name}.js").read_text().splitlines()
        assert len(lines) <= 250 and max(map(len, lines)) <= 150, name
        needed = {found for line in lines for found in re.findall(r'^import .* from "\./(\w+)\.js";$', line)}
        assert needed <= set(MODULES[: MODULES.index(name)]), name
    declared = re.findall(r"^(?:async )?(?:const|let|class|function) (\w+)", joined(), re.MULTILINE)
    assert len(declared) == len(set(declared)), "two modules call different things by one name"
    assert "import" not in re.findall(r"^\w+", joined(), re.MULTILINE)


def test_python_and_javascript_mean_the_same_codes():
    script = (HERE / "masks.js").read_text(encoding="utf-8")
    words = re.search(r"CODES = \[(.*?)\]", script)[1].split(", ")
    assert [word.strip('"').split()[0] for word in words] == ["not", "chosen", "added", "taken"]
    assert (codes.NOT_CHOSEN, codes.CHOSEN) == (0, 1)
    assert f"ADD = {codes.ADDED};" in script and f"REMOVE = {codes.REMOVED};" in script


def test_a_message_about_another_picture_is_dropped():
    heard = []
    viewer = Viewer(cells=[2, 2], masks={"a": packed(np.zeros((2, 2), np.uint8))})
    viewer.on_paint(lambda *stroke: heard.append(stroke))
    viewer.show(picture=4)
    for picture in (3, 4):
        viewer.receive({"kind": "paint", "mask": "a", "code": 2, "cells": [1], "picture": picture})
    assert len(heard) == 1
