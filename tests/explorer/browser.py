"""JupyterLab and Voila as a person meets them: private servers, and what one does on their pages by mouse and keyboard.

How the controls of ipywidgets 8.1.9 are found, seen in Chromium's accessibility tree:

- Dropdown, Text, Checkbox, IntText, Select, RadioButtons: by role and description (`get_by_role("combobox", name="Selector")`).
- Button, FileUpload: role button, named by their text; FileUpload adds how many files it holds ("Source (0)").
- ToggleButtons: buttons named by their options, in no group, without `aria-pressed`: the chosen one has the class `mod-active`.
- Sliders: role slider on `.noUi-handle`, reached by Tab, but without a name; a SelectionSlider's `aria-valuetext` is the option's number, not its
  words. So `slider` looks for the description beside the handle, which finds it with and without a name.
- HTML: plain text in `.widget-html-content`.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Locator, Page

from bgmatte.fingerprint import PROJECT

JUPYTER = PROJECT / "bgmatte" / "explorer" / "jupyter"
STARTING, EXECUTING, DRAWING = 60, 120, 15  # patience with a server, with a notebook's cells, with what answers a hand [s]
# A server ends with the tests even if they are killed.
START = (
    "import runpy, sys; from bgmatte.workflow.processes import die_with_parent; die_with_parent(); "
    "runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"
)
LAB = (
    *("jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0", "--ServerApp.allow_root=True"),
    *("--IdentityProvider.token=", "--LabApp.news_url=", "--LabApp.extension_manager=readonly"),
    *("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--ServerApp.tornado_settings={'websocket_max_message_size': 536870912}"),
)
VOILA = ("voila", "--no-browser", "--Voila.ip=127.0.0.1", "--Voila.port_retries=0", f"--Voila.config_file_paths={JUPYTER}", ".")
KINDS = {"lab": (LAB, "ServerApp", "api"), "voila": (VOILA, "Voila", "voila/static/voila.js")}  # command, whose port it is, what answers first


@dataclass(frozen=True)
class Server:
    """A server that runs: its address, and the folder of its notebooks."""

    url: str
    folder: Path

    def add(self, notebook: Path) -> str:
        """Copy a notebook to where the server finds it; the copy's name."""
        return shutil.copy(notebook, self.folder / notebook.name).name


@contextlib.contextmanager
def serving(kind: str, place: Path) -> Iterator[Server]:
    """A server that reads no configuration of the user's and is gone, with every kernel, at the end.

    kind: "lab" or "voila".
    place: an empty folder for its notebooks, its settings and its log.
    """
    folder = place / "notebooks"
    folder.mkdir(parents=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command, application, first = KINDS[kind]
    with (place / "log.txt").open("w") as log:
        arguments = [sys.executable, "-c", START, *command, f"--{application}.port={port}"]
        process = subprocess.Popen(arguments, cwd=folder, env=surroundings(place), stdout=log, stderr=log)
    try:
        until_it_answers(f"http://127.0.0.1:{port}/{first}", process, place / "log.txt")
        yield Server(f"http://127.0.0.1:{port}", folder)
    finally:
        stop(process)


def surroundings(place: Path) -> dict[str, str]:
    """The environment of a server whose configuration, settings, workspaces and kernels are nobody else's."""
    private = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")
    news = place / "JUPYTERLAB_SETTINGS_DIR" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text('{"fetchNews": "false", "checkForUpdates": false}')
    return {
        **os.environ,
        **{name: str(place / name) for name in private},
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_PATH": str(JUPYTER),
        "PYTHONPATH": str(PROJECT),
        "OMP_NUM_THREADS": "1",
    }


def until_it_answers(url: str, process: subprocess.Popen, log: Path) -> None:
    """Wait for a server's first answer; `RuntimeError` with its log if it ends or stays silent."""
    end = time.monotonic() + STARTING
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer:\n{log.read_text()}")


def stop(process: subprocess.Popen) -> None:
    """End a server politely, then whatever it leaves: kernels live in process groups of their own."""
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    for left in [process, *family]:
        with contextlib.suppress(psutil.NoSuchProcess):
            left.kill()
    process.wait()
    psutil.wait_procs(family, 10)


class Watch:
    """What a page complained about and whom it asked, from now on."""

    def __init__(self, page: Page, server: Server):
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.server = server
        page.on("console", lambda message: self.errors.append(f"{message.text} ({message.location['url']})") if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url.replace("ws://", "http://", 1)))

    @property
    def foreign(self) -> list[str]:
        """The requests that went anywhere but to the server."""
        return [url for url in self.requests if not url.startswith((f"{self.server.url}/", "data:", "blob:"))]


def open_in_lab(page: Page, server: Server, name: str) -> None:
    """Open a notebook in JupyterLab and run all its cells by the menu; returns when the kernel is idle.

    A dialog that asks for a kernel is accepted.
    """
    page.goto(f"{server.url}/lab/tree/{name}?reset")
    page.add_locator_handler(page.locator(".jp-Dialog"), lambda dialog: dialog.locator("button.jp-mod-accept").click())
    # the toolbar's indicator says "idle" before there is a kernel; the status bar does not
    page.get_by_text(re.compile(r"(?<!No Kernel) \| Idle$")).wait_for(timeout=STARTING * 1000)
    run_all(page)


def run_all(page: Page) -> None:
    """Run all cells of the notebook that is open in JupyterLab; `AssertionError` if one fails."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    cells = page.locator(".jp-Notebook .jp-CodeCell:not(.jp-mod-noInput)")
    for cell in cells.all():
        cell.locator(".jp-InputPrompt").filter(has_text=re.compile(r"\[\d+\]")).wait_for(state="attached", timeout=EXECUTING * 1000)
    failed = page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']")
    assert failed.count() == 0, failed.first.inner_text()


def open_in_voila(page: Page, server: Server, name: str) -> None:
    """Open a notebook as a dashboard; returns when its cells have run and are shown."""
    page.goto(f"{server.url}/voila/render/{name}", timeout=EXECUTING * 1000)
    page.locator("#rendered_cells").wait_for(timeout=EXECUTING * 1000)


def slider(page: Page, label: str) -> Locator:
    """The handle of the slider with this description: it takes the focus and the arrow keys."""
    name = page.locator(".widget-label").filter(has_text=re.compile(f"^{re.escape(label)}$"))
    return page.locator(".widget-slider").filter(has=name).locator(".noUi-handle")


def press(page: Page, label: str, *keys: str) -> str:
    """Focus a slider and press keys ("ArrowRight", "Home", …); what is then written beside it."""
    handle = slider(page, label)
    handle.focus()
    for key in keys:
        page.keyboard.press(key)
    return handle.locator("xpath=ancestor::*[contains(@class, 'widget-slider')]").locator(".widget-readout").inner_text()


def upload(page: Page, label: str, file: Path) -> None:
    """Give a file to the FileUpload with this description, through the chooser that it opens."""
    with page.expect_file_chooser() as chooser:
        page.locator(".widget-upload").filter(has_text=re.compile(rf"^{re.escape(label)} \(\d+\)$")).click()
    chooser.value.set_files(file)


def drawn(page: Page, since: int = -1) -> int:
    """The serial of what the viewer shows, as soon as it is newer than `since`."""
    viewer = page.locator(".bgm-viewer[data-serial]")
    viewer.wait_for(timeout=EXECUTING * 1000)
    page.wait_for_function("since => Number(document.querySelector('.bgm-viewer').dataset.serial) > since", arg=since, timeout=DRAWING * 1000)
    return int(viewer.get_attribute("data-serial") or 0)


def until(page: Page, place: Locator, fits: Callable[[str], bool]) -> None:
    """Wait until the text of a place on the page fits; `AssertionError` with the text if it never does."""
    end = time.monotonic() + DRAWING
    while not fits(place.inner_text()):
        assert time.monotonic() < end, place.inner_text()
        page.wait_for_timeout(50)


def canvas(page: Page, pane: str) -> Locator:
    """The picture of a pane of the viewer."""
    return page.locator(f".bgm-pane[data-pane='{pane}'] canvas")


def picture(page: Page, pane: str) -> str:
    """What a pane shows, to compare with what it showed: a PNG as text."""
    return canvas(page, pane).evaluate("canvas => canvas.toDataURL()")


def paint(page: Page, pane: str, tool: str, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a stroke with the mouse: `tool` is "add" or "remove", `start` and `end` are (x, y) in shares of the pane's picture."""
    page.locator(f".bgm-viewer [data-tool='{tool}']").click()
    canvas(page, pane).scroll_into_view_if_needed()
    box = canvas(page, pane).bounding_box()
    assert box is not None, f"{pane} is not on the page"
    (x0, y0), (x1, y1) = ((box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end))
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move(x1, y1, steps=5)
    page.mouse.up()
