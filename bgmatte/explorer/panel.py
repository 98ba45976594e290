"""The explorer's widgets at work: a hand moves a knob, the session changes, the page follows. Everything that decides lies in `session`."""

import asyncio
import html
import os
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import ipywidgets as widgets

from bgmatte.explorer import STILL, readout
from bgmatte.explorer.controls import Controls
from bgmatte.explorer.exploration import Rehearsal
from bgmatte.explorer.following import follow, picked
from bgmatte.explorer.layers import SIDES
from bgmatte.explorer.mosaic import mosaic, still
from bgmatte.explorer.session import Session
from bgmatte.explorer.shots import Pick, held_out_names, kept_upload
from bgmatte.explorer.view import Place, View, read, save
from bgmatte.explorer.viewer import Viewer, packed
from bgmatte.explorer.weights import SHIPPED, offered
from bgmatte.figures.budgets import Spots, budget_curves
from bgmatte.figures.style import Figure

REST = 0.25  # [s] without a move, after which the slow numbers are worked out
TYPED = frozenset({"picture", "weights", "over"})  # what takes a while to enter and stays, to be mended, when it is refused
REFUSALS = (ValueError, OSError, MemoryError)  # what a user's choice can bring about; the messages name it


class Handle(Protocol):
    """Something that was put off."""

    def cancel(self) -> None:
        """Do not do it."""


Later = Callable[[float, Callable[[], None]], Handle]


def on_the_loop(seconds: float, call: Callable[[], None]) -> Handle:
    """Put a call off without keeping the kernel from answering meanwhile."""
    return asyncio.get_running_loop().call_later(seconds, call)


class Panel:
    """The explorer as widgets around a `Session`; `page` is what is displayed."""

    def __init__(self, session: Session, profile: str = "quick", later: Later = on_the_loop) -> None:
        self.session, self.later = session, later
        self.viewer = Viewer()
        self.offered = offered(profile)
        self.controls = Controls(held_out_names(), self.offered)
        self.page = self.controls.page(self.viewer, readout.links())
        self._following = False  # knobs that follow the session must not drive it
        self._waiting: Handle | None = None
        self._gradients: dict[str, float | None] = {}
        self._rehearsals: dict[str, Rehearsal] = {}
        self._spots: Spots | None = None
        self._listen()
        self._pictures_changed()

    def _listen(self) -> None:
        knobs = self.controls
        for name, field in (("first", "first"), ("second", "second"), ("budget", "patches"), ("threshold", "threshold")):
            self._on(getattr(knobs, name), field, lambda value: value)
        for name in ("scale", "kernel", "over"):
            self._on(getattr(knobs, name), name, lambda value: value)
        self._on(knobs.behind, "over", lambda text: text.strip() or knobs.over.value)
        self._on(knobs.weights, "weights", lambda title: self.offered.get(title) or knobs.file.value.strip() or None)
        self._on(knobs.file, "weights", lambda text: text.strip() or None)
        for knob in (knobs.kind, knobs.name, knobs.drawn, knobs.seed, knobs.size, *knobs.paths.values()):
            self._on(knob, "picture", lambda _: self._picked())
        for role, upload in knobs.files.items():
            upload.observe(lambda change, role=role: self._uploaded(role, change["new"]), "value")
        self.viewer.on_paint(lambda side, code, cells: self._painted(lambda: self.session.paint(side, code, cells)))
        self.viewer.on_clear(lambda side: self._painted(lambda: self.session.clear(side)))
        knobs.save.on_click(lambda _: self._save())
        knobs.saved.observe(lambda change: self._open(change["new"]), "value")

    def _on(self, knob: widgets.Widget, field: str, meant: Callable[[Any], Any]) -> None:
        """Let a knob drive a field of the view; what is `meant` by its value may be nothing yet (None)."""

        def moved(change: dict[str, Any]) -> None:
            if not self._following:
                value = meant(change["new"])
                if value is not None:
                    self._change(**{field: value})

        knob.observe(moved, "value")

    def _picked(self) -> Pick | None:
        pick = picked(self.controls)
        if pick is None:
            self._say("give the source and, for the same scene without the subject, the background; the true alpha is optional")
        return pick

    def _uploaded(self, role: str, files: Any) -> None:
        for file in files[:1]:  # an upload holds one file, or none when it was emptied
            self.controls.paths[role].value = str(kept_upload(file["name"], bytes(file["content"])))

    def _change(self, **fields: Any) -> None:
        """Change the view as a hand asks for it; what cannot be is said, and the knobs go back."""
        slow = bool({"picture", "weights", "scale", "kernel", "over"} & fields.keys())
        if slow:
            self._say("matting …")
        with self._refusals(kept=TYPED & fields.keys()):
            if self.session.change(**fields):
                self._pictures_changed()
            else:
                self._choice_changed()
            self._say("")

    def _painted(self, act: Callable[[], None]) -> None:
        with self._refusals():
            act()
            self._choice_changed()

    @contextmanager
    def _refusals(self, kept: Set[str] = frozenset()) -> Iterator[None]:
        """Say what was refused; knobs go back to what the session holds, but for fields that are `kept` as they were typed."""
        try:
            yield
        except REFUSALS as error:
            self._follow(kept)
            self._say(str(error) or type(error).__name__, wrong=True)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        self.controls.message.value = readout.message(text, wrong=wrong)

    def _pictures_changed(self) -> None:
        """Another picture, network or backdrop: everything travels anew."""
        session, exploration = self.session, self.session.exploration
        self._gradients.clear()
        self._rehearsals.clear()
        self._spots, self.controls.curve.value, self.controls.spots.value = None, "", ""
        self._follow()
        place = session.view.place
        height, width = exploration.scene.src.shape[2:]
        self.viewer.show(
            size=[height, width],
            cells=list(exploration.cells),
            layers=session.encoded,
            groups=session.groups,
            masks=self._masks(),
            view={"x": place.x, "y": place.y, "zoom": place.zoom, "large": place.large},
        )
        self._tell()

    def _choice_changed(self) -> None:
        """Other patches of the same picture: only masks and numbers travel."""
        for side in SIDES:
            self._gradients.pop(side, None)
            self._rehearsals.pop(side, None)
        groups = self.session.groups
        self.viewer.show(masks=self._masks(), **({"groups": groups} if groups != self.viewer.groups else {}))
        self._tell()

    def _masks(self) -> dict[str, bytes]:
        return {side: packed(self.session.codes(side)) for side in SIDES}

    def _tell(self) -> None:
        """The numbers that are there at once; the slow ones when the hand rests."""
        self._write()
        if self._waiting:
            self._waiting.cancel()
        self._waiting = self.later(REST, self._settle)

    def _write(self) -> None:
        slow = readout.Slow(self._gradients, self._rehearsals)
        self.controls.table.value = readout.table(self.session, slow)
        self.controls.status.value = readout.story(self.session, slow)
        self._mark()

    def _settle(self) -> None:
        """Work out one slow thing and come again for the next, so that a hand that moves meanwhile waits for one of them at most."""
        session = self.session
        side = next((side for side in SIDES if side not in self._rehearsals), None)
        case = next((case for case in (*SIDES, "none", "everywhere") if case not in self._gradients), None)
        if side:
            self._rehearsals[side] = session.rehearsed(side)
        elif case and session.shot.pha is not None:
            self._gradients[case] = session.gradient(case)
        elif self._spots is None and session.shot.pha is not None:
            figure, self._spots = budget_curves(session.curves(), session.shot.title)
            self.controls.curve.value = f'<img src="{figure.sources[1]}" alt="{html.escape(figure.alt)}">'
        else:
            return
        self._write()
        self._waiting = self.later(0.0, self._settle)

    def _mark(self) -> None:
        """A and B where they stand on the curves."""
        marks = []
        for side, numbers in self.session.numbers().items():
            if self._spots and side in SIDES and numbers.mad is not None:
                left, top = self._spots.at(numbers.patches, numbers.mad)
                marks.append(f'<span class="bgm-spot" data-side="{side}" style="left: {left:.2%}; top: {top:.2%}">{side.upper()}</span>')
        self.controls.spots.value = "".join(marks)

    def _follow(self, kept: Set[str] = frozenset()) -> None:
        """Let every knob show what the session holds, but for `kept` fields."""
        self._following = True
        try:
            follow(self.controls, self.session, self.offered, kept)
        finally:
            self._following = False

    def _save(self) -> None:
        with self._refusals():
            place = Place(**self.viewer.view)
            self.session.view = replace(self.session.view, place=place)
            path = save(self.session.view, mosaic(self.session))
            self._follow()
            self._say(f"saved: {path.with_suffix('.png').name} and {path.name} in reports/{path.parent.name}")

    def _open(self, path: str) -> None:
        if path and not self._following:
            with self._refusals():
                self.session.show(read(Path(path)))
                self._pictures_changed()
                self._say("")


def explorer(profile: str = "quick", view: str = "", weights: str = SHIPPED) -> Panel:
    """The explorer, beginning with a saved view (the path of its JSON), or with these weights and the first held-out picture.

    Trained rows of `profile` are offered before others. Raises as `Session` and `view.read`.
    """
    return Panel(Session(read(Path(view)) if view else View(weights=weights)), profile)


def shown(panel: Panel) -> widgets.DOMWidget | Figure:
    """The explorer's page; one picture of it where `STILL` says that no hand will touch it."""
    return still(panel.session) if os.environ.get(STILL) else panel.page
