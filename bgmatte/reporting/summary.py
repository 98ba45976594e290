"""The study in numbers for a program: every row's means, and the table of them that stands in the README."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bgmatte.cache import write_text
from bgmatte.fingerprint import PROJECT
from bgmatte.reporting.measures import MEASURES, number
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.timings import frames_per_second
from bgmatte.variants import VARIANTS

REFERENCE = PROJECT / "reports" / "reference" / "quick" / "summary.json"
README = PROJECT / "README.md"
BEGIN, END = "<!-- results: written by `python -m bgmatte.reporting.summary` -->", "<!-- end of results -->"


def summary(study: Study) -> dict[str, dict[str, Any]]:
    """Row → raw means over the frame of the held-out test set with the row's own weights, and frames a second where timed."""
    rows = {}
    for row in study.runs:
        columns = {measure.column: [value for _, value in study.numbers(Arm(row), measure.column).values()] for measure in MEASURES}
        means: dict[str, Any] = {name: sum(values) / len(values) for name, values in columns.items() if values}
        speed = frames_per_second(study.timing, row)
        rows[row] = means | ({"fps": speed} if speed else {})
    return rows


def write_summary(study: Study) -> Path:
    """Write `summary.json` into the study's folder."""
    path = study.folder / "summary.json"
    write_text(path, json.dumps(summary(study), indent=1) + "\n")
    return path


def readme_table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """The rows of a summary as a Markdown table."""
    timed = list(dict.fromkeys(name for row in rows.values() for name in row.get("fps", {})))
    heads = ["row", "what differs", *(f"{measure.title} {measure.unit}" for measure in MEASURES), *(f"fps {name}" for name in timed)]
    lines = [heads, ["---", "---", *["---:"] * (len(heads) - 2)]]
    for name, row in rows.items():
        numbers = [number(measure.factor * row[measure.column]) if measure.column in row else "" for measure in MEASURES]
        lines.append(
            [f"`{name}`", VARIANTS[name].title, *numbers, *(number(row["fps"][size]) if size in row.get("fps", {}) else "" for size in timed)]
        )
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def with_table(text: str, table: str) -> str:
    """`text` with `table` between the two marks; raises ValueError when a mark is missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{README}: the marks {BEGIN!r} and {END!r} are missing")
    return f"{before}{begin}\n{table}\n{end}{after}"


def main() -> None:
    """Print the README's table of results from the committed reference summary, or write it there."""
    parser = argparse.ArgumentParser(prog="python -m bgmatte.reporting.summary", description=main.__doc__)
    parser.add_argument("--write", action="store_true", help="put it between the marks in README.md")
    table = readme_table(json.loads(REFERENCE.read_text()))
    if parser.parse_args().write:
        write_text(README, with_table(README.read_text(), table))
    else:
        print(table)


if __name__ == "__main__":
    main()
