"""The study in numbers for a program: every row's means."""

import json
from pathlib import Path
from typing import Any

from bgmatte.cache import write_text
from bgmatte.reporting.measures import MEASURES
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.timings import frames_per_second, timed_as


def summary(study: Study) -> dict[str, dict[str, Any]]:
    """Row → raw means over the frame of the held-out test set with the row's own weights, and frames a second where timed.

    A row that would take another's time, because their networks are equal, names it as `timed_as`.
    """
    rows = {}
    for row in study.runs:
        columns = {measure.column: [value for _, value in study.numbers(Arm(row), measure.column).values()] for measure in MEASURES}
        means: dict[str, Any] = {name: sum(values) / len(values) for name, values in columns.items() if values}
        speed, same = frames_per_second(study.timing, row), timed_as(study, row)
        rows[row] = means | ({"fps": speed} if speed else {"timed_as": same} if same else {})
    return rows


def write_summary(study: Study) -> Path:
    """Write `summary.json` into the study's folder."""
    path = study.folder / "summary.json"
    write_text(path, json.dumps(summary(study), indent=1) + "\n")
    return path
