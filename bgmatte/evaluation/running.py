"""From trained weights to numbers: every held-out picture, every metric, raw, and the pictures one looks at."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bgmatte import installed
from bgmatte.config import SELECTORS, RunConfig
from bgmatte.data.test_pictures import HELD_OUT, Picture, TestPictures, test_pictures
from bgmatte.evaluation import captured
from bgmatte.evaluation.budgets import budget_lines
from bgmatte.evaluation.calibration import reliability
from bgmatte.evaluation.judging import errors, judge, named, unknown
from bgmatte.evaluation.matters import Judged, luck, matters
from bgmatte.fingerprint import machine
from bgmatte.history import learning_curves, phase_record, training_seconds
from bgmatte.jsonable import digest
from bgmatte.lineage import judges
from bgmatte.phases import phase_plans
from bgmatte.records import seal, write_table
from bgmatte.sampling import sample_crops, save_pictures
from bgmatte.variants import BASELINE, variant

Lines = list[dict[str, Any]]


def evaluate_run(run: RunConfig, folder: Path, progress: Callable[[int, int, str], None] | None = None) -> Path:
    """Judge a run on every held-out picture and write its record into `folder`; its phases must be finished.

    `images.csv` has every picture; the further tables and the mattes kept have those of the main held-out set. Raises `CheckpointError`
    when a phase is missing or damaged.
    """
    begun = time.monotonic()
    pictures = test_pictures(run.test, run.data, "test", run.sources)
    main = pictures.of(HELD_OUT)
    judged, story = matters(run)
    samples = sample_crops(main)

    tables: dict[str, Lines] = {"images": [], "reliability": [], "budgets": []}
    for index, picture in enumerate(pictures):
        for way in judged:
            matte = way.matter(picture)
            tables["images"].append({"weights": way.weights, **judge(picture, matte)})
            if way.weights != "own" or picture.set != HELD_OUT:
                continue
            whole = () if picture.name in samples else ("src", "bgr", "true", "pha") if run.row == BASELINE else ("pha",)
            save_pictures(folder / "pictures" / picture.name, picture, matte, whole)
            if variant(run.row).trained:
                tables["reliability"] += _labelled(picture, reliability(picture, matte))
                tables["budgets"] += _labelled(picture, _budgets(run, picture, way))
        if progress:
            progress(index + 1, len(pictures), "evaluation")
    if run.row in captured.ROWS:
        tables["captured"] = list(_captured(captured.exact(main), judged[0], progress))

    for name, lines in tables.items():
        if lines:
            write_table(folder / f"{name}.csv", lines)
    write_table(folder / "curves.csv", learning_curves(run))
    (folder / "pictures" / "samples.json").write_text(json.dumps([{"image": name, "crop": crop} for name, crop in samples.items()], indent=1))
    seconds = {**training_seconds(run), "evaluate": time.monotonic() - begun}
    story = {
        **story,
        "held_out": held_out_story(pictures),
        "seconds": seconds,
        "start": start_of(run),
        "machine": machine(),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    seal(folder, run, story)
    return folder


def held_out_story(pictures: TestPictures) -> dict[str, Any]:
    """Which held-out sets were judged, how many pictures of each, and which optional ones were left out, and why."""
    counts = Counter(pictures.stock.sets[line.subject] for line in pictures.table)
    return {"pictures": dict(counts), "left_out": [reason for name in installed.PACKAGES if (reason := installed.absence(name))]}


def start_of(run: RunConfig) -> dict[str, Any]:
    """Where the weights came from, as the first phase recorded it (see `network.initialisation.initialise`)."""
    if run.mask == "key":
        return {"policy": "nothing", "file": None, "sha256": None}
    return dict(phase_record(phase_plans(judges(run)["own"])[0])["start"])


def _labelled(picture: Picture, lines: Iterable[dict[str, Any]]) -> Lines:
    return [{"weights": "own", **named(picture), **line} for line in lines]


def _budgets(run: RunConfig, picture: Picture, way: Judged) -> Iterator[dict[str, Any]]:
    """Quality against budget: of the baseline by every selector, of a row of another selector by its own."""
    refine = run.network.refine
    if way.network is None or refine is None:
        return
    selectors = SELECTORS if run.row == BASELINE else (refine.selector,) if len(judges(run)) > 1 else ()
    yield from budget_lines(picture, unknown(picture), way.network, selectors, refine.patches, luck(run, picture))


def _captured(pictures: TestPictures, way: Judged, progress: Callable[[int, int, str], None] | None) -> Iterator[dict[str, Any]]:
    """Raw errors under every disturbance of the captured background."""
    for index, picture in enumerate(pictures):
        seed = int(digest({"captured": picture.name})[:15], 16)  # every row sees the same disturbances
        for places, shown in captured.disturbed(picture, seed):
            found = {name: float(value) for name, value in errors(way.matter(shown).pha, shown.pha, unknown(shown)).items()}
            for disturbance, amount in places:
                yield {"weights": "own", **named(picture), "disturbance": disturbance, "amount": amount, **found}
        if progress:
            progress(index + 1, len(pictures), "disturbed backgrounds")
