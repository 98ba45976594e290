"""A command ends with one line for what is refused, and with a traceback for a fault of its own."""

import pytest

from bgmatte.exits import status
from bgmatte.jsonable import ConfigError
from bgmatte.reporting import keeping
from bgmatte.workflow import again


def test_a_status_is_the_commands_own_and_none_means_0():
    assert [status(lambda: 1), status(lambda: None)] == [1, 0]


def test_a_refusal_is_one_line_and_2(capsys):
    def refuse() -> None:
        raise ConfigError("seeds: 0 is not allowed; allowed: 1 or more")

    assert status(refuse) == 2
    assert capsys.readouterr().err == "error: seeds: 0 is not allowed; allowed: 1 or more\n"


def test_an_interruption_is_130():
    def interrupt() -> None:
        raise KeyboardInterrupt

    assert status(interrupt) == 130


def test_a_fault_of_the_program_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        status(lambda: 1 // 0)
    with pytest.raises(ValueError, match="invalid literal"):
        status(lambda: int("x"))


@pytest.mark.parametrize("command", [keeping.main, again.main])
def test_an_unknown_profile_is_refused_alike_everywhere(command, capsys):
    assert command(["nope"]) == 2
    assert capsys.readouterr().err.startswith("error: profile: 'nope' is not allowed; allowed: smoke, quick")
