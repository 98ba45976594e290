"""A page, and JupyterLab and Voila to look at on it."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

LAPTOP = {"width": 1440, "height": 900}


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


@pytest.fixture
def page(chromium) -> Iterator[object]:
    """A page of its own, with the size of a laptop's."""
    from playwright.sync_api import expect

    context = chromium.new_context(viewport=LAPTOP)
    expect.set_options(timeout=15_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def one_page(chromium) -> Iterator[object]:
    """The one page of a module: a new one for each test would cost more than most tests do."""
    context = chromium.new_context(viewport=LAPTOP)
    yield context.new_page()
    context.close()


@pytest.fixture
def sheet(one_page) -> Iterator[object]:
    """The module's page as new: no document of a test before, its size, no button held."""
    yield one_page
    one_page.mouse.up()
    one_page.goto("about:blank")
    one_page.set_viewport_size(LAPTOP)
    one_page.mouse.move(0, 0)


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
