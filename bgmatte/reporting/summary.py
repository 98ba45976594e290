"""The study for a program: every row's means, and the answers in words."""

import json
from dataclasses import asdict
from typing import Any

from bgmatte.cache import write_text
from bgmatte.reporting.ablation.answers import five_answers
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


def write_summary(study: Study) -> None:
    """Write `summary.json` and `answers.json`, a list of question, verdict and sentence, into the study's folder."""
    answers = [asdict(answer) for answer in five_answers(study)]
    for name, content in (("summary", summary(study)), ("answers", answers)):
        write_text(study.folder / f"{name}.json", json.dumps(content, indent=1, ensure_ascii=False) + "\n")
