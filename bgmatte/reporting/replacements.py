"""The sections of ablations 3 to 5: the claim with what was published, what was done, answers, figure, table, limits."""

from bgmatte.reporting.ablations import LACKING, in_short
from bgmatte.reporting.blocks import Block, Drawing, Points, Prose, Section
from bgmatte.reporting.comparisons import family
from bgmatte.reporting.contours import distance_curves, distance_table
from bgmatte.reporting.forgetting import baseline_forgets, forgetting_curves, forgetting_table
from bgmatte.reporting.published import published
from bgmatte.reporting.study import BASELINE, Study
from bgmatte.reporting.tables import replaced_table
from bgmatte.reporting.timings import quality_and_speed, timed_as

ORDER, ENCODER, STAGES = "Ablation 3: order of the training data", "Ablation 4: base network", "Ablation 5: refinement in two stages"


def dataset_order(study: Study) -> Section:
    """Ablation 3: the order of the training data replaced."""
    about = (
        (
            "The paper’s claim.",
            "Training first on many frames of few people, then on fewer and better mattes, gives both robustness and fine detail; taking any one of "
            "the three data sets away made every printed number worse. Another order was not published.",
        ),
        (
            "What was done.",
            "Every row trains for as many steps with the same rates; only the data that a phase draws from differ: an order drawn from the seed, the "
            "reverse, every batch from all three, or one data set throughout. The base phase draws from what the first joint phase draws from.",
        ),
    )
    reading = (
        (
            "How to read it.",
            "A course is thick in the phases that drew from its data set. Where it rises after a switch, the network forgets that data set; the "
            "number at its end is the change since the end of its own last phase. Courses are on validation pictures, the answers on "
            "held-out people.",
        ),
        (
            "Limits.",
            f"The order decides also which data get the many steps of the base phase: {_first_share(study)}what a row shows is the order within this "
            "recipe. ‘Alone’ means all steps on one data set, also those that the baseline spends on the two others.",
        ),
    )
    forgot = baseline_forgets(study)
    words = (Prose((forgot,)),) if forgot else ()
    figure, table = forgetting_curves(study), forgetting_table(study)
    drawings: tuple[Block, ...] = (
        (Drawing(figure, "One panel for each row, its first seed; thick where the phase drew from that data set."),) if figure else ()
    )
    return _section(study, 3, "order", ORDER, about, (*words, *drawings, *((table,) if table else ())), reading)


def _first_share(study: Study) -> str:
    """Which share of its steps a row in the published order spends on the data set that comes first."""
    recipe = study.any_run().config.recipe
    own = sum(phase.steps for phase in recipe[:2])  # the base phase draws from what the first joint phase draws from
    return f"with the first joint phase {own:,} of {sum(phase.steps for phase in recipe):,} go to the set that comes first; "


def base_network(study: Study) -> Section:
    """Ablation 4: the base network replaced."""
    about = (
        (
            "The paper’s claim.",
            "ResNet-50 is the default; ResNet-101 is about as good and slower, MobileNetV2 is faster and a little worse. A row without ASPP was not "
            "published.",
        ),
        (
            "What was done.",
            "The encoder is replaced, or ASPP by a 1×1 convolution with as many outputs; the refinement network, its budget and the recipe stay. "
            "Each starts from weights made by the same policy and the same pretraining recipe.",
        ),
    )
    reading = (
        (
            "How to read it.",
            "Down and right is better. Speed and size belong to full-width networks, the error to this study’s: the drawing shows what the change "
            "of speed would have to be paid with, not a network one could have.",
        ),
        (
            "Limits.",
            "A recipe chosen for ResNet-50 favours it, and a larger encoder may need more training than a small study gives. Which "
            "network is fastest depends on the machine: depthwise convolutions suit a processor better than many a GPU.",
        ),
    )
    rows = (BASELINE, *(arm.row for arm in family(study, 4)))
    figure = quality_and_speed(study, rows, "base-network") if any(timed_as(study, row) == row for row in rows[1:]) else None
    drawing = (
        (Drawing(figure, "Bars are 95 % intervals over subjects and quartiles of the timing; a marker’s area is the number of parameters."),)
        if figure
        else ()
    )
    return _section(study, 4, "encoder", ENCODER, about, drawing, reading)


def refinement_strategy(study: Study) -> Section:
    """Ablation 5: the two stages of the refinement network replaced by one."""
    about = (
        (
            "The paper’s claim.",
            "The refinement network looks at a patch at half resolution first, where it sees more around it for less, then at full resolution for "
            "the detail. A refiner with one stage was not published; the nearest printed row gives up the surroundings altogether.",
        ),
        (
            "What was done.",
            "The same four 3×3 convolutions of the same widths (the two pictures enter once, where the published refiner gets them at each scale), "
            "all at full resolution (narrower view, no loss of detail), or all at half resolution "
            "(wider view, no detail beyond it). Patches, budget and the base phase are the baseline’s.",
        ),
    )
    reading = (
        (
            "How to read it.",
            "If full resolution carries detail, ‘all at half’ loses next to the contour; if the wider view helps, ‘all at full’ loses further out. "
            "Rows shown for scale have no refinement network. Few pixels lie near the contour and nearly all far from it, so a small change far "
            "away can outweigh a large one near it in the mean over the frame.",
        ),
        (
            "Limits.",
            "Convolutions at full resolution cost four times those at half, so the rows differ in time too. Distance is measured to where the true "
            "alpha passes ½: wisps of hair fainter than that lie in farther bands.",
        ),
    )
    figure, table = distance_curves(study), distance_table(study)
    drawings: tuple[Block, ...] = (
        (Drawing(figure, "Means with 95 % intervals over subjects; below, the paired change in each band."),) if figure else ()
    )
    return _section(study, 5, "stages", STAGES, about, (*drawings, *((table,) if table else ())), reading)


def _section(
    study: Study,
    ablation: int,
    name: str,
    title: str,
    about: tuple[tuple[str, str], ...],
    shown: tuple[Block, ...],
    reading: tuple[tuple[str, str], ...],
) -> Section:
    if not family(study, ablation) or BASELINE not in study.runs:
        return Section(name, title, (Points(about), published(ablation), LACKING))
    return Section(
        name, title, (Points(about), published(ablation), in_short(study, ablation), replaced_table(study, ablation), *shown, Points(reading))
    )
