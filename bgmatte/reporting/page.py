"""The report: every section in the order in which a reader wants it, as one file that asks nothing of the network."""

from pathlib import Path

from bgmatte import __version__
from bgmatte.cache import write_text
from bgmatte.reporting.ablations import selection, two_stages
from bgmatte.reporting.blocks import Block, Drawing, Prose, Section, environment
from bgmatte.reporting.closing import glossary, limits, reproduce
from bgmatte.reporting.costs import compute
from bgmatte.reporting.drawings import curves, overview
from bgmatte.reporting.findings import findings
from bgmatte.reporting.gallery import RULE, gallery
from bgmatte.reporting.measures import UNKNOWN, WHOLE
from bgmatte.reporting.replacements import base_network, dataset_order, refinement_strategy
from bgmatte.reporting.resolution import in_short, resolution
from bgmatte.reporting.setting import setting
from bgmatte.reporting.study import Study
from bgmatte.reporting.tables import results_table, sets_table
from bgmatte.reporting.timings import conditions, disturbance, quality_and_speed, sizes, timed_as, timing_table

TITLE = "Which parts carry background matting?"
QUESTION = (
    "BackgroundMattingV2 (Lin et al., ‘Real-Time High-Resolution Background Matting’, CVPR 2021) cuts a person out of a picture with "
    "the help of a second picture "
    "of the empty scene. A coarse network works on a small copy and predicts, beside the matte, where that matte is wrong; a "
    "refinement network then redoes only "
    "those patches at full resolution.",
    "The paper gives numbers for some of these parts, once each, without intervals, and for others none. "
    "This study takes them away or replaces them one at a time, "
    "trains every variant "
    "equally long, on equal data unless the data are the question, and measures what is lost on subjects that no variant has seen.",
)
SIZE_LIMIT = 15 * 2**20  # [bytes]


def sections(study: Study) -> tuple[Section, ...]:
    """The whole report as content, for the page as for a notebook."""
    return (
        Section("question", "The question", (Prose(QUESTION),)),
        found(study),
        Section("setting", "The setting", (setting(study),)),
        two_stages(study),
        selection(study),
        dataset_order(study),
        base_network(study),
        refinement_strategy(study),
        Section("resolution", "What a study of this size can show", resolution(study) or (Prose(("No row was compared.",), "note"),)),
        results(study),
        learning(study),
        pictures(study),
        speed(study),
        Section("compute", "What it cost to compute", compute(study)),
        Section("limits", "Limits", (limits(study),)),
        Section("reproduce", "How to reproduce it", reproduce(study)),
        Section("glossary", "Words", (glossary(),)),
    )


def found(study: Study) -> Section:
    """The answers, what to think of them, and every row in one drawing."""
    cautions = [
        "Held-out people are rendered: compare rows with each other, not with published numbers."
        if study.real
        else "Training pictures are drawn by a program, in the place and under the names of the published data sets, and held-out people "
        "are rendered: compare rows with each other, not with published numbers."
    ]
    cautions.append("‘No difference found’ is said after Holm’s correction for several comparisons: an interval printed beside it may just miss 0.")
    if study.profile == "smoke":
        cautions.insert(0, "This is a smoke study: its networks are hardly trained and its numbers mean nothing.")
    if study.missing:
        cautions.insert(0, f"This study is partial. Not run: {', '.join(study.missing)}.")
    if len(study.seeds) == 1:
        cautions.append("Each row was trained with one seed: intervals cover the choice of subjects, not the luck of training.")
    elif study.trained_once:
        cautions.append(f"Compared under one seed only, so that no interval covers the luck of training: {', '.join(study.trained_once)}.")
    cautions += [in_short(study)] if in_short(study) else []
    caption = (
        "Mean and 95 % interval over subjects, every row with its own weights; orange: clearly worse than the baseline picture by picture, green: "
        "clearly better, grey: no difference found; hollow: reference lines. Further left is better."
    )
    blocks: tuple[Block, ...] = (*findings(study), Prose(tuple(cautions), "note"), Drawing(overview(study), caption))
    return Section("found", "What was found", blocks)


def results(study: Study) -> Section:
    """Every row in every metric, over the frame and over the unknown region, and on further held-out sets where there are any."""
    further = sets_table(study)
    return Section(
        "results", "Every row in every metric", (results_table(study, WHOLE), results_table(study, UNKNOWN), *((further,) if further else ()))
    )


def learning(study: Study) -> Section:
    """The learning curves."""
    figure = curves(study)
    words = (
        "Validation pictures are like the training pictures, so their error is not that of the held-out test; the mean over the three "
        "data sets is shown. Rows that share a phase share its curve. The orders of ablation 3 have a drawing of their own there."
    )
    return Section("learning", "Learning", (Drawing(figure, words),) if figure else (Prose(("No learning curve was recorded.",), "note"),))


def pictures(study: Study) -> Section:
    """The sample pictures."""
    shown = gallery(study)
    return Section("pictures", "Pictures", (Prose((RULE,)), *shown) if shown else (Prose(("No run kept sample pictures.",), "note"),))


def speed(study: Study) -> Section:
    """What was timed."""
    timed = sizes(study.timing)
    if not timed:
        return Section("speed", "Speed", (Prose(("Speed was not measured in this study.",), "note"),))
    figure = quality_and_speed(study)
    caption = (
        f"Speed at full width, error from the networks of profile {study.profile}: the two were not measured on the same weights. Down and "
        "right is better; a marker’s area is the number of parameters."
    )
    drawing = (Drawing(figure, caption),) if figure else ()
    busy = disturbance(study.timing)
    warning = (Prose((busy,), "note"),) if busy else ()
    same = [row for row in study.runs if timed_as(study, row) not in (row, None)]
    told = (f"Not timed, because their network is the baseline’s and takes the same time: {', '.join(same)}.",) if same else ()
    return Section("speed", "Speed", (Prose((*conditions(study.timing), *told)), *warning, *drawing, *(timing_table(size) for size in timed)))


def write_page(study: Study) -> Path:
    """Write `report.html` and the drawings into the study's folder; return the page's path.

    Raises ValueError when the page would be larger than a file one can mail.
    """
    content = sections(study)
    for section in content:
        for block in section.blocks:
            if isinstance(block, Drawing):
                block.figure.save(study.folder / "figures")

    environment_ = environment()
    style, _, _ = environment_.loader.get_source(environment_, "style.css")
    story = study.any_run().story.get("machine", {})
    page = environment_.get_template("report.html.j2").render(
        title=TITLE,
        description="An open ablation study of BackgroundMattingV2: what its parts are worth, with intervals.",
        kicker=f"Profile {study.profile} · {len(study.runs)} rows · commit {story.get('commit', 'unknown')}",
        version=__version__,
        style=style,
        sections=content,
        footer=f"Written by bgmatte {__version__} from the records of profile {study.profile}. This file asks nothing of the network and runs "
        "no script.",
    )
    if len(page.encode()) > SIZE_LIMIT:
        raise ValueError(f"report.html would be {len(page.encode()) / 2**20:.1f} MiB; allowed: {SIZE_LIMIT / 2**20:.0f} MiB")
    path = study.folder / "report.html"
    write_text(path, page)
    return path
