"""How long a moved slider takes in the kernel, by picture size: `python -m bgmatte.explorer.latency`, with nothing else running."""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from bgmatte.cache import write_text
from bgmatte.explorer.panel import Panel
from bgmatte.explorer.resting import Handle
from bgmatte.explorer.selection import RANKED
from bgmatte.explorer.session import Session
from bgmatte.explorer.shots import SIZES, Pick
from bgmatte.explorer.view import View
from bgmatte.fingerprint import machine


@dataclass(frozen=True)
class Latency:
    """One size: opening a picture, and every move of the budget by every selector, from the knob to what leaves the kernel [s]."""

    size: str
    opening: float
    moves: tuple[float, ...]

    def told(self) -> str:
        """One line of a table."""
        median, late = (1e3 * value for value in (statistics.median(self.moves), percentile(self.moves, 95)))
        return f"| {self.size} | {self.opening:.1f} | {len(self.moves)} | {median:.0f} | {late:.0f} | {1e3 * max(self.moves):.0f} |"


def measured(size: str) -> Latency:
    """Open a drawn picture of a size, then move the budget through all its steps with every selector."""
    began = time.perf_counter()
    panel = Panel(Session(View(picture=Pick("drawn", "proc-portrait", 0, size))), later=_never)
    opening = time.perf_counter() - began
    moves = []
    for selector in RANKED:
        panel.controls.first.value = selector  # the ranking, once for each selector, is not a move of the budget
        for _, patches in panel.controls.budget.options:
            began = time.perf_counter()
            panel.controls.budget.value = patches
            moves.append(time.perf_counter() - began)
    return Latency(size, opening, tuple(moves))


def percentile(values: Sequence[float], share: int) -> float:
    """The value below which `share` percent of at least two values lie."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


def _never(seconds: float, call: Callable[[], None]) -> Handle:
    """The hand does not rest here."""

    class Dropped:
        def cancel(self) -> None:
            pass

    return Dropped()


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table for all sizes; with a path as argument, write it there with the machine that it was measured on."""
    parser = argparse.ArgumentParser(prog="python -m bgmatte.explorer.latency", description="Measure how long a moved slider takes.")
    parser.add_argument("file", nargs="?", type=Path, help="write the table there instead of printing it")
    file = parser.parse_args(arguments).file
    lines = ["| picture | opening [s] | moves | median [ms] | 95 % [ms] | worst [ms] |", "|---|---:|---:|---:|---:|---:|"]
    for size in SIZES:
        lines.append(measured(size).told())
        print(lines[-1], file=sys.stderr, flush=True)
    here = machine()
    lines += ["", f"{here['machine']}, {torch.get_num_threads()} threads, torch {here['torch']}, commit {here['commit']}.", ""]
    table = "\n".join(["# How long a moved slider takes in the kernel", "", *lines])
    if file is not None:
        write_text(file, table)
    else:
        print(table)


if __name__ == "__main__":
    main()
