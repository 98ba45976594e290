"""The statistics put to the test: `python -m bgmatte.statistics [FILE]` simulates the whole grid of designs, in some minutes."""

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.metadata import version
from itertools import product
from pathlib import Path

from bgmatte.cache import write_text
from bgmatte.statistics.simulation import Design, Held, coverage, designs, effect_coverage, family_alarms, found_share, ratio_coverage

TRIALS, RESAMPLES, SEED = 2000, 500, 0
HELD, ALARMS = (93, 97), (3.5, 6.5)  # per cent: what is asked of intervals, of tests
MIXED = (0.45, 0.1, 0.45)
LUCKY = (0.3, 0.4, 0.3)  # much luck of training
SOME = (
    *(Design(11, 1, 5, (0.9, 0.0, 0.1)), Design(51, 1, 1, (0.5, 0.0, 0.5)), Design(51, 3, 5, MIXED), Design(51, 3, 1, LUCKY)),
    *(Design(51, 5, 1, MIXED), Design(51, 5, 1, LUCKY)),  # as the study in reports/reference
)
SIZED = (  # for effect sizes, whose interval is exact with one seed and normal subjects alone
    *(Design(11, 1, 5, (0.9, 0.0, 0.1)), Design(25, 1, 1, (0.5, 0.0, 0.5)), Design(51, 1, 1, (0.5, 0.0, 0.5))),
    *(Design(11, 3, 5, MIXED), Design(51, 3, 5, MIXED), Design(51, 3, 1, (0.9, 0.05, 0.05)), Design(51, 3, 1, LUCKY)),
    *(Design(51, 5, 1, MIXED), Design(51, 5, 1, LUCKY)),
)
FAMILIES, EFFECTS = (5, 8), (0.0, 0.8, 2.0)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables; with a path as argument, write them there too."""
    parser = argparse.ArgumentParser(prog="python -m bgmatte.statistics", description="Simulate studies whose truth is known; takes some minutes.")
    parser.add_argument("file", nargs="?", type=Path, help="write the page there too")
    file = parser.parse_args(arguments).file
    with ProcessPoolExecutor() as pool:
        grid = tuple(designs())
        tables = [
            _grid(grid, list(pool.map(partial(coverage, trials=TRIALS, resamples=RESAMPLES, rng_seed=SEED), grid, chunksize=4))),
            _families([_alarms(pool, members, wary) for members, wary in product(FAMILIES, (True, False))]),
            _power([list(pool.map(partial(found_share, comparisons=m, trials=TRIALS, resamples=RESAMPLES), SOME)) for m in (1, 5)]),
            _ratios(list(pool.map(partial(ratio_coverage, share=0.8, trials=TRIALS // 2, resamples=RESAMPLES, rng_seed=SEED), SOME))),
            _effects([list(pool.map(partial(effect_coverage, effect=size, trials=TRIALS // 2, resamples=RESAMPLES), SIZED)) for size in EFFECTS]),
        ]
    with_ = f"numpy {version('numpy')}, scipy {version('scipy')}, statsmodels {version('statsmodels')}"
    head = f"""# Do the intervals hold what they say?

Studies drawn from designs whose truth is known, judged by the code that judges ours: `python -m bgmatte.statistics FILE`
writes this page. {TRIALS} studies a line ({TRIALS // 2} where a line says so), {RESAMPLES} resamples each, seed {SEED}; with {TRIALS} studies a true
95 % shows as 94.0 to 96.0 in 19 lines of 20. {with_}.
"""
    page = "\n".join([head, *tables])
    print(page)
    if file is not None:
        write_text(file, page)


def _grid(grid: tuple[Design, ...], found: list[Held]) -> str:
    asked = [held for design, held in zip(grid, found, strict=True) if _asked(design)]
    inside = sum(HELD[0] <= held.interval <= HELD[1] for held in asked)
    silent = sum(ALARMS[0] <= held.five <= ALARMS[1] for held in asked)
    ends = [held.interval for held in asked]
    lines = [
        "## Intervals and single tests",
        "",
        f"Of {len(asked)} designs of the plan (1, 3 or 5 seeds, skewness 0 or 1), {inside} hold the truth in {HELD[0]} to {HELD[1]} % of studies and "
        f"{silent} raise {ALARMS[0]} to {ALARMS[1]} % false alarms; the ends are {min(ends):.1f} and {max(ends):.1f} %. A star marks what lies "
        "outside. The last lines, 2 seeds and skewness 2, are beyond the plan: there to say where trust ends. ‘Percentiles’ are those of the plain "
        "two-level bootstrap.",
        "",
        *_header("subjects seeds images shares skewness held [%]|too high [%]|too low [%]|p < 0.05 [%]|p < 0.01 [%]|percentiles held [%]"),
    ]
    for design, held in zip(grid, found, strict=True):
        star = "" if HELD[0] <= held.interval <= HELD[1] and ALARMS[0] <= held.five <= ALARMS[1] else " *"
        numbers = [f"{value:.1f}" for value in (held.above, held.below, held.five, held.one, held.percentiles)]
        lines.append(_line([*_named(design), f"{held.interval:.1f}{star}", *numbers]))
    return "\n".join([*lines, ""])


def _asked(design: Design) -> bool:
    return design.seeds != 2 and design.skewness < 2


def _alarms(pool: ProcessPoolExecutor, members: int, wary: bool) -> list[float]:
    return list(pool.map(partial(family_alarms, members=members, trials=TRIALS // 2, resamples=RESAMPLES, rng_seed=SEED, wary=wary), SOME))


def _families(found: list[list[float]]) -> str:
    lines = [
        "## Families without a difference, Holm’s method",
        "",
        f"Per cent of {TRIALS // 2} families with a false alarm, all rows against one baseline. ‘Not wary’: what p by the interval’s own degrees of "
        "freedom would do, without the caution that few seeds ask for (`Interval.tail`).",
        "",
    ]
    titles = (f"{members} rows{words} [%]" for members, words in product(FAMILIES, ("", ", not wary")))
    lines += _header(f"subjects seeds images shares skewness {'|'.join(titles)}")
    return "\n".join(
        [*lines, *(_line([*_named(design), *(f"{share:.1f}" for share in each)]) for design, *each in zip(SOME, *found, strict=True)), ""]
    )


def _power(found: list[list[tuple[float, float]]]) -> str:
    lines = [
        "## A true difference of the detectable size",
        "",
        "80 % is what `detectable` says, of subjects that are not skewed; sizes in standard deviations of one picture’s number.",
        "",
    ]
    lines += _header("subjects seeds images shares skewness detectable alone|found [%]|as first of five|found [%]")
    for design, *sizes in zip(SOME, *found, strict=True):
        lines.append(_line([*_named(design), *(text for size, share in sizes for text in (f"{size:.2f}", f"{share:.1f}"))]))
    return "\n".join([*lines, ""])


def _ratios(found: list[float]) -> str:
    lines = ["## Ratios", "", f"Mean of parts over mean of wholes, 0.8 in truth; {TRIALS // 2} studies a line.", ""]
    lines += _header("subjects seeds images shares skewness held [%]")
    return "\n".join([*lines, *(_line([*_named(design), f"{share:.1f}"]) for design, share in zip(SOME, found, strict=True)), ""])


def _effects(found: list[list[float]]) -> str:
    lines = [
        "## Effect sizes",
        "",
        f"The interval of Hedges’ g; {TRIALS // 2} studies a line. With several seeds it is about right only, and too long for a large effect.",
        "",
    ]
    lines += _header(f"subjects seeds images shares skewness {'|'.join(f'held at {size:g} [%]' for size in EFFECTS)}")
    return "\n".join(
        [*lines, *(_line([*_named(design), *(f"{share:.1f}" for share in held)]) for design, *held in zip(SIZED, *found, strict=True)), ""]
    )


def _named(design: Design) -> list[str]:
    shares = " / ".join(f"{100 * share:.0f}" for share in design.shares)
    return [str(design.subjects), str(design.seeds), str(design.images), shares, f"{design.skewness:g}"]


def _header(titles: str) -> list[str]:
    named, _, rest = titles.partition(" skewness ")
    columns = [*named.replace("shares", "subject/seed/rest[%]").replace("images", "images/subject").split(), "skewness", *rest.split("|")]
    return [_line(columns), _line(["---:"] * len(columns))]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
