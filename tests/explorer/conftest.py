"""A browser, and JupyterLab and Voila to look at with it; without a browser its tests are skipped."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest


def beside(name: str) -> ModuleType:
    """A helper module of this folder."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def hands() -> ModuleType:
    """`tests/explorer/browser.py`: what one does on a page."""
    return beside("browser")


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    """Chromium without a window, for one module: an event loop runs as long as it does, which would be in other tests' way."""
    from playwright.sync_api import sync_playwright

    finder = beside("chromium")
    path = finder.chromium()
    if path is None:
        pytest.skip(finder.ABSENT)
    with sync_playwright() as playwright:
        # its sandbox needs rights that containers do not give
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium) -> Iterator[object]:
    """A page of its own, with the size of a laptop's."""
    from playwright.sync_api import expect

    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    expect.set_options(timeout=15_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def lab(hands, own_cache, tmp_path_factory) -> Iterator[object]:
    """A JupyterLab server for the session."""
    with hands.serving("lab", tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def voila(hands, own_cache, tmp_path_factory) -> Iterator[object]:
    """A Voila server for the session, set up as `make explore` sets it up."""
    with hands.serving("voila", tmp_path_factory.mktemp("voila")) as server:
        yield server
