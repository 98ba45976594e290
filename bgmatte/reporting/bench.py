"""The bench told: one page of Markdown with its tables, and the drawing beside it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bgmatte.cache import write_text
from bgmatte.figures import Bar, Figure, time_by_part
from bgmatte.reporting.timings import disturbance

PATHS = ("plain", "fast")


def tell_bench(measured: Path) -> Path:
    """Write `<name>.md` and `<name>.svg` beside the measured `<name>.json`; return the page."""
    result = json.loads(measured.read_text())
    page, picture = measured.with_suffix(".md"), measured.with_suffix(".svg")
    figure = bench_figure(result)
    write_text(picture, figure.wide.decode())
    write_text(page, bench_page(result, figure, picture.name))
    return page


def bench_figure(result: Mapping[str, Any]) -> Figure:
    """Both paths of every network, part by part."""
    bars = [
        Bar(f"{name}: {path}", _heading(size), network[path]["parts"])
        for size in result["sizes"]
        for name, network in size["networks"].items()
        for path in PATHS
    ]
    words = [
        f"{name} at {size['name']} {_ms(network['plain'])} ms plain, {_ms(network['fast'])} ms fast"
        for size in result["sizes"]
        for name, network in size["networks"].items()
    ]
    return time_by_part(bars, f"Median time of a frame, part by part. {'; '.join(words)}.")


def bench_page(result: Mapping[str, Any], figure: Figure, picture: str) -> str:
    """The whole page; `picture` is the drawing's address."""
    machine, precision = result["machine"], result["precision"]
    where = f"{machine['machine']}, {result['threads']} threads"
    blocks = [
        "# The fast path against the plain one",
        "Full-width networks with random weights, one picture at a time, freed memory kept for the next (`bgmatte.allocator`), "
        f"on {result['accelerator'] or where}. After a warm-up both took turns. " + (disturbance(result) or "Nothing else wanted to run."),
        f"Measured {result['finished'][:10]} in {precision}{', base network compiled' if result['compile'] else ''}, torch {machine['torch']}, "
        f"commit {machine['commit']}, by `python -m bgmatte bench`. *plain* is the network as it is trained, patches cut out one by one; *fast* is "
        "`prepare_for_inference` of it. *speed-up* is the ratio of their times within each turn; below 6 turns its interval is from the least to the "
        "largest. The difference is the largest one of alpha and "
        "foreground, outside patches that only one of them refined (*turned*: rounding turned the order of two nearly equal predicted errors).",
        f"![{figure.alt}]({picture})",
    ]
    for size in result["sizes"]:
        blocks += [f"## {_heading(size)}", _table(size), _parts(size["networks"])]
    training = result["training"]
    blocks += [
        f"## Training: joint steps on {training['batch']} pictures of {training['size']}×{training['size']} px, {training['patches']:,} patches each",
        "*plain* cuts patches out one by one, *fast* shares what they have in common where that is cheaper; both give the same loss up to rounding.",
        _training(training["networks"]),
        _parts(training["networks"]),
    ]
    return "\n\n".join(blocks) + "\n"


def _heading(size: Mapping[str, Any]) -> str:
    return f"{size['name']}: {size['width']}×{size['height']} px, coarse at {size['scale']:g}, {size['patches']:,} patches"


def _table(size: Mapping[str, Any]) -> str:
    lines = [
        "| network | plain [ms] | fast [ms] | fast [fps] | speed-up (95 % interval) | plain [MiB] | fast [MiB] | largest difference | turned |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, network in size["networks"].items():
        plain, fast, ratio, seen = network["plain"], network["fast"], network["speedup"], network["difference"]
        lines.append(
            f"| {name} | {_ms(plain)} | {_ms(fast)} | {fast['fps']:.2f} | {ratio['median']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f}) "
            f"| {plain['peak_mib']:,.0f} | {fast['peak_mib']:,.0f} | {max(seen['pha'], seen['fgr']):.1e} | {seen['patches']} |"
        )
    return "\n".join(lines)


def _training(networks: Mapping[str, Any]) -> str:
    lines = [
        "| network | plain [ms a step] | fast [ms a step] | speed-up (95 % interval) | difference of the losses |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, network in networks.items():
        ratio = network["speedup"]
        speedup = f"{ratio['median']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f})"
        lines.append(f"| {name} | {_ms(network['plain'])} | {_ms(network['fast'])} | {speedup} | {network['difference']:.1e} |")
    return "\n".join(lines)


def _parts(networks: Mapping[str, Any]) -> str:
    parts = list(next(iter(networks.values()))["fast"]["parts"])
    lines = ["| network, path [ms] | " + " | ".join(parts) + " |", "| --- |" + " ---: |" * len(parts)]
    for name, network in networks.items():
        for path in PATHS:
            lines.append(f"| {name}, {path} | " + " | ".join(f"{network[path]['parts'][part]:,.1f}" for part in parts) + " |")
    return "\n".join(lines)


def _ms(path: Mapping[str, Any]) -> str:
    return f"{path['median_ms']:,.0f}"
