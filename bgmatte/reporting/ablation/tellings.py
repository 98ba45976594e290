"""What each ablation's section says besides its numbers: the claim, the method in three lines, the figure, how to read it, the limits."""

from collections.abc import Callable
from dataclasses import dataclass

from bgmatte.reporting.ablation.forgetting import baseline_forgets, forgetting_curves, forgetting_table
from bgmatte.reporting.ablation.retrained import retrained_finding, retrained_table
from bgmatte.reporting.ablation.unrefined import unrefined_finding
from bgmatte.reporting.about.setting import refiner_steps, training_steps
from bgmatte.reporting.blocks import Block, Drawing, Prose
from bgmatte.reporting.comparisons import BASE, compare, family, level
from bgmatte.reporting.drawings import TONED, selection_forest, two_stage_forest
from bgmatte.reporting.further.bands import distance_curves, distance_table
from bgmatte.reporting.measures import MAD
from bgmatte.reporting.study import Study
from bgmatte.reporting.timings import quality_and_speed, timed_as
from bgmatte.variants import BASELINE, COARSE


@dataclass(frozen=True)
class Telling:
    """One ablation in words; `method` is what differs, what is equal and what is compared, `more` what follows the figure."""

    ablation: int
    section: str
    title: str
    claim: str
    method: tuple[str, str, str]
    figure: Callable[[Study], Drawing | None]
    reading: str
    limits: Callable[[Study], str]
    more: Callable[[Study], tuple[Block, ...]] = lambda _: ()


def _subjects(study: Study) -> str:
    base = compare(study, MAD.column).get(BASE)
    return base.level.basis if base else "the shared subjects"


def _two_stage_figure(study: Study) -> Drawing | None:
    figure = two_stage_forest(study)
    return Drawing(figure, f"Mean and 95 % interval over {_subjects(study)}, both rows on the same pictures. {TONED}.") if figure else None


def _two_stage_limits(study: Study) -> str:
    recipe = study.any_run().config.recipe
    return (
        f"The refiner was trained for {refiner_steps(recipe):,} of the {training_steps(study.any_run().config):,} steps of this study; the paper "
        "trains it for three of its four stages. A joint phase trains both networks at full size at once, so removing one also "
        "changes what the other learns: this row answers for the system, not for the refiner’s convolutions alone."
    )


def _selection_figure(study: Study) -> Drawing | None:
    figure = selection_forest(study)
    words = f"Filled: retrained; hollow: swapped or reference. Mean and 95 % interval over {_subjects(study)}. {TONED}."
    return Drawing(figure, words) if figure else None


def _selection_more(study: Study) -> tuple[Block, ...]:
    return tuple(block for block in (retrained_finding(study), retrained_table(study), unrefined_finding(study)) if block is not None)


def _selection_limits(study: Study) -> str:
    spent = level(study, BASE, "patches")
    refine = study.any_run().config.network.refine
    allowed = f"{refine.patches:,} patches a picture" if refine and refine.patches else "the same threshold"
    budget = f"{allowed}{f' (the baseline refined {spent.mean:,.0f} on average)' if spent else ''}"
    return (
        f"All rows may spend the same budget, {budget}; a smaller budget would tell rules apart more sharply, a larger one less. Random patches are "
        "drawn once for each picture. The oracle takes the patches with the largest true error, which need not be those that refining mends most."
    )


def _order_figure(study: Study) -> Drawing | None:
    figure = forgetting_curves(study)
    return Drawing(figure, "One panel for each row, its first seed; thick where the phase drew from that data set.") if figure else None


def _order_more(study: Study) -> tuple[Block, ...]:
    forgot, table = baseline_forgets(study), forgetting_table(study)
    return (*((Prose((forgot,)),) if forgot else ()), *((table,) if table else ()))


def _order_limits(study: Study) -> str:
    recipe = study.any_run().config.recipe
    own = sum(phase.steps for phase in recipe[:2])  # the base phase draws from what the first joint phase draws from
    return (
        f"The order decides also which data get the many steps of the base phase: with the first joint phase {own:,} of "
        f"{sum(phase.steps for phase in recipe):,} go to the set that comes first; what a row shows is the order within this recipe. ‘Alone’ means "
        "all steps on one data set, also those that the baseline spends on the two others."
    )


def _encoder_figure(study: Study) -> Drawing | None:
    rows = (BASELINE, *(arm.row for arm in family(study, 4)))
    figure = quality_and_speed(study, rows, "base-network") if any(timed_as(study, row) == row for row in rows[1:]) else None
    words = "Bars are 95 % intervals over subjects and quartiles of the timing; a marker’s area is the number of parameters."
    return Drawing(figure, words) if figure else None


def _stages_figure(study: Study) -> Drawing | None:
    figure = distance_curves(study)
    return Drawing(figure, "Means with 95 % intervals over subjects; below, the paired change in each band.") if figure else None


def _stages_more(study: Study) -> tuple[Block, ...]:
    table = distance_table(study)
    return (table,) if table else ()


TELLINGS = (
    Telling(
        1,
        "two-stages",
        "Ablation 1: two stages",
        "A coarse network on a small copy of the picture, followed by a refinement network that redoes only a few patches at full resolution, gives "
        "sharp mattes at high resolution in real time. The paper shows this in figures; no row without the refiner was published.",
        (
            f"The row {COARSE} has no second network: its coarse matte is enlarged.",
            "Steps, order of data and starting weights; its later phases train the coarse network alone.",
            "Every measure, over the whole frame and in the unknown region, picture by picture; and the time of a frame.",
        ),
        _two_stage_figure,
        "Right of the dashed line, removing the refinement network made the measure worse. The gradient error looks at edges and fine structure, the "
        "unknown region at the contour only: if refinement sharpens, both show it first.",
        _two_stage_limits,
    ),
    Telling(
        2,
        "selection",
        "Ablation 2: choosing patches by predicted error",
        "The coarse network predicts where it is wrong, and spending the patches there is what makes refinement cheap. No other way of choosing "
        "patches was compared.",
        (
            "Who chooses: random, a regular grid, edges of the coarse alpha, or edges of the source, in place of predicted error.",
            "The budget of patches, the network, steps and data.",
            "Swapped, with the baseline’s weights and the rule at test time only; retrained, with a network that had the rule from the first joint "
            "phase on; and the two against each other. The oracle, by the true error, stands beside them for scale.",
        ),
        _selection_figure,
        "Swapped says what the rule is worth to a network made for predicted error; retrained, what it is worth to one that grew up with it. Where a "
        "rule loses swapped but not retrained, the network adapts. A rule may cover less of the error and still do no harm where refining "
        "changes little.",
        _selection_limits,
        _selection_more,
    ),
    Telling(
        3,
        "order",
        "Ablation 3: order of the training data",
        "Training first on many frames of few people, then on fewer and better mattes, gives both robustness and fine detail; taking any one of the "
        "three data sets away made every printed number worse. Another order was not published.",
        (
            "The data that a phase draws from: an order drawn from the seed, the reverse, every batch from all three, or one data set throughout.",
            "Steps, rates, network and starting weights; the base phase draws from what the first joint phase draws from.",
            "Error on held-out people against the published order, and validation error on each data set before and after training left it.",
        ),
        _order_figure,
        "A course is thick in the phases that drew from its data set. Where it rises after a switch, the network forgets that data set; the number "
        "at its end is the change since the end of its own last phase. Courses are on validation pictures, the answers on held-out people.",
        _order_limits,
        _order_more,
    ),
    Telling(
        4,
        "encoder",
        "Ablation 4: base network",
        "ResNet-50 is the default; ResNet-101 is about as good and slower, MobileNetV2 is faster and a little worse. A row without ASPP was not "
        "published.",
        (
            "The encoder, or ASPP, whose place a 1×1 convolution with as many outputs takes.",
            "The refinement network, its budget, the recipe, and the policy and pretraining recipe of the starting weights.",
            "Error on held-out people, and the time of a frame at full width, HD and 4K.",
        ),
        _encoder_figure,
        "Down and right is better. Speed and size belong to full-width networks, the error to this study’s: the drawing shows what the change of "
        "speed would have to be paid with, not a network one could have.",
        lambda _: (
            "A recipe chosen for ResNet-50 favours it, and a larger encoder may need more training than a small study gives. Which network is "
            "fastest depends on the machine: depthwise convolutions suit a processor better than many a GPU."
        ),
    ),
    Telling(
        5,
        "stages",
        "Ablation 5: refinement in two stages",
        "The refinement network looks at a patch at half resolution first, where it sees more around it for less, then at full resolution for the "
        "detail. A refiner with one stage was not published; the nearest printed row gives up the surroundings altogether.",
        (
            "Where the four 3×3 convolutions work: all at full resolution (narrower view, no loss of detail) or all at half (wider view, no detail "
            "beyond it).",
            "Widths, patches, budget, recipe and the base phase; the two pictures enter once, where the published refiner gets them at each scale.",
            "Error over the frame, in the unknown region and by distance from the contour; and the time of a frame.",
        ),
        _stages_figure,
        "If full resolution carries detail, ‘all at half’ loses next to the contour; if the wider view helps, ‘all at full’ loses further out. Rows "
        "shown for scale have no refinement network. Few pixels lie near the contour and nearly all far from it, so a small change far away can "
        "outweigh a large one near it in the mean over the frame.",
        lambda _: (
            "Convolutions at full resolution cost four times those at half, so the rows differ in time too. Distance is measured to where the true "
            "alpha passes ½: wisps of hair fainter than that lie in farther bands."
        ),
        _stages_more,
    ),
)
