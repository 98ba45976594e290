"""The explorer's door: what a notebook calls."""

import os

import ipywidgets as widgets

from bgmatte.explorer import STILL
from bgmatte.explorer.mosaic import still
from bgmatte.explorer.panel import Panel
from bgmatte.explorer.session import Session
from bgmatte.explorer.shots import resolved
from bgmatte.explorer.view import View, read
from bgmatte.explorer.weights import SHIPPED
from bgmatte.figures.style import Figure

_OPEN: list[Panel] = []


def explorer(profile: str = "quick", view: str = "", weights: str = SHIPPED) -> Panel:
    """The explorer, beginning with a saved view (the path of its JSON), or with these weights and the first held-out picture.

    Trained rows of `profile` are offered before others. A kernel has one at a time: the cell run again closes the one before, which
    else would keep its pictures. Raises as `Session` and `view.read`.
    """
    while _OPEN:
        _OPEN.pop().close()
    _OPEN.append(Panel(Session(read(resolved(view)) if view else View(weights=weights)), profile))
    return _OPEN[-1]


def shown(panel: Panel) -> widgets.DOMWidget | Figure:
    """The explorer's page; one picture of it where `STILL` says that no hand will touch it."""
    return still(panel.session) if os.environ.get(STILL) else panel.page
