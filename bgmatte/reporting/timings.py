"""Speed as it was measured, in tables, drawings and sentences. Never guessed: what was not timed is left empty."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bgmatte.figures import Cost, Figure, quality_against_speed
from bgmatte.profiles import run_config
from bgmatte.reporting.blocks import Cell, Table
from bgmatte.reporting.comparisons import compare
from bgmatte.reporting.measures import MAD, number
from bgmatte.reporting.study import Arm, Study
from bgmatte.reporting.words import listed
from bgmatte.variants import BASELINE, VARIANTS


def sizes(timing: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The picture sizes that were timed."""
    return list(timing.get("sizes", []))


def frames_per_second(timing: Mapping[str, Any], row: str) -> dict[str, float]:
    """Size → frames a second of one row, for the sizes at which it was timed."""
    return {size["name"]: size["rows"][row]["fps"] for size in sizes(timing) if row in size["rows"]}


def timed_as(study: Study, row: str) -> str | None:
    """The row whose timing holds for `row`: itself, or one with the same network, which would take the same time; None where neither was timed.

    Lines no user could deploy have no speed.
    """
    timed = {name: run_config(study.profile, name).network for size in sizes(study.timing) for name in size["rows"]}
    if row in timed or VARIANTS[row].reference:
        return row if row in timed else None
    mine = run_config(study.profile, row).network
    return next((name for name, network in timed.items() if network == mine), None)


def speed_cell(study: Study, row: str, size: str) -> Cell:
    """Frames a second of a row at one picture size, with its time relative to the baseline’s; empty where nothing tells it."""
    found = timed_as(study, row)
    rates = frames_per_second(study.timing, found) if found else {}
    if found is None or size not in rates:
        return Cell("")
    if found != row:
        return Cell(f"as {found}")
    ratio = next(seen["rows"][row] for seen in sizes(study.timing) if seen["name"] == size).get("ratio")
    return Cell(number(rates[size]), (f"time ×{spanned(ratio)}",) if ratio and row != BASELINE else (), value=rates[size])


def ratios(timing: Mapping[str, Any], row: str) -> str:
    """What to add to a row's line, e.g. '; time ×0.44 (0.41 to 0.49) at HD, ×0.61 (0.59 to 0.62) at 4K', or nothing where it was not timed."""
    parts = [f"×{spanned(size['rows'][row]['ratio'])} at {size['name']}" for size in sizes(timing) if size["rows"].get(row, {}).get("ratio")]
    return f"; time {', '.join(parts)}" if parts else ""


def spanned(ratio: Mapping[str, float]) -> str:
    """A time relative to the baseline’s with its interval, e.g. '0.85 (0.78 to 0.87)'."""
    return f"{ratio['median']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f})"


def frame_times(timing: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What a frame takes with each of the rows in `names` (row → what to call it, or nothing) at the first size timed; empty where none was timed."""
    size = next(iter(sizes(timing)), None)
    timed = {row: size["rows"][row]["ratio"] for row in names if size["rows"].get(row, {}).get("ratio")} if size else {}
    if size is None or not timed:
        return ""
    (first, ratio), *others = timed.items()
    opening = f"{f'with {names[first]} ' if names[first] else ''}a frame at {size['name']} takes {_stretched(ratio, ' times as long')}"
    return listed([opening, *(f"with {names[row]} {_stretched(each)}" for row, each in others)])


def _stretched(ratio: Mapping[str, float], words: str = "") -> str:
    low, high = ratio["low"], ratio["high"]
    alike = low <= 1 <= high
    decimals = next(count for count in (2, 3, 4, 5) if alike or count == 5 or not round(low, count) <= 1 <= round(high, count))
    return f"{ratio['median']:.{decimals}f}{words} ({low:.{decimals}f} to {high:.{decimals}f}{': no difference found' if alike else ''})"


def conditions(timing: Mapping[str, Any]) -> tuple[str, ...]:
    """How it was measured, and how busy the machine was."""
    machine, threads = timing["machine"]["machine"], timing["threads"]
    words = (
        f"Full-width networks, one picture at a time, on {timing.get('accelerator') or f'{machine}, {threads} threads'}. After a warm-up "
        "the rows took turns; the ratio to the baseline is taken within each turn, so that it survives a noisy machine. "
        "Speed does not depend on the weights, only on how many patches are refined and on how they are chosen."
    )
    if "load" not in timing:
        return (words,)
    before, after = timing["load"]
    return (
        words,
        f"Processes that wanted to run, where {threads} fit: {before:.1f} in the minute before, {after:.1f} in the last, the timing’s own included.",
    )


def disturbance(timing: Mapping[str, Any]) -> str | None:
    """A warning where more wanted to run than the timing had threads (by half a process: its own threads fill them all)."""
    load = max(timing.get("load", [0.0]))
    if load < timing["threads"] + 0.5:
        return None
    return f"The machine was busy: {load:.1f} processes wanted to run where {timing['threads']} fit. Trust the ratios, not the frames a second."


def timing_table(size: Mapping[str, Any], rows: Sequence[str] = tuple(VARIANTS)) -> Table:
    """Those of `rows` that were timed at one picture size."""
    columns = (
        ("row", ""),
        ("time of a frame", "median [ms] (quartiles)"),
        ("fps", "frames a second"),
        ("ratio to baseline", "time, median (95 % interval; extremes below 6 repeats)"),
        ("repeats", ""),
        ("parameters", "millions"),
        ("GMACs", "multiply-adds a frame"),
        ("peak memory", "MiB"),
    )
    lines = tuple(_row(name, row) for name, row in size["rows"].items() if name in rows)
    patches = f"{size['patches']:,} patches of 4×4 px" if size.get("patches") else "patches as the row spends them"
    caption = (
        f"{size['name']}: {size['width']}×{size['height']} px, coarse network at {size['scale']:g} of the side, {patches}, one picture at a time"
    )
    return Table(caption, columns, lines)


def quality_and_speed(study: Study, rows: Sequence[str] = tuple(VARIANTS), name: str = "quality-speed") -> Figure | None:
    """MAD against frames a second for those of `rows` that have both; None when there is nothing to show."""
    results = compare(study, MAD.column)
    costs = []
    for size in sizes(study.timing):
        for row in (row for row in rows if row in size["rows"] and Arm(row) in results):
            seen, level = size["rows"][row], results[Arm(row)].level
            slow, quick = (1000 / seen["spread_ms"][place] for place in (1, 0))
            error = (MAD.factor * level.low, MAD.factor * level.mean, MAD.factor * level.high)
            costs.append(Cost(row, size["name"], (slow, seen["fps"], quick), error, seen["parameters"] / 1e6))
    if not costs:
        return None
    stories = "; ".join(
        f"{cost.row} at {cost.size} {number(cost.fps[1])} fps, MAD {number(cost.error[1])}, {number(cost.parameters)} million parameters"
        for cost in costs
    )
    return quality_against_speed(costs, f"Frames a second and MAD (×10⁻³) of each timed row: {stories}.", name)


def _row(name: str, row: Mapping[str, Any]) -> tuple[Cell, ...]:
    ratio = row.get("ratio")
    middle = "1" if name == BASELINE else f"{ratio['median']:.3f}" if ratio else ""
    around = (f"{ratio['low']:.3f} to {ratio['high']:.3f}",) if ratio and name != BASELINE else ()
    return (
        Cell(name),
        Cell(number(row["median_ms"]), (f"{number(row['spread_ms'][0])} to {number(row['spread_ms'][1])}",), value=row["median_ms"]),
        Cell(number(row["fps"]), value=row["fps"]),
        Cell(middle, around, value=1.0 if name == BASELINE else ratio["median"] if ratio else None),
        Cell(f"{row['repeats']:,}" if row.get("repeats") else "", value=row.get("repeats")),
        _counted(row.get("parameters"), 1e-6, lambda millions: f"{millions:.2f}"),
        _counted(row.get("gmacs"), 1, number),
        _counted(row.get("peak_mib"), 1, lambda mebibytes: f"{mebibytes:,.0f}"),
    )


def _counted(value: float | None, factor: float, spelled: Callable[[float], str]) -> Cell:
    return Cell("") if value is None else Cell(spelled(factor * value), value=factor * value)
