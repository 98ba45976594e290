"""What a network forgets when its training moves on to other data: validation error after a set's own phase against the end. No torch."""

from dataclasses import dataclass
from statistics import fmean

from bgmatte.config import ROLES
from bgmatte.figures import Course, Figure, Lesson, courses_by_role
from bgmatte.figures.labels import FULL_ROLES, PLAIN_ROLES, SHORT_ROLES
from bgmatte.records import RunRecord
from bgmatte.reporting.blocks import Cell, Table
from bgmatte.reporting.measures import MAD, number, signed
from bgmatte.reporting.study import Study
from bgmatte.reporting.words import listed
from bgmatte.variants import BASELINE, rows_of


@dataclass(frozen=True)
class Kept:
    """Validation MAD on one data set in printed units: at the end of the last phase that drew from it, and at the end of training.

    `own` is None where no phase drew from it; `last` says that training ended with it, so that nothing could be forgotten.
    """

    own: float | None
    end: float
    last: bool

    @property
    def change(self) -> float | None:
        """What the later phases did, in per cent; None where there was none."""
        return None if self.own is None or self.last else risen(self.own, self.end)


def risen(own: float, end: float) -> float:
    """How far an error rose from the end of its own phase to the end of training, in per cent."""
    return 100 * (end / own - 1)


def kept(record: RunRecord, role: str) -> Kept | None:
    """What one run kept of one data set; None where its validation error was not measured."""
    ends = _ends(record, role)
    own = [phase for phase, config in enumerate(record.config.recipe) if role in config.datasets]
    final = len(record.config.recipe) - 1
    if final not in ends or (own and own[-1] not in ends):
        return None
    return Kept(ends[own[-1]] if own else None, ends[final], bool(own) and own[-1] == final)


def baseline_forgets(study: Study) -> str:
    """Sentences on what the baseline forgot and what it did not; empty where nothing was measured."""
    forgotten: list[str] = []
    better: list[str] = []
    for role in ROLES:
        found = [seen for record in study.runs.get(BASELINE, ()) if (seen := kept(record, role)) is not None and seen.change is not None]
        if found:
            own, end = fmean(seen.own or 0.0 for seen in found), fmean(seen.end for seen in found)
            change = risen(own, end)
            changes = [seen.change or 0.0 for seen in found]
            often = f", in {sum(one * change > 0 for one in changes)} of {len(found)} seeds" if len(found) > 1 else ""
            shown = f"{FULL_ROLES[role]} {number(own)} → {number(end)} ({signed(change)}\N{NO-BREAK SPACE}%{often})"
            if end != own:
                (forgotten if end > own else better).append(shown)
    if not forgotten and not better:
        return ""
    told = [f"the error rose on {listed(forgotten)}"] if forgotten else []
    told += [f"not forgotten, for there the error fell on average: {listed(better)}"] if better else []
    seeds = len(study.runs.get(BASELINE, ()))
    words = f"mean of {seeds} seeds" if seeds > 1 else "one seed"
    return (
        "Validation MAD ×10⁻³ of the baseline from the end of a data set’s own phase to the end of training, "
        f"{words}, without interval: {'; '.join(told)}."
    )


def forgetting_table(study: Study) -> Table | None:
    """Row by row, the error on each data set at the end of its own phase and at the end; None where nothing was measured."""
    lines = []
    for row, records in _rows(study).items():
        cells = [_cell([seen for record in records if (seen := kept(record, role)) is not None]) for role in ROLES]
        if any(cell.text for cell in cells):
            lines.append((Cell(row, tuple(dict.fromkeys(spelled(record) for record in records))), *cells))
    columns = (("row", "its data sets in order"), *((FULL_ROLES[role], "own phase’s end → training’s end") for role in ROLES))
    caption = (
        "Validation MAD ×10⁻³ by data set: at the end of the last phase that drew from it, and at the end of training; under it the change. "
        "Means without intervals"
    )
    return Table(caption, columns, tuple(lines)) if lines else None


def forgetting_curves(study: Study) -> Figure | None:
    """The courses of the first seed of every row of ablation 3; None where nothing was measured."""
    first = {row: records[0] for row, records in _rows(study).items() if any(kept(records[0], role) for role in ROLES)}
    if not first:
        return None
    stories = "; ".join(f"{row}: {_story(record)}" for row, record in first.items())
    alt = f"Validation MAD (×10⁻³) by data set, at the end of its own phase and at the end of training: {stories}."
    return courses_by_role([_lesson(row, record) for row, record in first.items()], alt)


def spelled(record: RunRecord) -> str:
    """The data sets of a run's phases after the base phase, which draws from the same as the first of them."""
    parts = [phase.datasets for phase in record.config.recipe if phase.kind == "joint"]
    names = ["all three" if len(part) == len(ROLES) else " + ".join(PLAIN_ROLES[role] for role in part) for part in parts]
    return names[0] + " throughout" if len(set(names)) == 1 else " → ".join(names)


def _rows(study: Study) -> dict[str, tuple[RunRecord, ...]]:
    return {row.name: study.runs[row.name] for row in rows_of(3) if row.trained and row.name in study.runs}


def _ends(record: RunRecord, role: str) -> dict[int, float]:
    """Phase → error at its last measured step."""
    measured = [line for line in record.curves if line[f"validation_{role}"] is not None]
    return {int(line["phase"]): MAD.factor * line[f"validation_{role}"] for line in measured}  # the last line of a phase stays


def _cell(seen: list[Kept]) -> Cell:
    """Means over seeds; where only some seeds left the data set before the end, as a drawn order may, theirs alone."""
    if not seen:
        return Cell("")
    left = [(one.own, one.end, one.change) for one in seen if one.own is not None and one.change is not None]
    if not left:
        end = fmean(one.end for one in seen)
        return Cell(number(end), ("never trained on" if seen[0].own is None else "trained on to the end",), value=end)
    owns, ends, changes = zip(*left, strict=True)
    by_seed = f", {signed(min(changes))} to {signed(max(changes))} by seed" if len(left) > 1 else ""
    notes = [f"{signed(risen(fmean(owns), fmean(ends)))} %{by_seed}"]
    notes += [f"in {len(left)} of {len(seen)} seeds; else trained on to the end"] if len(left) < len(seen) else []
    return Cell(f"{number(fmean(owns))} → {number(fmean(ends))}", tuple(notes), value=fmean(ends))


def _story(record: RunRecord) -> str:
    found = {role: seen for role in ROLES if (seen := kept(record, role)) is not None}
    return ", ".join(
        f"{FULL_ROLES[role]} {'' if one.own is None or one.last else number(one.own) + ' to '}{number(one.end)}" for role, one in found.items()
    )


def _lesson(row: str, record: RunRecord) -> Lesson:
    lengths = {phase: config.steps for phase, config in enumerate(record.config.recipe)}
    courses = []
    for role in ROLES:
        measured = [line for line in record.curves if line[f"validation_{role}"] is not None]
        points = tuple((line["phase"] + line["step"] / lengths[int(line["phase"])], MAD.factor * line[f"validation_{role}"]) for line in measured)
        own = frozenset(phase for phase, config in enumerate(record.config.recipe) if role in config.datasets)
        seen = kept(record, role)
        change = seen.change if seen else None
        courses.append(Course(FULL_ROLES[role], points, own, f"{signed(change)} %" if change is not None else ""))
    phases = tuple(
        f"{config.kind}\n{'all three' if len(config.datasets) == len(ROLES) else ' + '.join(SHORT_ROLES[role] for role in config.datasets)}"
        for config in record.config.recipe
    )
    return Lesson(row, phases, tuple(courses))
