"""A finished study's notebooks executed again: what is deterministic must come out the same, to the letter.

`python -m bgmatte.workflow.again PROFILE` hands the executed notebooks to nbval, which runs every cell and compares its output with the one
that stands there. Cells that measure a time or the like begin with the line `# NBVAL_IGNORE_OUTPUT`, the reason under it; `nbval.ini` names
what is not compared in others. Executing writes records and a report, so it happens in copies of the results: the study stays as it is.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bgmatte.exits import status
from bgmatte.explorer import STILL
from bgmatte.fingerprint import PROJECT
from bgmatte.jsonable import require
from bgmatte.profiles import PROFILES, profile
from bgmatte.records import reports_folder
from bgmatte.variants import VARIANTS

RUN = f"{next(iter(VARIANTS))}-seed0"  # the one run that is judged again; the others are judged by the same code
HALF = ("1_two_stage", "2_error_prediction", "report")  # about half of the work
SANITISE = Path(__file__).with_name("nbval.ini")
CELL_LIMIT = 600  # [s]


def again(name: str) -> list[str]:
    """Execute the finished notebooks of a profile again; what nbval says of those that differ, empty when none does.

    Half of them go beside the others, each half in a process and a copy of its own, one after the other; the run, which writes its record
    anew, goes last. Raises `ConfigError` for an unknown profile and where there is no executed notebook.
    """
    profile(name)
    folder = reports_folder(name)
    found = [path.relative_to(folder) for path in (*sorted(folder.glob("notebooks/*.ipynb")), *folder.glob(f"runs/{RUN}/run.ipynb"))]
    require(bool(found), f"executed notebooks in {folder}", 0, f"1 or more; `python -m bgmatte study --profile {name}` makes them")
    halves = [[path for path in found if (path.stem in HALF) == first] for first in (True, False)]
    with tempfile.TemporaryDirectory(prefix="bgmatte-") as place:
        started = [_start(Path(place) / str(number), folder, paths) for number, paths in enumerate(halves) if paths]
        told = [(process.communicate()[0], process.returncode) for process in started]
    return [words for words, status in told if status]


def _start(project: Path, folder: Path, paths: Sequence[Path]) -> "subprocess.Popen[str]":
    """nbval at work on notebooks of a copy: the code is linked, the results are copied, both are found from where the code lies."""
    copy = project / "reports" / folder.name
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".*", "logs"))
    beside = [PROJECT / name for name in ("bgmatte", "notebooks", "data_manifests")] + list((PROJECT / "reports").glob("*"))
    for path in beside:
        if not (place := project / path.relative_to(PROJECT)).exists():
            place.symlink_to(path)
    environment = os.environ | {"PYTHONPATH": str(project), STILL: "1", "OMP_NUM_THREADS": "1"}  # as the study's own kernels
    command = ["pytest", "-q", "--color=no", "-p", "no:cacheprovider", f"--rootdir={project}", "--nbval", "--nbval-current-env"]
    command += [f"--nbval-cell-timeout={CELL_LIMIT}", f"--nbval-sanitize-with={SANITISE}", *(str(copy / path) for path in paths)]
    return subprocess.Popen(
        [sys.executable, "-m", *command], cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Say whether the notebooks of a profile come out the same; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bgmatte.workflow.again", description="Execute the notebooks of a finished study again.")
    parser.add_argument("profile", help=f"one of {', '.join(PROFILES)}")
    name = parser.parse_args(arguments).profile

    def tell() -> int:
        differing = again(name)
        print("\n".join(differing) or f"the notebooks of profile {name} come out the same")
        return 1 if differing else 0

    return status(tell)


if __name__ == "__main__":
    sys.exit(main())
