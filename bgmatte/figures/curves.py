"""Learning across phases: what the training loss did and what the validation pictures saw."""

from collections.abc import Mapping, Sequence
from typing import Any

from bgmatte.figures.labels import SHORT_ROLES, Label, label_beside, plain_log
from bgmatte.figures.style import BLUE, FAINT, GREY, INK, SOFT, TONES, Figure, draw
from bgmatte.records import RunRecord

_WINDOW = 15  # steps in the running mean of the loss


def learning_curve(record: RunRecord) -> Figure:
    """One run: validation MAD above, training loss below, the phases marked."""
    run, steps, errors = record.config.name, *_validation(record)

    def paint(canvas: Any, narrow: bool) -> None:
        upper, lower = canvas.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        upper.plot(steps, errors, "o-", color=BLUE, markersize=4)
        upper.set_ylabel("validation MAD [×10⁻³]")
        upper.set_yscale("log")
        lengths = _lengths(record)
        loss = [(_place(line, lengths), line["loss"]) for line in record.curves if line["loss"] is not None]
        lower.plot([step for step, _ in loss], [value for _, value in loss], color=GREY, linewidth=0.7, alpha=0.7)
        lower.plot([step for step, _ in loss], _running_mean([value for _, value in loss]), color=BLUE)
        lower.set_ylabel("training loss")
        lower.set_xlabel("training step; every phase is drawn equally wide")
        _phases(upper, record, narrow)
        _phases(lower, record, narrow, labels=False)

    return draw(f"curve-{run}", f"Learning curve of {run}", _alt([[record]]), paint, 4.4, 4.2)


def learning_curves(groups: Mapping[str, Sequence[RunRecord]]) -> Figure:
    """Validation MAD of trained rows on one scale, a panel for each titled group; several seeds make a band from least to most."""
    shown = {title: [record for record in records if _validation(record)[0]] for title, records in groups.items()}
    shown = {title: records for title, records in shown.items() if records}

    heights = [error for records in shown.values() for record in records for step, error in zip(*_validation(record), strict=True) if step >= 0.5]

    def paint(canvas: Any, narrow: bool) -> None:
        columns = 1 if narrow or len(shown) == 1 else 2
        grid = canvas.subplots(-(-len(shown) // columns), columns, squeeze=False, sharey=True)
        for axes in grid.flat[len(shown) :]:
            axes.set_visible(False)
        for place, (axes, (title, records)) in enumerate(zip(grid.flat, shown.items(), strict=False)):
            if heights:  # the untrained network's error at the first step lies far above
                axes.set_ylim(min(heights) / 1.15, max(heights) * 1.15)
            _group(axes, title, records)
            if place % columns == 0:
                axes.set_ylabel("validation MAD\n[×10⁻³], log scale")
            if place >= len(shown) - columns:
                axes.set_xlabel("training step; every phase\nis drawn equally wide")

    lines = -(-len(shown) // (1 if len(shown) == 1 else 2))
    return draw("learning-curves", "Learning across phases", _alt(list(shown.values())), paint, 0.4 + 2.6 * lines, 0.4 + 2.6 * len(shown))


def _group(axes: Any, title: str, records: Sequence[RunRecord]) -> None:
    import seaborn

    points = [(step, error, record.config.row) for record in records for step, error in zip(*_validation(record), strict=True)]
    steps, errors, names = (list(column) for column in zip(*points, strict=True))
    tones = {row: TONES.get(row, INK) for row in dict.fromkeys(names)}
    looks: Any = {"estimator": "mean", "errorbar": ("pi", 100), "marker": "o", "markersize": 4, "markeredgewidth": 0, "legend": False}
    seaborn.lineplot(x=steps, y=errors, hue=names, palette=tones, ax=axes, **looks)
    plain_log(axes)
    axes.tick_params(axis="y", labelsize=7)
    axes.grid(axis="y", color=FAINT)
    axes.set_title(title, pad=22)
    _phases(axes, records[0], narrow=True)
    axes.tick_params(axis="x", labelsize=7)
    ends = {row: [error for step, error, name in points if name == row and step == max(steps)] for row in tones}
    label_beside(axes, [Label(max(steps), sum(last) / len(last), row, tones[row]) for row, last in ends.items() if last], size=7.5, room=0.085)


def _validation(record: RunRecord) -> tuple[list[float], list[float]]:
    measured = [line for line in record.curves if line["validation_mad"] is not None]
    lengths = _lengths(record)
    return [_place(line, lengths) for line in measured], [1e3 * line["validation_mad"] for line in measured]


def _lengths(record: RunRecord) -> dict[float, float]:
    """Steps of each phase, by its number."""
    found: dict[float, float] = {}
    for line in record.curves:
        found[line["phase"]] = max(line["step"], found.get(line["phase"], 0))
    return found


def _place(line: dict[str, Any], lengths: dict[float, float]) -> float:
    """Where a step is drawn: the number of its phase and the share of it that is done, so that short phases can be read."""
    return line["phase"] + line["step"] / lengths[line["phase"]]


def _alt(groups: Sequence[Sequence[RunRecord]]) -> str:
    if not any(groups):
        return "No run measured validation error."
    stories: dict[str, str] = {}
    for record in (record for records in groups for record in records):
        _, errors = _validation(record)
        told = f"{record.config.row} from {errors[0]:.1f} to {errors[-1]:.1f}" if len(errors) > 1 else f"{record.config.row} not measured"
        stories[record.config.name] = told + (f" (seed {record.config.seed})" if record.config.seed else "")
    return f"Validation MAD (×10⁻³) over the training steps, first to last measurement: {'; '.join(stories.values())}."


def _phases(axes: Any, record: RunRecord, narrow: bool, labels: bool = True) -> None:
    lengths = _lengths(record)
    names = {line["phase"]: _short(str(line["label"])) for line in record.curves}
    axes.set_xticks(range(len(lengths) + 1), [f"{sum(list(lengths.values())[:done]):g}" for done in range(len(lengths) + 1)])
    for phase, name in names.items():
        if phase:
            axes.axvline(phase, color=SOFT, linewidth=0.8, linestyle=(0, (2, 2)))
        if labels:
            place = {"xycoords": ("data", "axes fraction"), "xytext": (0, 3), "textcoords": "offset points"}
            axes.annotate(name, (phase + 0.5, 1.0), **place, fontsize=7 if narrow else 8, color=SOFT, ha="center", va="bottom")


def _short(label: str) -> str:
    """A phase's name in lines that fit its width, e.g. 'joint' over 'Video'."""
    kind, _, sets = label.partition(" on ")
    names = [SHORT_ROLES.get(name, name) for name in sets.split(" + ")]
    return f"{kind}\n{'all three' if len(names) == len(SHORT_ROLES) else ' + '.join(names)}"


def _running_mean(values: Sequence[float]) -> list[float]:
    windows = [values[max(0, end - _WINDOW) : end] for end in range(1, len(values) + 1)]
    return [sum(window) / len(window) for window in windows]
