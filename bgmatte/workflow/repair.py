"""What is on disk is believed only if its hash agrees: damaged things are named and removed, so that they are made again."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from bgmatte.cache import cache_root, checkpoint_fault, checkpoint_path, data_folder, write_text
from bgmatte.fingerprint import file_digest
from bgmatte.records import RECORD, faults, reports_folder
from bgmatte.workflow.graph import SETS, Study, data_output, train_output

FINGERPRINTS = Path(".engine") / "outputs.json"  # what `remember` keeps
_DAY = 86_400.0  # [s]


def repair(study: Study) -> list[str]:
    """Compare what a study has with its hashes; say what is damaged, one line each, and see that it is made again.

    Only what this study asks for is looked at. In the cache the makers write over what is damaged; here marks are
    made for what is found whole and taken away for the rest. In the report folder damaged files are removed.
    """
    folder = reports_folder(study.profile)
    _sweep(folder, older=0.0)
    _sweep(cache_root(), older=_DAY)
    return [*_sets(study, folder), *_phases(study, folder), *_runs(study, folder), *_outputs(study, folder)]


def remember(folder: Path, outputs: tuple[str, ...]) -> None:
    """Keep the hashes of what a finished job left and no other hash covers: executed notebooks and timings."""
    kept = [path for path in outputs if path.endswith(".ipynb") or path == "timing.json"]
    if kept:
        known = read_fingerprints(folder) | {path: file_digest(folder / path) for path in kept}
        write_text(folder / FINGERPRINTS, json.dumps(known, indent=1) + "\n")


def _sets(study: Study, folder: Path) -> Iterator[str]:
    for name in SETS:
        place = data_folder(name, study.runs[0].data)
        mark = folder / data_output(name, place.name.removeprefix(f"{name}-"))
        fault = _set_fault(place)
        if fault and (place.exists() or mark.exists()):
            yield f"data set {name}: {fault}; it is made again"
        _mark(mark, whole=fault is None)


def _set_fault(place: Path) -> str | None:
    pictures, index = place / "pictures.npy", place / "index.json"
    missing = next((file for file in (pictures, index) if not file.is_file()), None)
    if missing:
        return f"{missing}: missing"
    try:
        wanted = json.loads(index.read_text())["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        return f"{index}: cannot be read ({error})"
    return None if file_digest(pictures) == wanted else f"{pictures}: its hash differs from {index.name}"


def _phases(study: Study, folder: Path) -> Iterator[str]:
    for branch in study.branches:
        mark = folder / train_output(branch.seed, branch.key)
        whole = True
        for plan in branch.plans:
            path = checkpoint_path(plan.key)
            fault = checkpoint_fault(path)
            whole = whole and fault is None
            if fault and (path.exists() or mark.exists()):
                yield f"checkpoint of {plan.run.row}, {plan.label}: {fault}; it is trained again"
        _mark(mark, whole)


def _mark(mark: Path, whole: bool) -> None:
    """Let the mark say what is true; one that says it already keeps its date."""
    if not whole:
        mark.unlink(missing_ok=True)
    elif not mark.exists():
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


def _runs(study: Study, folder: Path) -> Iterator[str]:
    finished = read_fingerprints(folder)
    for run in study.runs:
        place = folder / "runs" / run.name
        if (place / RECORD).exists() or f"runs/{run.name}/run.ipynb" in finished:
            problems = faults(place)
            yield from (f"record of {run.name}: {problem}; the run is evaluated again" for problem in problems)
            if problems:
                (place / RECORD).unlink(missing_ok=True)


def _outputs(study: Study, folder: Path) -> Iterator[str]:
    """Whatever a finished job left and the study still asks for must be there as it was left."""
    for path, wanted in read_fingerprints(folder).items():
        if path in study.targets and not (folder / path).exists():
            yield f"{folder / path}: missing; it is made again"
        elif path in study.targets and file_digest(folder / path) != wanted:
            yield f"{folder / path}: its hash differs from when it was made; it is made again"
            (folder / path).unlink()


def read_fingerprints(folder: Path) -> dict[str, str]:
    """What `remember` kept of a profile: SHA-256 by path."""
    try:
        return dict(json.loads((folder / FINGERPRINTS).read_text()))
    except (OSError, ValueError, TypeError):
        return {}


def _sweep(folder: Path, older: float) -> None:
    """Remove what killed processes left under temporary names (`.NAME.XXXXXXXX`, see `cache.written_whole`)."""
    for place in folder.glob("**/.*.????????"):
        if place.is_dir() and time.time() - place.stat().st_mtime >= older:
            shutil.rmtree(place, ignore_errors=True)
