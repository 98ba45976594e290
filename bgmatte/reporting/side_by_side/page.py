"""Two studies side by side: what differs in their making, what both answer, and every row against its own baseline in each. No torch."""

from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path

from bgmatte.fingerprint import PROJECT
from bgmatte.jsonable import require
from bgmatte.reporting.ablation.answers import five_answers
from bgmatte.reporting.about.setting import made
from bgmatte.reporting.blocks import Block, Drawing, Finding, Prose, Section
from bgmatte.reporting.comparisons import family
from bgmatte.reporting.file import Masthead, write_sections, written_from
from bgmatte.reporting.measures import REGIONS, UNKNOWN, WHOLE
from bgmatte.reporting.side_by_side.rows import MANNER, WORDS, Twins, drawn, kind, table, tally
from bgmatte.reporting.side_by_side.settings import differing, unpairable
from bgmatte.reporting.study import Study, departures, read_folder
from bgmatte.reporting.weighing import DISPUTED
from bgmatte.reporting.words import counted, listed
from bgmatte.variants import ABLATIONS

_MARKS = {  # how a finding is marked
    "same": "yes",
    "half": "open",
    "opposite": "no",
    "lacking": "lacking",
}
_HOW = (
    "A study’s own differences are taken picture by picture between a row and that study’s baseline, with 95 % intervals and Holm’s "
    "correction within the row’s ablation, as in its report.",
    "One clear and one open reading do not contradict each other: the difference between a clear and an open result need not be clear "
    "itself. Whether a row’s difference changed from one study to the other is said by the column for that, where there is one.",
)


@dataclass(frozen=True)
class Pair:
    """Two studies and what each is called on the page."""

    studies: tuple[Study, Study]
    names: tuple[str, str]

    @cached_property
    def apart(self) -> str:
        """Why their pictures may not be paired; empty when they may."""
        return unpairable(self.studies)


def build_comparison(first: Path, second: Path, out: Path | None = None) -> Path:
    """Write the studies in two folders side by side as one HTML file, `reports/compared/<first>-<second>.html` unless said; return its path.

    A folder is a study's, with `runs/` in it, or one that holds a single study, or among others one of the other folder's name. Raises
    `ConfigError` for another folder and for one study given twice, `RecordError` for damaged records.
    """
    folders = study_folder(first, beside=second), study_folder(second, beside=first)
    require(folders[0].resolve() != folders[1].resolve(), "--compare", str(second), "two different studies")
    pair = Pair((read_folder(folders[0]), read_folder(folders[1])), _names(*folders))
    name = "-".join(part.replace("/", "-") for part in pair.names)
    head = Masthead(
        title="Two studies side by side",
        description=f"{pair.names[0]} and {pair.names[1]}: what differs in their making, and whether they find the same.",
        kicker=" · ".join(_kicker(study, called) for study, called in zip(pair.studies, pair.names, strict=True)),
        footer=written_from("both studies"),
    )
    return write_sections(out or PROJECT / "reports" / "compared" / f"{name}.html", head, sections(pair, f"compared-{name}"))


def study_folder(path: Path, beside: Path) -> Path:
    """`path` if it holds `runs/`, else its sub-folder that does: the only one, or the one named as `beside`; anything else raises `ConfigError`."""
    require(path.is_dir(), "study", str(path), "a folder that exists")
    if (path / "runs").is_dir():
        return path
    inner = sorted(place.parent for place in path.glob("*/runs") if place.is_dir())
    inner = [place for place in inner if place.name == beside.name] or inner
    allowed = f"one of {', '.join(map(str, inner))}" if inner else "a folder with runs/ in it, or one that holds a single such folder"
    require(len(inner) == 1, "study", str(path), allowed)
    return inner[0]


def sections(pair: Pair, figure: str) -> tuple[Section, ...]:
    """The page as content; `figure` is the name of its drawing."""
    whole, unknown = (Twins(pair.studies, pair.names, region, pairable=not pair.apart) for region in (WHOLE, UNKNOWN))
    drawing = drawn(whole, figure)
    drawings = (
        (
            Drawing(
                drawing,
                f"{MANNER} Right of the line the row is worse than its baseline; the difference key, far to the right, is in the table alone.",
            ),
        )
        if drawing
        else ()
    )
    note = (Prose((f"No number of one study is subtracted from the other’s: {pair.apart}.",), "note"),) if pair.apart else ()
    return (
        Section("answers", "Do they find the same?", _answers(pair, whole)),
        Section("making", "What differs in their making", (*_cautions(pair), differing(pair.studies, pair.names))),
        Section("rows", f"Row by row, {REGIONS[WHOLE]}", (Prose(_HOW), *note, *drawings, table(whole))),
        Section("unknown", f"Row by row, {REGIONS[UNKNOWN]}", (Prose((tally(unknown),)), table(unknown))),
    )


def _answers(pair: Pair, twins: Twins) -> tuple[Block, ...]:
    """Each question once, with both answers under it, after how many of them agree."""
    found: list[Finding] = []
    kinds: dict[str, int] = {}
    for ablation, one, other in zip(ABLATIONS, *(five_answers(study) for study in pair.studies), strict=True):
        arms = [arm for arm in twins.arms if any(arm in family(study, ablation) for study in pair.studies)]
        rows = [read for arm in arms if (read := kind(twins, arm)) != "lacking"]
        agreed = max(rows, key=list(WORDS).index) if rows else "lacking"
        kinds[agreed] = kinds.get(agreed, 0) + 1
        count = f": {rows.count(agreed)} of {len(rows)} rows" if agreed in rows and agreed != "same" and len(rows) > 1 else ""
        disputed = [name for name, each in zip(pair.names, (one, other), strict=True) if each.verdict == DISPUTED]
        beside = f", by MAD; other measures disagree with it in {disputed[0]} alone" if len(disputed) == 1 and agreed != "lacking" else ""
        points = tuple(f"{name}: {each.verdict}. {each.sentence}" for name, each in zip(pair.names, (one, other), strict=True))
        found.append(Finding(_MARKS[agreed], WORDS[agreed] + count + beside, one.question, "", points))
    counts = "; ".join(f"{WORDS[name]}: {kinds[name]}" for name in WORDS if name in kinds)
    return Prose((f"Of {counted(len(found), 'question')}, {counts}. {tally(twins)}",)), *found


def _cautions(pair: Pair) -> tuple[Prose, ...]:
    """What would keep either study from being made again as it is."""
    told = [f"{name}: {line}." for study, name in zip(pair.studies, pair.names, strict=True) for line in departures(study)]
    told += [f"{name} lacks {listed(study.missing)}." for study, name in zip(pair.studies, pair.names, strict=True) if study.missing]
    return (Prose(tuple(told), "note"),) if told else ()


def _names(*folders: Path) -> tuple[str, str]:
    """Folders below the project's reports by their way from there, others by as many of their last parts as tell them apart."""
    reports = (PROJECT / "reports").resolve()

    def called(folder: Path, parts: int) -> str:
        place = folder.resolve()
        return str(place.relative_to(reports)) if place.is_relative_to(reports) else "/".join(place.parts[-parts:])

    tries = ((called(folders[0], parts), called(folders[1], parts)) for parts in count(1))
    return next(names for names in tries if names[0] != names[1])


def _kicker(study: Study, name: str) -> str:
    return f"{name}: {made(study)}"
