"""A page with a viewer on it and, in place of a kernel, a model that keeps what it is told: everything else is the real thing."""

import base64
import io
from collections.abc import Mapping

import numpy as np
from PIL import Image

from bgmatte.explorer.viewer import HERE, HOME, joined, packed

# The model does what anywidget's does: `set` changes, `save_changes` sends, `on` hears of changes; bytes are DataViews.
PAGE = """<!doctype html><meta charset="utf-8"><title>viewer</title><style>%(theme)s body { margin: 16px } %(css)s</style><div id="here"></div>"""
START = """async ([source, state]) => {
  const heard = new Map();
  const bytes = (text) => new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  const read = (state) => Object.fromEntries(Object.entries(state).map(([name, value]) => [
    name, name === "layers" || name === "masks" ? Object.fromEntries(Object.entries(value).map(([key, text]) => [key, bytes(text)])) : value]));
  const model = {
    state: read(state), sent: [], saved: [],
    get: (name) => model.state[name],
    set: (name, value) => { model.state[name] = value; },
    save_changes: () => model.saved.push(JSON.parse(JSON.stringify(model.state.view))),
    on: (name, callback) => heard.set(name, [...(heard.get(name) ?? []), callback]),
    off: (name, callback) => heard.set(name, (heard.get(name) ?? []).filter((each) => each !== callback)),
    send: (content) => model.sent.push({ ...content, time: performance.now() }),
    heard,
  };
  window.model = model;
  window.tell = (state, told = read(state)) => {
    Object.assign(model.state, told);
    for (const name of Object.keys(told)) for (const callback of heard.get(`change:${name}`) ?? []) callback();
  };
  // Tell, and wait until it is drawn: milliseconds.
  window.timed = async (state) => {
    const root = document.querySelector(".bgm-viewer");
    const told = read(state);
    const start = performance.now();
    window.tell(null, told);
    while (Number(root.dataset.serial) !== told.serial) await new Promise((done) => setTimeout(done, 0));
    return performance.now() - start;
  };
  const { default: widget } = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  window.end = await widget.render({ model, el: document.querySelector("#here") });
}"""


def webp(picture: np.ndarray, quality: int = 90) -> bytes:
    """A picture [H, W, 3] or [H, W] in bytes."""
    file = io.BytesIO()
    Image.fromarray(picture.astype(np.uint8)).convert("RGB").save(file, "WEBP", quality=quality, lossless=quality == 100, method=1)
    return file.getvalue()


def told(state: Mapping[str, object]) -> dict[str, object]:
    """A state as it travels to the page: bytes as base64, masks [h, w] packed first."""
    text = {
        name: {key: base64.b64encode(packed(each) if isinstance(each, np.ndarray) else each).decode() for key, each in state[name].items()}
        for name in ("layers", "masks")
        if name in state
    }
    return {**state, **text}


class Viewed:
    """A viewer on a page, in the state that a kernel would have given it."""

    def __init__(self, page, *, theme: str = "", **state):
        self.page = page
        self.serial = 1
        self.known = 0  # views that were read
        page.set_content(PAGE % {"css": (HERE / "viewer.css").read_text(), "theme": theme})
        page.evaluate(START, [joined(), told({"view": dict(HOME), "serial": 1, **state})])
        self.drawn()

    def drawn(self) -> None:
        """Wait until everything that was told is drawn."""
        self.page.wait_for_selector(f'.bgm-viewer[data-serial="{self.serial}"]')

    def tell(self, **state) -> float:
        """Change the state as a kernel does and wait until it is drawn [ms]."""
        self.serial += 1
        return self.page.evaluate("timed", told({**state, "serial": self.serial}))

    def canvas(self, pane: str):
        """The canvas of a pane."""
        return self.page.locator(f'[data-pane="{pane}"] canvas')

    def do(self, what: str) -> None:
        """Press a button of the toolbar: a tool or a deed."""
        self.page.locator(f'.bgm-bar [data-tool="{what}"], .bgm-bar [data-do="{what}"]').first.click()

    def settle(self) -> None:
        """Wait until what was asked for is on the screen."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def pixel(self, pane: str, x: float, y: float) -> tuple[int, int, int]:
        """The colour of a pane's canvas at shares of its width and height."""
        self.settle()
        script = (
            """(canvas, [x, y]) => [...canvas.getContext("2d").getImageData(x * canvas.width | 0, y * canvas.height | 0, 1, 1).data].slice(0, 3)"""
        )
        return tuple(self.canvas(pane).evaluate(script, [x, y]))

    def sent(self, kind: str) -> list[dict]:
        """The messages of a kind that the kernel would have got."""
        return [each for each in self.page.evaluate("model.sent") if each["kind"] == kind]

    def saved(self) -> dict:
        """The view that the kernel was told last, once it was told something new and the pause is over after which it is told."""
        self.page.evaluate("() => new Promise((done) => setTimeout(done, 220))")
        self.page.wait_for_function("(known) => model.saved.length > known", arg=self.known)
        self.known = self.page.evaluate("model.saved.length")
        return self.page.evaluate("model.saved.at(-1)")
