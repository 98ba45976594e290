"""One section for each ablation: the claim, what was done, figure, table, how to read them, limits."""

from bgmatte.reporting.blocks import Drawing, Finding, Points, Prose, Section
from bgmatte.reporting.comparisons import BASE, compare, level
from bgmatte.reporting.drawings import selection_forest, selection_levels, two_stage_forest
from bgmatte.reporting.findings import findings
from bgmatte.reporting.study import COARSE, Study
from bgmatte.reporting.tables import selection_table, two_stage_table

LACKING = Prose(("The rows that answer this were not run in this study.",), "note")


def two_stages(study: Study) -> Section:
    """Ablation 1: the refinement network removed."""
    forest = two_stage_forest(study)
    about = Points(
        (
            (
                "The paper’s claim.",
                "A coarse network on a small copy of the picture, followed by a refinement network that redoes only a few "
                "patches at full resolution, gives sharp mattes at high resolution in real time. It shows this in figures; no row without the "
                "refiner was published.",
            ),
            (
                "What was done.",
                f"The row {COARSE} has no second network: its coarse matte is enlarged. It was trained for the same number of "
                "steps, in the same order of data, from the same starting weights as the baseline; its later phases train the coarse network alone.",
            ),
        )
    )
    if forest is None:
        return Section("two-stages", "Ablation 1: two stages", (about, LACKING))
    reading = Points(
        (
            (
                "How to read it.",
                "Right of the dashed line, removing the refinement network made the metric worse. The gradient error looks at "
                "edges and fine structure, the unknown region at the contour only: if refinement sharpens, both show it first.",
            ),
            (
                "Limits.",
                "A joint phase trains both networks at full size at once, so removing one also changes what the other learns; this row "
                "answers for the system, not for the refiner’s convolutions alone.",
            ),
        )
    )
    drawing = Drawing(forest, f"Mean and 95 % interval over {_subjects(study)}, both rows on the same pictures.")
    return Section("two-stages", "Ablation 1: two stages", (about, in_short(study, 1), drawing, two_stage_table(study), reading))


def selection(study: Study) -> Section:
    """Ablation 2: patch selection replaced, swapped and retrained."""
    forest, levels = selection_forest(study), selection_levels(study)
    about = Points(
        (
            (
                "The paper’s claim.",
                "The coarse network predicts where it is wrong, and spending the patches there is what makes refinement "
                "cheap. No other way of choosing patches was compared.",
            ),
            (
                "What was done.",
                "Four rules that need no prediction choose as many patches: random, a regular grid, edges of the coarse alpha, edges of the "
                "source. Each answers twice: swapped, with the baseline’s weights and the rule at test time only; "
                "and retrained, with a network that was trained with the rule from the first joint phase on. The oracle chooses by the true "
                "error with the baseline’s weights.",
            ),
        )
    )
    if forest is None or levels is None:
        return Section("selection", "Ablation 2: choosing patches by predicted error", (about, LACKING))
    reading = Points(
        (
            (
                "How to read it.",
                "Swapped says what the rule is worth to a network made for predicted error; retrained, what it is worth to one "
                "that grew up with it. Where a rule loses swapped but not retrained, the network adapts. A rule may cover less of the error and "
                "still do no harm where refining changes little.",
            ),
            (
                "Limits.",
                f"All rows may spend the same budget, {_budget(study)}; a smaller budget would tell rules apart more sharply, a larger "
                "one less. Random patches are drawn once for each picture.",
            ),
        )
    )
    drawings = (
        Drawing(forest, f"Filled: retrained; hollow: swapped or reference. Mean and 95 % interval over {_subjects(study)}."),
        Drawing(
            levels,
            "Levels vary with the subject, so these intervals are wider than those of the paired differences above and must not be "
            "compared by overlap.",
        ),
    )
    return Section(
        "selection", "Ablation 2: choosing patches by predicted error", (about, in_short(study, 2), *drawings, selection_table(study), reading)
    )


def answers(study: Study, ablation: int) -> tuple[Finding, ...]:
    """The findings that belong to one ablation."""
    return tuple(found for found in findings(study) if found.ablation == ablation)


def in_short(study: Study, ablation: int) -> Points:
    """The headlines of the findings of one ablation, for a reader who has not come by the first screen."""
    return Points((("Found.", " ".join(f"{found.headline} ({found.verdict})." for found in answers(study, ablation))),))


def _subjects(study: Study) -> str:
    base = compare(study, "mad").get(BASE)
    return base.level.basis if base else "the shared subjects"


def _budget(study: Study) -> str:
    spent = level(study, BASE, "patches")
    refine = study.any_run().config.network.refine
    allowed = f"{refine.patches:,} patches a picture" if refine and refine.patches else "the same threshold"
    return f"{allowed}{f' (the baseline refined {spent.mean:,.0f} on average)' if spent else ''}"
