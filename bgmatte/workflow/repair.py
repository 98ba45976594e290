"""What is on disk is believed only if its hash agrees: damaged things are named and removed, so that they are made again."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from bgmatte.cache import cache_root, checkpoint_fault, checkpoint_path, data_folder, write_text
from bgmatte.fingerprint import file_digest
from bgmatte.phases import generated_sets
from bgmatte.records import RECORD, faults, reports_folder
from bgmatte.workflow.graph import Study, data_output, train_output

FINGERPRINTS = Path(".engine") / "outputs.json"  # what `remember` keeps
BEGUN = Path(".engine") / "begun.json"  # what `begin` keeps
_DAY = 86_400.0  # [s]


def repair(study: Study) -> list[str]:
    """Compare what a study has with its hashes; say what is damaged, one line each, and see that it is made again.

    Only what this study asks for is looked at. In the cache the makers write over what is damaged; here marks are
    made for what is found whole and taken away for the rest. In the report folder damaged files are removed.
    """
    folder = reports_folder(study.profile)
    _sweep(folder, older=0.0)
    _sweep(cache_root(), older=_DAY)
    return [*_sets(study, folder), *_phases(study, folder), *_strange(study, folder), *_runs(study, folder), *_outputs(study, folder)]


def begin(folder: Path, outputs: tuple[str, ...]) -> None:
    """Note that a job which leaves these was started here; what hashes say of an earlier result is forgotten."""
    known = read_fingerprints(folder)
    if not known.keys().isdisjoint(outputs):
        write_text(folder / FINGERPRINTS, json.dumps({path: known[path] for path in known if path not in outputs}, indent=1) + "\n")
    begun = _begun(folder)
    if not begun.issuperset(outputs):
        write_text(folder / BEGUN, json.dumps(sorted(begun.union(outputs)), indent=1) + "\n")


def remember(folder: Path, outputs: tuple[str, ...]) -> None:
    """Keep the hashes of what a finished job left and no other hash covers: records, executed notebooks and timings."""
    kept = [path for path in outputs if path.endswith((".ipynb", RECORD)) or path == "timing.json"]
    if kept:
        known = read_fingerprints(folder) | {path: file_digest(folder / path) for path in kept}
        write_text(folder / FINGERPRINTS, json.dumps(known, indent=1) + "\n")


def _sets(study: Study, folder: Path) -> Iterator[str]:
    for name in generated_sets(study.runs[0]):
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


def _strange(study: Study, folder: Path) -> Iterator[str]:
    """What lies where a result belongs but was never begun here: an engine would take a copy for its own work."""
    begun = _begun(folder)
    for job in study.jobs.values():
        path = folder / job.outputs[0]
        if job.stage not in ("data", "train") and job.outputs[0] not in begun and path.exists():
            yield f"{path}: was not made by a study in this folder; it is made again"
            path.unlink()


def _begun(folder: Path) -> set[str]:
    try:
        return set(json.loads((folder / BEGUN).read_text()))
    except (OSError, ValueError, TypeError):
        return set()


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
