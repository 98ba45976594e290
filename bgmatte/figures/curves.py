"""Learning across phases: what the training loss did and what the validation pictures saw."""

from collections.abc import Sequence
from typing import Any

from bgmatte.figures.labels import Label, label_beside
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

    return draw(f"curve-{run}", f"Learning curve of {run}", _alt([record]), paint, 4.4, 4.2)


def learning_curves(records: Sequence[RunRecord]) -> Figure:
    """Validation MAD of every trained row on one scale; shared phases coincide, several seeds make a band from least to most."""
    shown = [record for record in records if len(_validation(record)[0]) > 0]
    rows = list(dict.fromkeys(record.config.row for record in shown))
    points = [(step, error, record.config.row) for record in shown for step, error in zip(*_validation(record), strict=True)]

    def paint(canvas: Any, narrow: bool) -> None:
        import seaborn

        axes = canvas.subplots()
        steps, errors, names = (list(column) for column in zip(*points, strict=True))
        tones = {row: TONES.get(row, INK) for row in rows}
        seaborn.lineplot(
            x=steps,
            y=errors,
            hue=names,
            palette=tones,
            estimator="mean",
            errorbar=("pi", 100),
            marker="o",
            markersize=4.5,
            markeredgewidth=0,
            ax=axes,
            legend=narrow,
        )
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}")
        axes.tick_params(axis="y", which="minor", labelsize=8)
        axes.set_xlabel("training step; every phase is drawn equally wide")
        axes.set_ylabel("validation MAD [×10⁻³], log scale")
        axes.grid(axis="y", which="both", color=FAINT)
        _phases(axes, shown[0], narrow)
        if narrow:
            axes.get_legend().remove()
            canvas.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8, labelcolor=INK)
        else:
            last = {row: [error for step, error, name in points if name == row and step == max(steps)] for row in rows}
            label_beside(axes, [Label(max(steps), sum(ends) / len(ends), row, tones[row]) for row, ends in last.items() if ends])

    return draw("learning-curves", "Learning across phases", _alt(shown), paint, 4.0, 4.6)


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


def _alt(records: Sequence[RunRecord]) -> str:
    if not records:
        return "No run measured validation error."
    stories = []
    for record in records:
        _, errors = _validation(record)
        stories.append(f"{record.config.row} from {errors[0]:.1f} to {errors[-1]:.1f}" if len(errors) > 1 else f"{record.config.row} not measured")
    return f"Validation MAD (×10⁻³) over the training steps, first to last measurement: {'; '.join(stories)}."


def _phases(axes: Any, record: RunRecord, narrow: bool, labels: bool = True) -> None:
    lengths = _lengths(record)
    names = {line["phase"]: str(line["label"]).replace(" on ", "\n") for line in record.curves}
    axes.set_xticks(range(len(lengths) + 1), [f"{sum(list(lengths.values())[:done]):g}" for done in range(len(lengths) + 1)])
    for phase, name in names.items():
        if phase:
            axes.axvline(phase, color=SOFT, linewidth=0.8, linestyle=(0, (2, 2)))
        if labels:
            place = {"xycoords": ("data", "axes fraction"), "xytext": (0, 3), "textcoords": "offset points"}
            axes.annotate(name, (phase + 0.5, 1.0), **place, fontsize=7 if narrow else 8, color=SOFT, ha="center", va="bottom")


def _running_mean(values: Sequence[float]) -> list[float]:
    windows = [values[max(0, end - _WINDOW) : end] for end in range(1, len(values) + 1)]
    return [sum(window) / len(window) for window in windows]
