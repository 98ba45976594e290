"""Learning across data sets: the validation error on each of them, phase by phase, and what is forgotten after a switch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bgmatte.figures.labels import Label, label_beside, plain_log
from bgmatte.figures.style import AMBER, BLUE, FAINT, GREEN, ROSE, SOFT, Figure, draw

_TONES = (BLUE, AMBER, GREEN, ROSE)
_PANEL, _LEGEND = 2.05, 0.35  # height of a panel and of what stands above all [in]


@dataclass(frozen=True)
class Course:
    """The error on one data set: (place, MAD ×10⁻³) in order, where place counts phases; `own` are the phases that drew from it.

    `after` are the words for what became of it after its last own phase.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    own: frozenset[int]
    after: str = ""


@dataclass(frozen=True)
class Lesson:
    """One run: its name, what each phase is called, and its course on every data set, the same ones in every run."""

    title: str
    phases: tuple[str, ...]
    courses: tuple[Course, ...]


def courses_by_role(lessons: Sequence[Lesson], alt: str) -> Figure:
    """One panel for each run on one scale, from the end of the first phase on; a course is thick in the phases that drew from its data set."""
    heights = [error for lesson in lessons for course in lesson.courses for place, error in course.points if place >= 1]

    def paint(canvas: Any, narrow: bool) -> None:
        columns = 1 if narrow else 2
        grid = canvas.subplots(-(-len(lessons) // columns), columns, squeeze=False, sharey=True)
        for axes in grid.flat[len(lessons) :]:
            axes.set_visible(False)
        for place, (axes, lesson) in enumerate(zip(grid.flat, lessons, strict=False)):
            if heights:  # what comes before the end of the first phase lies far above and would flatten the switches
                axes.set_ylim(min(heights) / 1.15, max(heights) * 1.4)
            _panel(axes, lesson)
            if place % columns == 0:
                axes.set_ylabel("validation MAD\n[×10⁻³], log scale")
        canvas.legend(*grid.flat[0].get_legend_handles_labels(), loc="outside upper center", ncols=1 if narrow else 3, fontsize=8)

    count = len(lessons)
    return draw("dataset-order", "Learning across data sets", alt, paint, _PANEL * -(-count // 2) + _LEGEND, _PANEL * count + 2 * _LEGEND)


def _panel(axes: Any, lesson: Lesson) -> None:
    labels = []
    for course, tone in zip(lesson.courses, _TONES, strict=False):
        axes.plot(*zip(*course.points, strict=True), "o-", color=tone, linewidth=1, markersize=3, label=course.name)
        for phase in course.own:
            inside = [point for point in course.points if phase <= point[0] <= phase + 1]
            axes.plot(*zip(*inside, strict=True), color=tone, linewidth=3.2, solid_capstyle="butt", alpha=0.55)
        labels.append(Label(*course.points[-1], course.after, tone))
    plain_log(axes)
    axes.tick_params(axis="y", labelsize=7)
    axes.set_title(lesson.title, pad=22)
    axes.set_xticks(range(len(lesson.phases) + 1), [""] * (len(lesson.phases) + 1))
    axes.set_xlim(0, len(lesson.phases))
    for phase, name in enumerate(lesson.phases):
        axes.axvline(phase, color=SOFT, linewidth=0.8, linestyle=(0, (2, 2)))
        place = {"xycoords": ("data", "axes fraction"), "xytext": (0, 2), "textcoords": "offset points"}
        axes.annotate(name, (phase + 0.5, 1.0), **place, fontsize=7, color=SOFT, ha="center", va="bottom")
    axes.grid(axis="y", color=FAINT)
    label_beside(axes, labels, size=7.5, room=0.1)
