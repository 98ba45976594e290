"""A code digest follows meaning, not spelling."""

from pathlib import Path

import pytest

from bgmatte import fingerprint


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(fingerprint, "PACKAGE", tmp_path)
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "a.py").write_text('"""Say."""\n\n\ndef f(x):\n    """Double."""\n    return 2 * x  # twice\n')
    (tmp_path / "b.py").write_text("y = 1\n")
    fingerprint.code_digest.cache_clear()
    return tmp_path


def digest(*places: str) -> str:
    fingerprint.code_digest.cache_clear()
    return fingerprint.code_digest(*places)


def test_comments_layout_and_docstrings_do_not_count(package: Path) -> None:
    before = digest("room")
    (package / "room" / "a.py").write_text('"""Say otherwise."""\ndef f(x):\n    """Twice."""\n\n    return (2 * x)\n')
    assert digest("room") == before


def test_meaning_counts_wherever_it_changes(package: Path) -> None:
    before = digest("room", "b")
    (package / "b.py").write_text("y = 2\n")
    changed = digest("room", "b")
    (package / "room" / "new.py").write_text("z = 0\n")
    assert len({before, changed, digest("room", "b")}) == 3


def test_a_module_that_is_not_there_is_named(package: Path) -> None:
    with pytest.raises(ValueError, match="'nowhere'"):
        digest("nowhere")


def test_the_file_digest_is_sha256(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert fingerprint.file_digest(tmp_path / "x") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_machine_is_described() -> None:
    seen = fingerprint.machine()
    assert seen["torch"].startswith("2.11") and seen["machine"] and seen["commit"]
