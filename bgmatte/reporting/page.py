"""The report: every section in the order in which a reader wants it, as one file that asks nothing of the network."""

from pathlib import Path

from bgmatte.reporting.ablation.answers import five_answers, overall
from bgmatte.reporting.ablation.findings import checks
from bgmatte.reporting.ablation.sections import ablation_sections
from bgmatte.reporting.about.closing import limits, reproduce
from bgmatte.reporting.about.costs import compute
from bgmatte.reporting.about.gallery import RULE, gallery
from bgmatte.reporting.about.glossary import glossary
from bgmatte.reporting.about.provenance import provenance
from bgmatte.reporting.about.setting import data, made, setting, trained_longer
from bgmatte.reporting.blocks import Drawing, Prose, Section
from bgmatte.reporting.drawings import TONED, curves, levels, overview
from bgmatte.reporting.file import SIZE_LIMIT, Masthead, write_sections, written_from
from bgmatte.reporting.further.sections import further
from bgmatte.reporting.measures import MAD, UNKNOWN, WHOLE
from bgmatte.reporting.resolution import in_short, resolution
from bgmatte.reporting.study import Study
from bgmatte.reporting.tables import results_table, sets_table
from bgmatte.reporting.timings import conditions, disturbance, quality_and_speed, sizes, timed_as, timing_table

__all__ = ["SIZE_LIMIT", "found", "sections", "write_page"]

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


def sections(study: Study) -> tuple[Section, ...]:
    """The whole report as content, for the page as for a notebook."""
    return (
        found(study),
        Section("setting", "The question and the setting", (Prose(QUESTION), setting(study))),
        *ablation_sections(study),
        *further(study),
        Section("resolution", "What a study of this size can show", resolution(study) or (Prose(("No row was compared.",), "note"),)),
        results(study),
        learning(study),
        speed(study),
        Section("data", "The data", (data(study),)),
        Section("compute", "What it cost to compute", compute(study)),
        Section("provenance", "Where the numbers come from", provenance(study)),
        Section("reproduce", "How to reproduce each number", reproduce(study)),
        Section("limits", "Limits", (limits(study),)),
        Section("glossary", "Words", (glossary(study),)),
        pictures(study),
    )


def found(study: Study) -> Section:
    """The five answers, what to think of them, and every difference in one drawing."""
    width = study.any_run().config.network.width
    narrow = f", at {width:g} of its width" if width != 1 else ""
    reading = (
        f"MAD: {MAD.definition}, ×10⁻³, mean over held-out people; MSE squares the difference, Grad compares edges; the unknown region is the band "
        f"about the contour. + is worse than the baseline, which is the published network{narrow}. In brackets 95 % intervals; ‘worse’ and "
        "‘better’ are said where the interval leaves out 0 and p, adjusted within the ablation by Holm’s method, is below 0.05, "
        "‘leans’ where only the interval leaves it out. Times are of full-width networks on this study’s machine, and their brackets are "
        "over turns of the timing, not over people (section Speed).",
    )
    hollow = "This is a smoke study: its networks are hardly trained and its numbers mean nothing." if study.profile == "smoke" else ""
    lead = (Prose(said),) if (said := tuple(filter(None, (hollow, overall(study))))) else ()
    differences = overview(study)
    caption = (
        f"Row minus baseline, picture by picture; mean and 95 % interval. {TONED}, also where an interval misses 0 but the adjusted p is 0.05 or "
        "more; hollow: the baseline’s weights with another rule at test time. Further left is better."
    )
    drawing = (Drawing(differences, caption),) if differences else ()
    return Section(
        "found", "What was found", (*lead, *five_answers(study), Prose(reading, "aside"), *checks(study), Prose(_cautions(study), "note"), *drawing)
    )


def _cautions(study: Study) -> tuple[str, ...]:
    cautions = [
        "Held-out people are rendered: compare rows with each other, not with published numbers."
        if study.real
        else "Training pictures are drawn by a program, in the place and under the names of the published data sets, and held-out people "
        "are rendered: compare rows with each other, not with published numbers."
    ]
    if study.missing:
        cautions.insert(0, f"This study is partial. Not run: {', '.join(study.missing)}.")
    if len(study.seeds) == 1:
        cautions.append("Each row was trained with one seed: intervals cover the choice of subjects, not the luck of training.")
    elif study.trained_once:
        cautions.append(f"Compared under one seed only, so that no interval covers the luck of training: {', '.join(study.trained_once)}.")
    return (*cautions, *filter(None, (in_short(study), trained_longer(study))))


def results(study: Study) -> Section:
    """Every row in every metric, over the frame and over the unknown region, and on further held-out sets where there are any."""
    others = sets_table(study)
    caption = (
        f"Mean and 95 % interval over subjects, every row with its own weights. {TONED}, judged picture by picture; hollow: reference lines. Levels "
        "vary with the subject: these intervals are wider than those of the paired differences and must not be compared by overlap."
    )
    tables = (results_table(study, WHOLE), results_table(study, UNKNOWN), *((others,) if others else ()))
    return Section("results", "Every row in every metric", (Drawing(levels(study), caption), *tables))


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
    blocks = (Prose((RULE,)), *shown) if shown else (Prose(("No run kept sample pictures.",), "note"),)
    return Section("pictures", "Appendix: the same pictures with every row", blocks)


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
    """Write `report.html` and the drawings into the study's folder; return the page's path."""
    head = Masthead(
        title=TITLE,
        description="An open ablation study of BackgroundMattingV2: what its parts are worth, with intervals.",
        kicker=f"Profile {study.profile} · {made(study)}",
        footer=written_from(f"profile {study.profile}"),
    )
    return write_sections(study.folder / "report.html", head, sections(study))
