"""What the sliders of ipywidgets leave out for those who hear a page: a name, and their value in words."""

from pathlib import Path

import anywidget


class SliderLabels(anywidget.AnyWidget):
    """Invisible: put it into the same box as the sliders (or as boxes of them), whose handles it names."""

    _esm = Path(__file__).with_name("labels.js").read_text(encoding="utf-8")

    def __init__(self) -> None:
        super().__init__(layout={"display": "none"})
