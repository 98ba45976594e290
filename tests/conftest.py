"""What every test stands on: a cache of its own and no study that listens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# One core of a busy machine has no timing, and a failure must be the same failure again.
settings.register_profile("bgmatte", deadline=None, derandomize=True)
settings.load_profile("bgmatte")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests neither read nor fill the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BGMATTE_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("BGMATTE_PROGRESS", raising=False)
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
