"""What the study cost to compute, and what shared phases saved."""

from bgmatte.reporting.about.setting import training_steps
from bgmatte.reporting.blocks import Block, Cell, Prose, Table
from bgmatte.reporting.measures import duration
from bgmatte.reporting.study import Study
from bgmatte.variants import VARIANTS

_STAGES = {
    "data": "drawing the data",
    "train": "training",
    "run": "evaluation",
    "time": "timing",
    "notebook": "notebooks",
    "report": "report (last time)",
}


def shared_saving(study: Study) -> tuple[float, float]:
    """Seconds of training spent, and seconds it would have been if every run had trained all its phases itself."""
    phases = [phase for row, runs in study.runs.items() if VARIANTS[row].trained for record in runs for phase in record.story.get("phases", [])]
    spent = {phase["key"]: phase["seconds"] for phase in phases}
    return sum(spent.values()), sum(phase["seconds"] for phase in phases)


def compute(study: Study) -> tuple[Block, ...]:
    """Sentences and tables on the time that was spent."""
    spent, alone = shared_saving(study)
    blocks: list[Block] = []
    if alone:
        blocks.append(
            Prose(
                (
                    f"Training is a tree of phases: rows that begin alike share what they have in common. {duration(spent)} of training were "
                    "spent where "
                    f"{duration(alone)} would have been needed without sharing: {100 * (1 - spent / alone):.0f} % saved. "
                    "A phase that an earlier study had left in the cache counts here, and not among the jobs below.",
                )
            )
        )
    if study.stages.get("jobs"):
        blocks.append(_stages(study))
    blocks.append(_rows(study))
    return tuple(blocks)


def _stages(study: Study) -> Table:
    jobs = study.stages["jobs"]
    spent = {rule: [job["seconds"] for job in jobs if job["rule"] == rule] for rule in dict.fromkeys(job["rule"] for job in jobs)}
    total = sum(map(sum, spent.values())) or 1.0
    rows = tuple(
        (
            Cell(_STAGES.get(rule, rule)),
            Cell(str(len(seconds)), value=len(seconds)),
            _lasted(sum(seconds)),
            Cell(f"{100 * sum(seconds) / total:.0f} %", value=100 * sum(seconds) / total),
        )
        for rule, seconds in spent.items()
    )
    columns = (("stage", ""), ("jobs", ""), ("time", "sum over its jobs"), ("share", ""))
    wall = study.stages.get("wall_seconds")
    beside = f"; the wall clock showed {duration(wall)}, because jobs run side by side" if wall else ""
    return Table(f"Time by stage, up to this report{beside}", columns, rows)


def _lasted(seconds: float) -> Cell:
    return Cell(duration(seconds), value=seconds)


def _rows(study: Study) -> Table:
    lines = []
    for row, records in study.runs.items():
        trained, steps = VARIANTS[row].trained, training_steps(records[0].config)
        seconds = [record.story.get("seconds", {}) for record in records]
        shared, whole, judged = (sum(each.get(part, 0.0) for each in seconds) for part in ("train_shared", "train", "evaluate"))
        lines.append(
            (
                Cell(row),
                Cell(f"{len(records)}", value=len(records)),
                Cell(f"{steps:,}" if trained else "none", value=steps if trained else 0),
                _lasted(whole - shared) if trained else Cell(""),
                _lasted(shared) if trained else Cell(""),
                _lasted(judged) if judged else Cell(""),
            )
        )
    columns = (
        ("row", ""),
        ("seeds", ""),
        ("steps", "of a seed, over all phases"),
        ("training", "not shared with the baseline"),
        ("training", "shared with the baseline"),
        ("evaluation", ""),
    )
    return Table("Time by row, over its seeds", columns, tuple(lines))
