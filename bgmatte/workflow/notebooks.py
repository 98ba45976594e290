"""Run a notebook with Papermill: its parameters checked first, its result whole or not at all."""

import ast
import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bgmatte.cache import written_whole
from bgmatte.explorer import STILL
from bgmatte.fingerprint import PROJECT
from bgmatte.jsonable import ConfigError, require
from bgmatte.profiles import profile, run_config
from bgmatte.records import reports_folder

NOTEBOOKS = PROJECT / "notebooks"
_WORDS = {"true": True, "false": False}
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class NotebookError(RuntimeError):
    """A notebook that failed; the message names cell and error and where the failed notebook is kept."""


def names() -> tuple[str, ...]:
    """The notebooks there are."""
    return tuple(sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")))


def declared(source: Path) -> dict[str, Any]:
    """The parameters of a notebook with their defaults, read from its cell tagged `parameters`.

    Raises `ConfigError` unless there is exactly one such cell and it holds assignments of literals only.
    """
    cells = json.loads(source.read_text())["cells"]
    tagged = ["".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    require(len(tagged) == 1, f"{source.name}: cells tagged 'parameters'", len(tagged), "exactly one")
    found = {}
    for statement in ast.parse(tagged[0]).body:
        try:
            (target,) = statement.targets  # type: ignore[attr-defined]
            found[target.id] = ast.literal_eval(statement.value)  # type: ignore[attr-defined]
        except (AttributeError, ValueError):
            raise ConfigError(f"{source.name}: {ast.unparse(statement)!r} in the parameters cell; allowed: name = literal") from None
    return found


def checked(source: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` parameters with the types that the notebook declares.

    Text is read as the declared type, so that `seed=1` may come from a command line. Raises `ConfigError` for an
    unknown parameter, a value of another type, and an unknown profile, row or seed.
    """
    defaults = declared(source)
    unknown = sorted(set(given) - set(defaults))
    require(not unknown, f"{source.name}: parameter", ", ".join(unknown), ", ".join(defaults))
    values = {name: _typed(f"{source.name}: {name}", value, type(defaults[name])) for name, value in given.items()}
    complete = defaults | values
    if "row" in complete:
        run_config(complete["profile"], complete["row"], complete["seed"])
    elif "profile" in complete:
        profile(complete["profile"])
    return values


def execute(name: str, out: Path, given: Mapping[str, Any]) -> Path:
    """Execute notebook `name` with parameters and leave it at `out`, with this interpreter as its kernel.

    Raises `ConfigError` before a kernel starts, `NotebookError` when a cell fails.
    """
    require(name in names(), "notebook", name, ", ".join(names()))
    source = NOTEBOOKS / f"{name}.ipynb"
    values = checked(source, given)

    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # a useless import that costs Papermill 1.6 s
    from papermill import PapermillExecutionError, execute_notebook
    from traitlets.config import Config

    out = out.resolve()
    out.unlink(missing_ok=True)  # from here on it would tell of an older run
    with written_whole(out) as temporary:
        try:
            execute_notebook(
                source,
                temporary,
                values,
                kernel_name="python3",
                progress_bar=False,
                request_save_on_cell_execute=False,
                kernel_manager_class=_this_interpreter(),
                # Without this ipykernel warns at each start that its loopback TCP traffic is not encrypted.
                config=Config({"KernelManager": {"transport_encryption": "auto"}}),
            )
        except PapermillExecutionError as error:
            kept = _kept(out, values, temporary)
            trace = _ANSI.sub("", "\n".join(error.traceback))
            story = f"{source.name}, cell {error.exec_count}: {error.ename}: {error.evalue}\nthe failed notebook: {kept}"
            raise NotebookError(f"{trace}\n{story}") from None
    return out


def _kept(out: Path, values: Mapping[str, Any], failed: Path) -> Path:
    """Keep a failed notebook where it cannot be taken for a result: among the profile's logs, else beside `out`."""
    folder = reports_folder(values["profile"]) if "profile" in values else out.parent
    place = out.relative_to(folder) if out.is_relative_to(folder) else Path(out.name)
    kept = folder / "logs" / "failed" / "-".join(place.parts)
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(failed, kept)
    return kept


def _typed(what: str, value: Any, wanted: type) -> Any:
    if isinstance(value, str) and wanted is not str:
        with suppress(KeyError, ValueError):  # what cannot be read is refused below, as it was given
            value = _WORDS[value.lower()] if wanted is bool else wanted(value)
    if wanted is float and type(value) is int:
        value = float(value)
    require(type(value) is wanted, what, value, f"a value of type {wanted.__name__}")
    return value


def _this_interpreter() -> type:
    """A kernel manager that starts this very Python, whatever kernels are installed on the machine."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class ThisInterpreter(AsyncKernelManager):  # type: ignore[misc]
        @property
        def kernel_spec(self) -> KernelSpec:
            path = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))
            argv = [sys.executable, "-m", "bgmatte.workflow.kernel", "-f", "{connection_file}"]
            return KernelSpec(**get_kernel_dict() | {"argv": argv, "env": {"PYTHONPATH": path, STILL: "1"}})

    return ThisInterpreter
