"""What no run may have is refused before any work, by name and with what is allowed; configurations survive JSON."""

import dataclasses
import errno
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgmatte import data_commands
from bgmatte.__main__ import main, parser
from bgmatte.config import SELECTORS, PhaseConfig, RunConfig
from bgmatte.jsonable import ConfigError, changed, digest, from_dict, to_dict
from bgmatte.profiles import PROFILES, run_config
from bgmatte.variants import VARIANTS
from bgmatte.workflow import graph

RUNS = [run_config(profile, row, seed) for profile in PROFILES for row in VARIANTS for seed in (0, 3)]


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["study", "--profile", "huge"], "smoke, quick"),
        (["study", "--profile", "smoke", "--only", "select-grud"], "select-grid"),
        (["study", "--profile", "smoke", "--seeds", "0"], "1 or more"),
        (["study", "--profile", "smoke", "--jobs", "0"], "1 or more"),
        (["study", "--profile", "smoke", "--executor", "nowhere"], "local"),
        (["train", "--row", "basline"], "baseline"),
        (["train", "--profile", "smoke", "--seed", "-1"], "0 or more"),
        (["evaluate", "--profile", "smoke", "--row", "basline"], "baseline"),
        (["time", "--profile", "huge"], "smoke, quick"),
        (["report", "--profile", "huge"], "smoke, quick"),
        (["data", "make", "--profile", "huge"], "smoke, quick"),
        (["data", "make", "proc-vide", "--profile", "smoke"], "proc-video"),
        (["notebook", "runs", "--out", "x.ipynb"], "run"),
        (["notebook", "run", "--out", "x.ipynb", "-p", "prof", "smoke"], "profile, row, seed"),
        (["notebook", "run", "--out", "x.ipynb", "-p", "seed", "two"], "int"),
        (["notebook", "run", "--out", "x.ipynb", "-p", "seed", "-1"], "0 or more"),
        (["notebook", "run", "--out", "x.ipynb", "-p", "row", "basline"], "baseline"),
    ],
)
def test_commands_refuse_in_one_line_with_what_is_allowed(arguments, allowed, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert told.err.startswith("error: ")
    assert "allowed" in told.err
    assert allowed in told.err
    assert len(told.err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_rows_may_be_named_at_once_or_one_by_one():
    told = parser().parse_args(["study", "--only", "baseline", "select-grid", "--only", "oracle"])
    assert told.only == ["baseline", "select-grid", "oracle"]
    assert parser().parse_args(["study"]).only == []


def test_a_full_disk_is_said_in_one_line(capsys, monkeypatch):
    def full(options):
        raise OSError(errno.ENOSPC, "No space left on device", "/somewhere/weights.safetensors")

    monkeypatch.setattr(data_commands, "list_data", full)
    assert main(["data", "list"]) == 2
    said = capsys.readouterr().err
    assert said == "error: no space left on the disk (/somewhere/weights.safetensors); make room and give the same command again\n"


def test_unknown_command_and_option_are_refused(capsys):
    for arguments in (["stduy"], ["study", "--sedes", "3"]):
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 2
        assert "error" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", ["", "study", "data", "data make", "data list", "train", "evaluate", "time", "report", "pretrain", "ship", "notebook"]
)
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as left:
        main([*command.split(), "--help"])
    assert left.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 5


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run.profile}-{run.name}")
def test_every_run_survives_json(run):
    assert from_dict(RunConfig, json.loads(json.dumps(to_dict(run)))) == run


def leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every field of a configuration that is a number or a choice, as a dotted path with its value."""
    if not dataclasses.is_dataclass(value):
        return [(path, value)] if isinstance(value, int | float) and path else []
    return [leaf for field in dataclasses.fields(value) for leaf in leaves(getattr(value, field.name), f"{path}.{field.name}".lstrip("."))]


@given(st.data())
def test_changed_runs_survive_json_and_get_another_name(data):
    run = data.draw(st.sampled_from(RUNS))
    path, old = data.draw(st.sampled_from(leaves(run)))
    new = data.draw({bool: st.booleans(), int: st.integers(0, 4096), float: st.floats(0, 1)}[type(old)])
    try:
        other = changed(run, {path: new})
    except ConfigError as error:
        assert "allowed" in str(error)  # noqa: PT017 - either a refusal that says what is allowed, or a run that survives
        return
    back = from_dict(RunConfig, json.loads(json.dumps(to_dict(other))))
    assert back == other
    assert (digest(other) == digest(run)) == (other == run)


@given(st.text(max_size=12))
def test_an_unknown_selector_or_field_dies_at_once(word):
    run = run_config("smoke", "baseline")
    if word not in SELECTORS:
        with pytest.raises(ConfigError, match="allowed: error, random"):
            changed(run, {"network.refine.selector": word})
    if word.partition(".")[0] not in {field.name for field in dataclasses.fields(RunConfig)}:
        with pytest.raises(ConfigError, match="allowed"):
            changed(run, {word: 1})


@pytest.mark.parametrize(("name", "value"), [("steps", "2"), ("steps", 2.5), ("steps", True), ("kind", "coarse"), ("stpes", 2)])
def test_ill_typed_fields_are_refused_by_name(name, value):
    phase = to_dict(run_config("smoke", "baseline").recipe[0])
    with pytest.raises(ConfigError, match=name):
        from_dict(PhaseConfig, {**phase, name: value})


def test_the_graph_refuses_unknown_rows_before_anything():
    with pytest.raises(ConfigError, match="select-grid"):
        graph.study("smoke", ["select-grud"])
