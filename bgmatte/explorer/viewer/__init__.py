"""The viewer shows a picture's layers in linked panes and lets patches be painted; the browser composes, the kernel only says which are chosen."""

import math
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from bgmatte.explorer.codes import ADDED, REMOVED
from bgmatte.explorer.place import Place
from bgmatte.jsonable import from_dict

SHOWN = {"layers", "size", "cells", "groups", "masks", "view", "picture"}
KINDS = {"plain": 1, "chosen": 2, "marked": 1}  # how many layers a pane of this kind shows
HOME = asdict(Place())  # the whole frame, no pane enlarged
HERE = Path(__file__).parent
MODULES = ("geometry", "masks", "layers", "drawing", "controls", "panes", "input", "sending", "viewer")  # what a module imports comes before it


def packed(codes: np.ndarray) -> bytes:
    """A mask as the browser reads it: `codes` [h, w] as in `codes`, one byte a patch, row by row, compressed."""
    if codes.ndim != 2 or (not codes.max(initial=0) <= REMOVED and codes.min(initial=0) >= 0):
        raise ValueError(f"a mask is a table [h, w] of the codes 0 to {REMOVED}, not {codes.shape} with {np.unique(codes)[:8].tolist()}")
    return zlib.compress(codes.astype(np.uint8).tobytes(), 1)  # level 1: a tenth of a millisecond at HD, and the way is short


def joined(names: tuple[str, ...] = MODULES) -> str:
    """The modules as the one ES module that a widget may be: their `import` lines fall away, for they then share a scope."""
    text = "\n".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in names)
    return re.sub(r"^export (?!default)", "", re.sub(r"^import .*;\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE)


def stroke(content: Mapping[str, Any], masks: Mapping[str, bytes], patches: int) -> tuple[str, int, list[int]]:
    """Mask, code and cells of a `paint` message about one of the `masks`, `patches` cells each; `ValueError` names what is wrong."""
    mask, code, cells = mask_of(content, masks), content.get("code"), content.get("cells")
    if isinstance(code, bool) or code not in (ADDED, REMOVED):
        raise ValueError(f"code: {code!r} is not one of {ADDED} (add) and {REMOVED} (take away)")
    if not isinstance(cells, list) or not 0 < len(cells) <= patches:
        raise ValueError(f"cells: wanted a list of 1 to {patches} patches, not {f'{len(cells)} of them' if isinstance(cells, list) else repr(cells)}")
    for cell in cells:
        if type(cell) is not int or not 0 <= cell < patches:
            raise ValueError(f"cells: {cell!r} is not a whole number from 0 to {patches - 1}")
    return mask, int(code), cells


def mask_of(content: Mapping[str, Any], masks: Mapping[str, bytes]) -> str:
    """The mask that a message is about; `ValueError` if there is no such mask."""
    mask = content.get("mask")
    if not isinstance(mask, str) or mask not in masks:
        raise ValueError(f"mask: {mask!r} is not one of {sorted(masks)}")
    return mask


def check_groups(groups: list[dict[str, Any]]) -> None:
    """`ValueError` unless every pane has a name of its own, a title, a known kind, as many layers as that kind shows and, if not plain, a mask."""
    names: set[str] = set()
    for pane in (pane for group in groups for pane in group["panes"]):
        name, kind = pane["name"], pane["kind"]
        if name in names:
            raise ValueError(f"groups: two panes are called {name!r}")
        if kind not in KINDS:
            raise ValueError(f"groups: {name!r} has kind {kind!r}, allowed are {list(KINDS)}")
        if len(pane["layers"]) != KINDS[kind]:
            raise ValueError(f"groups: {name!r} is {kind} and shows {KINDS[kind]} layers, not {pane['layers']}")
        if (kind == "plain") == bool(pane.get("mask")):
            raise ValueError(f"groups: {name!r} is {kind} and has mask {pane.get('mask')!r}; all kinds but plain need one, plain has none")
        if not pane["title"]:
            raise ValueError(f"groups: {name!r} has no title")
        names.add(name)


class Viewer(anywidget.AnyWidget):
    """Linked panes of one frame with zoom, crosshair and a brush for patches; everything with `serial` n is drawn once `data-serial` is n."""

    _esm = joined()
    _css = (HERE / "viewer.css").read_text(encoding="utf-8")

    layers = traitlets.Dict().tag(sync=True)  # name -> WebP picture, stretched over the frame
    size = traitlets.List([4, 4]).tag(sync=True)  # H, W of the frame [px]
    cells = traitlets.List([1, 1]).tag(sync=True)  # h, w: patches down and across
    groups = traitlets.List().tag(sync=True)  # rows of panes: {"title", "panes": [{"name", "title", "kind", "layers", "mask"?, ...}]}
    masks = traitlets.Dict().tag(sync=True)  # name -> `packed` codes
    picture = traitlets.Int(0).tag(sync=True)  # which picture it is: a stroke that was begun on another one is dropped
    serial = traitlets.Int(0).tag(sync=True)
    view = traitlets.Dict(dict(HOME)).tag(sync=True)  # synced both ways

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._painters: list[Callable[[str, int, list[int]], None]] = []
        self._clearers: list[Callable[[str], None]] = []
        self.on_msg(lambda _, content, buffers: self.receive(content))

    def on_paint(self, callback: Callable[[str, int, list[int]], None]) -> None:
        """Call `callback(mask, code, cells)` for every stretch of a stroke: code 2 adds, 3 takes away, cells row by row from 0."""
        self._painters.append(callback)

    def on_clear(self, callback: Callable[[str], None]) -> None:
        """Call `callback(mask)` when all that was painted on a mask is to be taken back."""
        self._clearers.append(callback)

    def show(self, **traits: Any) -> int:
        """Change any of `SHOWN` in one message; the serial that the browser reports once drawn."""
        unknown = set(traits) - SHOWN
        if unknown:
            raise ValueError(f"{sorted(unknown)}: a viewer shows {sorted(SHOWN)}")
        with self.hold_sync():
            for name, value in traits.items():
                setattr(self, name, value)
            self.serial += 1
        return self.serial

    def receive(self, content: Any) -> None:
        """Hand a message of the browser on; `ValueError` if it is malformed, and then nothing is applied."""
        kind = content.get("kind") if isinstance(content, dict) else None
        if isinstance(content, dict) and content.get("picture", self.picture) != self.picture:
            return  # under way when another picture came
        if kind == "paint":
            told = stroke(content, self.masks, math.prod(self.cells))
            for painter in self._painters:
                painter(*told)
        elif kind == "clear":
            mask = mask_of(content, self.masks)
            for clearer in self._clearers:
                clearer(mask)
        else:
            raise ValueError(f"kind: {kind!r} is not one of 'paint' and 'clear'")

    @traitlets.validate("view")  # type: ignore[untyped-decorator]
    def _view_checked(self, proposal: Any) -> Any:
        from_dict(Place, proposal["value"], "view")
        return proposal["value"]

    @traitlets.validate("groups")  # type: ignore[untyped-decorator]
    def _groups_checked(self, proposal: Any) -> Any:
        check_groups(proposal["value"])
        return proposal["value"]
