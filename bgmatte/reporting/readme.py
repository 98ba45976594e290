"""What README tells of results, from what is committed under `reports/reference`: answers, every row, speed of the fast path."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bgmatte.cache import write_text
from bgmatte.fingerprint import PROJECT
from bgmatte.records import read_run
from bgmatte.reporting.about.setting import LONGER, refiner_steps
from bgmatte.reporting.measures import MEASURES, number
from bgmatte.variants import ABLATIONS, BASELINE, VARIANTS

REFERENCE = PROJECT / "reports" / "reference" / "quick"
LONG = REFERENCE.with_name(LONGER)
BENCH = PROJECT / "reports" / "reference" / "bench-cpu.json"
README = PROJECT / "README.md"


def readme_table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """The rows of a summary as a Markdown table, each with the ablation that it belongs to."""
    timed = list(dict.fromkeys(name for row in rows.values() for name in row.get("fps", {})))
    heads = ["row", "what differs", "ablation", *(f"{measure.title} {measure.unit}" for measure in MEASURES), *(f"fps {name}" for name in timed)]
    lines = [heads, ["---", "---", "---:", *["---:"] * (len(heads) - 3)]]
    for name, row in rows.items():
        numbers = [number(measure.factor * row[measure.column]) if measure.column in row else "" for measure in MEASURES]
        speeds = [f"as `{row['timed_as']}`" if "timed_as" in row else _speed(row, size) for size in timed]
        belongs = VARIANTS[name].ablations
        lines.append(
            [f"`{name}`", VARIANTS[name].title, "all" if len(belongs) == len(ABLATIONS) else ", ".join(map(str, belongs)), *numbers, *speeds]
        )
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def bench_table(result: Mapping[str, Any]) -> str:
    """A bench as a short Markdown table: one line for each network, three columns for each picture size."""
    sizes = result["sizes"]
    heads = ["network", *(f"{size['name']} {what}" for size in sizes for what in ("plain [ms]", "fast [ms]", "speed-up"))]
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)]]
    for name in sizes[0]["networks"]:
        cells = []
        for network in (size["networks"][name] for size in sizes):
            cells += [*(f"{network[path]['median_ms']:,.0f}" for path in ("plain", "fast")), f"{network['speedup']['median']:.1f}"]
        lines.append([name, *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def answers_list(answers: Sequence[Mapping[str, str]]) -> str:
    """The answers of a study as a Markdown list, in the report's words."""
    return "\n".join(f"{place}. {_told(answer)}" for place, answer in enumerate(answers, 1))


def longer_list(answers: Sequence[Mapping[str, str]], short: int, long: int, seeds: int) -> str:
    """The answers that a study of some rows gives, its refiners trained for `long` steps and not `short`, as a Markdown list."""
    covers = "one seed: the intervals hold people, not the luck of training" if seeds == 1 else f"{seeds} seeds"
    place = f"`reports/reference/{LONGER}/report.html`"
    lead = f"Trained longer, the refiner for {long:,} steps and not {short:,} (profile `{LONGER}`, {covers}; {place}):"
    said = [f"- {_told(answer)}" for answer in answers if answer["tone"] != "lacking"]
    return "\n".join([lead, "", *said])


def with_tables(text: str) -> str:
    """`text` with answers and tables between their marks; raises ValueError when a mark is missing."""
    parts = {
        "answers": answers_list(json.loads((REFERENCE / "answers.json").read_text())),
        "longer": longer_list(
            json.loads((LONG / "answers.json").read_text()), _refiner_steps(REFERENCE), _refiner_steps(LONG), seeds=len(_baselines(LONG))
        ),
        "results": readme_table(json.loads((REFERENCE / "summary.json").read_text())),
        "bench": bench_table(json.loads(BENCH.read_text())),
    }
    for name, part in parts.items():
        begin, end = f"<!-- {name}: written by `python -m bgmatte.reporting.readme` -->", f"<!-- end of {name} -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"{README}: the marks {begin!r} and {end!r} are missing")
        text = f"{before}{begin}\n{part}\n{end}{after}"
    return text


def _told(answer: Mapping[str, str]) -> str:
    return f"**{answer['question']}** *{answer['verdict']}.* {answer['sentence']}"


def _baselines(study: Path) -> list[Path]:
    return sorted((study / "runs").glob(f"{BASELINE}-seed*"))


def _refiner_steps(study: Path) -> int:
    return refiner_steps(read_run(_baselines(study)[0]).config.recipe)


def _speed(row: Mapping[str, Any], size: str) -> str:
    return number(row["fps"][size]) if size in row.get("fps", {}) else ""


def main() -> None:
    """Print README.md with answers and tables as the committed records have them, or write it."""
    parser = argparse.ArgumentParser(prog="python -m bgmatte.reporting.readme", description=main.__doc__)
    parser.add_argument("--write", action="store_true", help="write it in place")
    text = with_tables(README.read_text())
    if parser.parse_args().write:
        write_text(README, text)
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
