"""The knobs of the explorer, and how they lie on the page; nothing here knows what they do."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ipywidgets as widgets

from bgmatte.explorer.labels import SliderLabels
from bgmatte.explorer.selection import WORDS
from bgmatte.explorer.shots import DRAWN, SIZES
from bgmatte.explorer.weights import SCALES

HELD_OUT, FROM_SEED, OWN = "held-out picture", "drawn from a seed", "my own pictures"
KINDS = {HELD_OUT: "held-out", FROM_SEED: "drawn", OWN: "own"}
FILE = "a checkpoint file …"
THRESHOLDS = tuple(round(step / 100, 2) for step in (*range(10), *range(10, 50, 2), *range(50, 101, 5)))
_STYLE = {"description_width": "initial"}


class Controls(SimpleNamespace):
    """Every knob by its name; `page(...)` puts them around the viewer."""

    def __init__(self, held_out: tuple[str, ...], weights: dict[str, str]) -> None:
        super().__init__(**_picture(held_out), **_network(weights), **_choice(), **_keeping())
        self.message = widgets.HTML()
        self.status = widgets.HTML()
        self.table = widgets.HTML()
        self.curve = widgets.HTML()
        self.spots = widgets.HTML()
        self.kind.observe(lambda _: self.arrange(), "value")
        for knob in (self.weights, self.first, self.second):
            knob.observe(lambda _: self.arrange(), "value")
        self.arrange()

    def arrange(self) -> None:
        """Show the knobs that matter now, and no others."""
        for kind, box in self.kinds.items():
            box.layout.display = "" if self.kind.value == kind else "none"
        self.file.layout.display = "" if self.weights.value == FILE else "none"
        self.threshold.layout.display = "" if "threshold" in (self.first.value, self.second.value) else "none"

    def page(self, viewer: widgets.DOMWidget, links: str) -> widgets.VBox:
        """The whole explorer."""
        style = widgets.HTML(f"<style>{Path(__file__).with_name('explorer.css').read_text(encoding='utf-8')}</style>")
        curves = widgets.VBox([self.curve, self.spots])
        curves.add_class("bgm-curves")
        knobs = (
            widgets.HBox([self.kind, *self.kinds.values(), self.save, self.saved]),
            widgets.HBox([self.weights, self.file, self.scale, self.kernel, self.over, self.behind]),
            widgets.HBox([self.first, self.second, self.budget, self.threshold]),
        )
        for row in knobs:
            row.add_class("bgm-knobs")
        numbers = widgets.HBox([self.table, curves])
        numbers.add_class("bgm-numbers")
        page = widgets.VBox([style, *knobs, self.message, numbers, viewer, self.status, widgets.HTML(links), SliderLabels()])
        page.add_class("bgm-explorer")
        return page


def _knob(kind: type[widgets.DOMWidget], words: str, tip: str, *values: Any, **more: Any) -> Any:
    return kind(*values, description=words, tooltip=tip, **({"style": _STYLE} | more))


def _path(words: str, tip: str, placeholder: str) -> widgets.Text:
    return _knob(widgets.Text, words, tip, placeholder=placeholder, continuous_update=False)


def _picture(held_out: tuple[str, ...]) -> dict[str, Any]:
    name = _knob(widgets.Dropdown, "Which", "the pictures on which the study judges every row", options=held_out)
    drawn = _knob(widgets.Dropdown, "Drawn like", "a training set of the study", options=DRAWN)
    seed = _knob(widgets.BoundedIntText, "Seed", "another seed, another picture", 0, 0, 10**6)
    size = _knob(widgets.Dropdown, "Size", "width × height in pixels", options=list(SIZES), value="1920×1080")
    roles = {"src": "Source", "bgr": "Background", "pha": "True alpha"}
    upload = "a picture file from your machine; above 10 MiB rather give its path"
    files = {role: _knob(widgets.FileUpload, words, upload, accept="image/*", style={}) for role, words in roles.items()}
    paths = {role: _path(f"or its path: {words.lower()}", "a file on the kernel's machine", "a picture file") for role, words in roles.items()}
    kind = _knob(widgets.Dropdown, "Picture", "where the picture comes from", options=list(KINDS))
    own = widgets.VBox([widgets.HBox([files[role], paths[role]]) for role in roles])
    kinds = {HELD_OUT: widgets.HBox([name]), FROM_SEED: widgets.HBox([drawn, seed, size]), OWN: own}
    return {"kind": kind, "kinds": kinds, "name": name, "drawn": drawn, "seed": seed, "size": size, "files": files, "paths": paths}


def _network(weights: dict[str, str]) -> dict[str, Any]:
    scales = [(f"{scale:g}", scale) for scale in SCALES]
    return {
        "weights": _knob(widgets.Dropdown, "Weights", "those that ship, rows trained here, or a file", options=[*weights, FILE]),
        "file": _path("File", "a checkpoint of this project or of the original", "a .safetensors or .pth"),
        "scale": _knob(widgets.Dropdown, "Base scale", "size at which the base network sees the picture", options=scales, value=0.25),
        "kernel": _knob(widgets.Dropdown, "Kernel", "side of the refiner's convolutions; it is trained, not switched", options=[3]),
    }


def _choice() -> dict[str, Any]:
    selectors = [(words, name) for name, words in WORDS.items()]
    first, second = (_knob(widgets.Dropdown, f"Selector {side}", "what chooses the patches", options=selectors) for side in "AB")
    levels = [(f"{value:g}", value) for value in THRESHOLDS]
    return {
        "first": first,
        "second": second,
        "budget": _knob(widgets.SelectionSlider, "Budget", "how many patches are refined, logarithmic", options=[("0", 0)], layout={"width": "46em"}),
        "threshold": _knob(widgets.SelectionSlider, "Threshold", "refine where more error is predicted", options=levels, value=0.1),
    }


def _keeping() -> dict[str, Any]:
    return {
        "over": _knob(widgets.ColorPicker, "Composite over", "the colour behind the composite", value="#00b140"),
        "behind": _path("or picture", "a picture behind the composite", "a picture file"),
        "save": _knob(widgets.Button, "Save what I see", "a PNG and its parameters as JSON, under reports/explored", icon="save", style={}),
        "saved": _knob(widgets.Dropdown, "Saved views", "open one again", options=[("–", "")]),
    }
