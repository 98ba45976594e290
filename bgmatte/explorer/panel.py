"""The explorer's widgets at work: a hand moves a knob, the session changes, the page follows. Everything that decides lies in `session`."""

import html
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from bgmatte.explorer import readout
from bgmatte.explorer.controls import Controls
from bgmatte.explorer.exploration import Numbers
from bgmatte.explorer.following import follow, picked
from bgmatte.explorer.layers import SIDES
from bgmatte.explorer.mosaic import mosaic
from bgmatte.explorer.place import Place
from bgmatte.explorer.resting import REST, Handle, Later, Slow, on_the_loop
from bgmatte.explorer.session import Session
from bgmatte.explorer.shots import Pick, held_out_names, kept_upload
from bgmatte.explorer.view import read, save
from bgmatte.explorer.viewer import Viewer, packed
from bgmatte.explorer.weights import offered
from bgmatte.figures.picture_budget import Spots, budget_curves

TYPED = frozenset({"picture", "weights", "over"})  # what takes a while to enter and stays, to be mended, when it is refused
REFUSALS = (ValueError, OSError, MemoryError, RuntimeError)  # what a user's choice can bring about; the messages name it


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
        self._slow = Slow()
        self._spots: Spots | None = None
        self._picture, self._shown = 0, session.shot
        self._refused: Set[str] = frozenset()  # fields that stand as they were typed, and are not what is shown
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
        self.viewer.observe(lambda change: self._looked(change["new"]), "view")
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
            wanted = {"src": "the source", "bgr": "the background, which is the same scene without the subject"}
            lacking = [words for role, words in wanted.items() if not str(self.controls.paths[role].value).strip()]
            self._say(f"give {' and '.join(lacking)}; the true alpha is optional")
        return pick

    def _uploaded(self, role: str, files: Any) -> None:
        with self._refusals(kept=TYPED):
            for file in files[:1]:  # an upload holds one file, or none when it was emptied
                path = kept_upload(file["name"], bytes(file["content"]))
                if role == "src":  # the truth of another picture
                    self._quietly(lambda: setattr(self.controls.paths["pha"], "value", ""))
                self.controls.paths[role].value = str(path)

    def _looked(self, view: dict[str, Any]) -> None:
        self.session.view = replace(self.session.view, place=Place(**view))

    def _change(self, **fields: Any) -> None:
        """Change the view as a hand asks for it; what cannot be is said, and the knobs go back."""
        if not {"first", "second", "patches", "threshold"} & fields.keys():
            self._say("matting …")
        with self._refusals(kept=TYPED & fields.keys()):
            changed = self.session.change(**fields)
            self._refused -= fields.keys()
            if changed:
                self._pictures_changed()
            else:
                self._choice_changed()
            if not self._refused:
                self._say("")
        if self._refused == {"picture"} and {"first", "second"} & fields.keys():  # it may have been the selector that was in its way
            pick = picked(self.controls)
            if pick:
                self._change(picture=pick)

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
            self._refused |= kept
            self._follow()
            self._say(str(error) or type(error).__name__, wrong=True)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        self.controls.message.value = readout.message(readout.without_cache(text), wrong=wrong)

    def _pictures_changed(self) -> None:
        """Another picture, network or backdrop: everything travels anew."""
        session, exploration = self.session, self.session.exploration
        self._slow = Slow()
        self._spots, self.controls.curve.value, self.controls.spots.value = None, "", ""
        self._follow()
        self._picture += session.shot is not self._shown
        self._shown = session.shot
        height, width = exploration.scene.src.shape[2:]
        self.viewer.show(
            size=[height, width],
            cells=list(exploration.cells),
            layers=session.encoded,
            groups=session.groups,
            masks=self._masks(),
            view=asdict(session.view.place),
            picture=self._picture,
        )
        self._tell()

    def _choice_changed(self) -> None:
        """Other patches of the same picture: only masks and numbers travel."""
        self._slow.forget_sides()
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
        numbers = self.session.numbers()
        self.controls.table.value = readout.table(self.session, numbers, self._slow)
        self.controls.status.value = readout.story(self.session, self._slow)
        self._mark(numbers)

    def _settle(self) -> None:
        """Work out one slow thing and come again for the next, so that a hand that moves meanwhile waits for one of them at most."""
        with self._refusals():
            if self._slow.work(self.session) or self._drawn():
                self._write()
                self._waiting = self.later(0.0, self._settle)

    def _drawn(self) -> bool:
        """Draw the curves, if they can be and are not there."""
        session = self.session
        if self._spots is not None or session.shot.pha is None:
            return False
        figure, self._spots = budget_curves(session.curves(), session.shot.title)
        self.controls.curve.value = f'<img src="{figure.sources[1]}" alt="{html.escape(figure.alt)}">'
        return True

    def close(self) -> None:
        """Let go of everything: a kernel keeps every widget that was not closed, and with it what it watches."""
        if self._waiting:
            self._waiting.cancel()
        _let_go(self.page)

    def _mark(self, numbers: Mapping[str, Numbers]) -> None:
        """A and B where they stand on the curves."""
        marks = []
        for side in SIDES:
            mad = numbers[side].mad
            if self._spots and mad is not None:
                left, top = self._spots.at(numbers[side].patches, mad)
                marks.append(f'<span class="bgm-spot" data-side="{side}" style="left: {left:.2%}; top: {top:.2%}">{side.upper()}</span>')
        self.controls.spots.value = "".join(marks)

    def _follow(self) -> None:
        """Let every knob show what the session holds, but for what was refused or is half given."""
        half = {"picture"} if picked(self.controls) is None else set()
        self._quietly(lambda: follow(self.controls, self.session, self.offered, self._refused | half))

    def _quietly(self, act: Callable[[], None]) -> None:
        """Move knobs without driving the session."""
        before, self._following = self._following, True
        try:
            act()
        finally:
            self._following = before

    def _save(self) -> None:
        with self._refusals():
            path = save(self.session.view, mosaic(self.session))
            self._follow()
            self._say(f"saved: {path.with_suffix('.png').name} and {path.name} in reports/{path.parent.name}")

    def _open(self, path: str) -> None:
        if path and not self._following:
            with self._refusals():
                self.session.show(read(Path(path)))
                self._refused = frozenset()
                self._quietly(lambda: follow(self.controls, self.session, self.offered))
                self._pictures_changed()
                self._say("")


def _let_go(widget: widgets.Widget) -> None:
    for child in getattr(widget, "children", ()):
        _let_go(child)
    widget.unobserve_all()
    widget.close()
