"""What every test stands on: a cache of its own and no study that listens."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

# One core of a busy machine has no timing, and a failure must be the same failure again.
settings.register_profile("bgmatte", deadline=None, derandomize=True)
settings.load_profile("bgmatte")


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
