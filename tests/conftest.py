"""What every test stands on: a cache of its own and no study that listens; and a browser for those that need one."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

# One core of a busy machine has no timing, and a failure must be the same failure again.
settings.register_profile("bgmatte", deadline=None, derandomize=True)
settings.load_profile("bgmatte")

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests neither read nor fill the user's cache, and see no data sets that the machine happens to have."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BGMATTE_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("XDG_DATA_DIRS", str(tmp_path_factory.mktemp("nothing installed")))
        for name in ("BGMATTE_PROGRESS", "BGMATTE_DATA"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def smoke_cache(own_cache: None) -> Path:
    """The session's cache folder with the smoke profile's generated data in it."""
    from bgmatte.cache import cache_root
    from bgmatte.data.store import make_set
    from bgmatte.phases import BACKGROUNDS, STAND_INS
    from bgmatte.profiles import profile

    for name in (*STAND_INS.values(), BACKGROUNDS):
        make_set(name, profile("smoke").data)
    return cache_root()


@pytest.fixture(scope="session")
def copies() -> ModuleType:
    """`tests/copies.py`: tiny copies of the published data sets, laid out exactly like them."""
    spec = importlib.util.spec_from_file_location("copies", Path(__file__).with_name("copies.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    """Chromium without a window, for one module: an event loop runs as long as it does, which would be in other tests' way.

    It is the one that `$BGMATTE_CHROMIUM` names, else the first of `CHROMIUM` on the path; where there is none the test is skipped.
    """
    from playwright.sync_api import sync_playwright

    path = next((found for name in (os.environ.get("BGMATTE_CHROMIUM"), *CHROMIUM) if name and (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(CHROMIUM)} is on the path, and $BGMATTE_CHROMIUM names none")
    with sync_playwright() as playwright:
        # its sandbox needs rights that containers do not give
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
