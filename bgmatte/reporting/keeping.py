"""What of a finished study is committed: `python -m bgmatte.reporting.keeping PROFILE` copies it to reports/reference/PROFILE.

Kept are the numbers: each run's story and tables, timing, stages, summary, the report and the drawing that README shows. A study of some rows
(`study --only`) times none and is kept by their names. Left out is what
is large and can be made again from the seed: pictures, executed notebooks, most points of the learning curves. A run's list of files names
just what is kept, so that `records.faults` finds damage in it too.
"""

import argparse
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bgmatte.cache import written_whole
from bgmatte.exits import status
from bgmatte.jsonable import ConfigError
from bgmatte.profiles import PROFILES, profile
from bgmatte.records import RECORD, read_table, reports_folder, seal, write_table
from bgmatte.reporting.study import Study, read_study
from bgmatte.variants import VARIANTS, variant

DIGITS = 5  # significant ones of a kept number: the report prints three, and every further one would make what is committed larger
EVERY = 10  # step of a learning curve is kept, and each one at which validation pictures were judged
LIMIT = 20 * 2**20  # [bytes] of a kept study, five seeds of all rows: a repository is cloned whole, and packs tables to a third
_TIMING = "timing.json"
_BESIDE = ("report.html", "summary.json", "answers.json", "stages.json", "figures/overview.svg", "figures/overview.txt")


def keep(name: str, only: Sequence[str] = ()) -> Path:
    """Copy the finished study of a profile to `reports/reference/<profile>`, in place of what is there; return that folder.

    `only` are the rows of a study that was not made of all. Raises `ConfigError` for an unknown profile or row, for a study that lacks a row
    or its report, and for one that would be too large, and `RecordError` for damaged records; what was kept before is then left as it is.
    """
    profile(name)
    rows = [variant(row).name for row in only] or list(VARIANTS)
    study = read_study(name)
    files = _BESIDE if only else (*_BESIDE, _TIMING)
    missing = [*(row for row in rows if row not in study.runs), *(file for file in files if not (study.folder / file).exists())]
    if missing:
        again = f"python -m bgmatte study --profile {name}{''.join(f' {word}' for word in ('--only', *only)) if only else ''}"
        raise ConfigError(f"{study.folder}: the study is not finished, it lacks {', '.join(missing)}; `{again}` goes on")
    place = reports_folder("reference") / name
    with written_whole(place) as temporary:
        _copy(study, temporary)
        _refuse_large(temporary, name)
    return place


def _copy(study: Study, place: Path) -> None:
    kept = f"the tables with {DIGITS} significant digits, of curves every {EVERY}th step; pictures and notebooks are left out"
    for records in study.runs.values():
        for record in records:
            folder = place / "runs" / record.folder.name
            for table in sorted(record.folder.glob("*.csv")):
                lines = [line for line in read_table(table) if table.name != "curves.csv" or _telling(line)]
                write_table(folder / table.name, [{key: _short(value) for key, value in line.items()} for line in lines])
            seal(folder, record.config, {key: value for key, value in record.story.items() if key != "files"} | {"kept": kept})
    (place / "figures").mkdir()
    for file in (*_BESIDE, _TIMING):
        if (study.folder / file).exists():  # what must be there was asked for before
            shutil.copyfile(study.folder / file, place / file)


def _telling(line: Mapping[str, Any]) -> bool:
    return line["step"] % EVERY == 0 or line["validation_mad"] is not None


def _short(value: Any) -> Any:
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def _refuse_large(folder: Path, name: str) -> None:
    sizes: dict[str, int] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            kind = path.name if path.is_relative_to(folder / "runs") else path.relative_to(folder).parts[0]
            sizes[kind] = sizes.get(kind, 0) + path.stat().st_size
    if sum(sizes.values()) > LIMIT:
        parts = ", ".join(f"{kind} {size / 2**20:.1f}" for kind, size in sorted(sizes.items(), key=lambda item: -item[1])[:5])
        raise ConfigError(f"reports/{name}: {sum(sizes.values()) / 2**20:.1f} MiB to keep are not allowed; allowed: {LIMIT / 2**20:.0f} ({parts})")


def main(arguments: Sequence[str] | None = None) -> int:
    """Keep a study and say where it is and how large; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bgmatte.reporting.keeping", description="Copy a finished study into reports/reference.")
    parser.add_argument("profile", help=f"one of {', '.join(PROFILES)}")
    parser.add_argument("--only", metavar="ROW", nargs="+", default=(), help="the rows of a study that was not made of all")
    options = parser.parse_args(arguments)

    def tell() -> None:
        place = keep(options.profile, options.only)
        size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
        print(f"{place}: {len(list((place / 'runs').glob(f'*/{RECORD}')))} runs, {size / 2**20:.1f} MiB")

    return status(tell)


if __name__ == "__main__":
    sys.exit(main())
