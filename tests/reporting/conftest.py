"""Invented studies in a project folder of their own."""

import importlib.util
from pathlib import Path

import pytest

from bgmatte import records


def _synthetic():
    spec = importlib.util.spec_from_file_location("synthetic", Path(__file__).with_name("synthetic.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def write_study(tmp_path, monkeypatch):
    """`synthetic.write_study`, writing below a temporary project."""
    monkeypatch.setattr(records, "PROJECT", tmp_path)
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
