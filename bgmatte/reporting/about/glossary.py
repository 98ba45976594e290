"""The words and metrics of the report."""

from bgmatte.reporting.blocks import Points
from bgmatte.reporting.comparisons import RESAMPLES
from bgmatte.reporting.measures import MEASURES


def glossary() -> Points:
    """The words and metrics of this page."""
    metrics = tuple((f"{measure.title} ({measure.unit}).", f"{measure.definition[0].upper()}{measure.definition[1:]}.") for measure in MEASURES)
    return Points(
        (
            *metrics,
            (
                "Whole frame, unknown region.",
                "All pixels; or the pixels where the true alpha is neither 0 nor 1, widened to a band, as in a "
                "trimap. Over the whole frame SAD is MAD times the number of pixels and orders rows equally.",
            ),
            ("Alpha, matte.", "The share, 0–1, to which a pixel shows the foreground; the picture of all alphas."),
            ("Source, captured background.", "The picture with the person (I), and the same scene without (B). The method needs both."),
            (
                "Coarse network, refinement network.",
                "The first works on a small copy of the picture and predicts matte, colour and its own "
                "error; the second redoes chosen 4×4 px patches at half and full resolution.",
            ),
            (
                "Selector.",
                "The rule that chooses patches. Retrained: the network was trained with it. Swapped: the baseline’s weights with "
                "this rule at test time.",
            ),
            (
                "Contour, distance from it.",
                "Where the true alpha passes ½; how far a pixel lies from the nearest one on the other side, less half a pixel. The bands are in "
                "pixels of the test pictures.",
            ),
            (
                "Forgetting.",
                "The rise of the validation error on a data set between the end of the last phase that drew from it and the end of training.",
            ),
            ("Covered.", "The share of the coarse matte’s true absolute error that lies in refined patches."),
            ("Oracle.", "Patches chosen by the true error. Nobody has it outside a test; it shows what is left to gain."),
            (
                "Difference key.",
                "A soft threshold on |I − B|, tuned on validation pictures. It learns nothing; a trained row that does not "
                "clearly beat it is called a failed run.",
            ),
            (
                "95 % interval.",
                f"From {RESAMPLES:,} resamples of subjects (and of seeds where there are several), because pictures of one subject err alike; "
                "stretched to hold what they say with as few subjects and seeds as these, which simulations check. Differences are paired: both "
                "rows on the same picture.",
            ),
            (
                "Effect, Hedges’ g.",
                "The difference in standard deviations of the subjects’ differences, corrected for few subjects: how regular it is from person to "
                "person, not how large to the eye.",
            ),
            ("Adjusted p.", "Holm’s correction over all deployable arms of one ablation, for each metric and region on its own."),
            ("Clear, clearly.", "The interval stays on one side of 0 and the adjusted p is below 0.05."),
            (
                "Most clearly.",
                "Of several rows the one whose difference lies furthest from 0, counted in half widths of its interval. It is not always the largest "
                "difference.",
            ),
            (
                "No difference found.",
                "The interval holds 0, or the adjusted p is 0.05 or more. It does not say that there is no difference; "
                "the interval says how large one could be.",
            ),
        )
    )
