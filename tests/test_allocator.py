"""Keeping freed memory: asked for where it exists, nowhere else a fault."""

import subprocess
import sys

import pytest

from bgmatte import allocator
from bgmatte.fingerprint import PROJECT


def test_other_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocator.sys, "platform", "darwin")
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda *_: pytest.fail("asked"))
    assert allocator.keep_freed_memory() is False


def test_a_library_without_the_switch_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda *_: object())
    assert allocator.keep_freed_memory() is False


FAULTS = """
import resource
from bgmatte.allocator import keep_freed_memory
{keep}
faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
bytearray(64 * 2**20)
before = faults()
for _ in range(5):
    bytearray(64 * 2**20)
print(faults() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's malloc")
def test_freed_blocks_are_reused() -> None:
    def pages(keep: str) -> int:
        run = subprocess.run([sys.executable, "-c", FAULTS.format(keep=keep)], cwd=PROJECT, capture_output=True, text=True, check=True)
        return int(run.stdout)

    if int(pages("")) < 1000:
        pytest.skip("this system's malloc keeps large blocks already")
    assert pages("assert keep_freed_memory()") < 1000
