"""Invented studies in a project folder of their own."""

import importlib.util
from pathlib import Path

import pytest

from bgmatte import records
from bgmatte.figures import style


def _synthetic():
    spec = importlib.util.spec_from_file_location("synthetic", Path(__file__).with_name("synthetic.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def cells():
    """Row → column → cell of a table."""
    return lambda table: {row[0].text: {title: cell for (title, _), cell in zip(table.columns, row, strict=True)} for row in table.rows}


@pytest.fixture
def drawn():
    """Asked for by a test that looks at drawings, which are blank elsewhere: each takes longer than most tests."""


def _undrawn(patch):
    patch.setattr(style, "_svg", lambda paint, size, narrow: b'<svg xmlns="http://www.w3.org/2000/svg"/>')


@pytest.fixture
def write_study(tmp_path, monkeypatch, request):
    """`synthetic.write_study`, writing below a temporary project; drawings of it are blank unless `drawn` is asked for too."""
    monkeypatch.setattr(records, "PROJECT", tmp_path)
    if "drawn" not in request.fixturenames:
        _undrawn(monkeypatch)
    return _synthetic().write_study


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """The folder of one whole invented study of profile quick, with its report written, names full of markup."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "PROJECT", tmp_path_factory.mktemp("project"))
        folder = _synthetic().write_study("quick", name=lambda number: f"<img src=x onerror=alert({number})>&'\"{number}".replace("/", ""))
        from bgmatte.reporting import build_report

        build_report("quick")
        return folder


@pytest.fixture(scope="session")
def content(tmp_path_factory):
    """All sections of one whole invented study of three subjects, whose pictures are all kept; made once, drawings blank."""
    with pytest.MonkeyPatch.context() as patch:
        _undrawn(patch)
        patch.setattr(records, "PROJECT", tmp_path_factory.mktemp("project"))
        _synthetic().write_study("smoke", subjects=3)
        from bgmatte.reporting import read_study, sections

        return sections(read_study("smoke"))
