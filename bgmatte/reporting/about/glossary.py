"""The words and metrics of the report."""

from bgmatte.records import UNKNOWN_RADIUS
from bgmatte.reporting.blocks import Points
from bgmatte.reporting.comparisons import RESAMPLES
from bgmatte.reporting.measures import MEASURES
from bgmatte.reporting.resolution import asked_words
from bgmatte.reporting.study import Study
from bgmatte.reporting.words import sentence


def glossary(study: Study) -> Points:
    """The words and metrics of this page."""
    side = study.any_run().config.test.size
    band = f"{max(1, round(UNKNOWN_RADIUS * side))} px, 1/{1 / UNKNOWN_RADIUS:.0f} of the side of {side} px,"
    asked = asked_words(study)
    metrics = tuple((f"{measure.title} ({measure.unit}).", sentence(measure.definition)) for measure in MEASURES)
    return Points(
        (
            *metrics,
            (
                "Whole frame, unknown region.",
                f"All pixels; or, as in a trimap, the pixels within {band} of both one that is not transparent and one that is not opaque: every "
                "fractional pixel, and a band of that width on either side of a hard edge. Over the whole frame SAD is MAD times the "
                "number of pixels and orders rows equally.",
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
                "As wide as Student’s interval, its standard error from an analysis of variance of subjects crossed with seeds, because pictures of "
                "one subject err alike, and all pictures of one training. "
                f"{RESAMPLES:,} resamples of subjects, and of seeds where there are several, divide it into a lower and an upper arm. Simulated "
                "studies check how often such intervals hold the truth (reports/reference/statistics-coverage.md). Differences are paired: both rows "
                "on the same picture.",
            ),
            (
                "Effect, Hedges’ g.",
                "The difference in standard deviations of the subjects’ differences, corrected for few subjects: how regular it is from person to "
                "person, not how large to the eye. Its interval is one of 95 % for a single seed; for several it is about right only, and simulated "
                "it is too long where the effect is large.",
            ),
            (
                "Adjusted p.",
                "Holm’s correction over all rows of one ablation that a user could deploy, swapped and retrained, for each metric and region on "
                "its own, not over the whole study. With several seeds p falls more slowly than the interval suggests, because a few that agree "
                "by chance look like seeds without luck: Student’s distribution with one degree of freedom less than seeds, where there are 2 or "
                "3; with n of them the harmonic mean of n − 1, weighing 2/(n − 1), and of the interval’s own degrees, weighing the rest."
                f"{' ' + sentence(asked) if asked else ''}",
            ),
            (
                "Base phase, joint phase.",
                "Stages of training: first the coarse network alone on small pictures, then both networks at once on full ones.",
            ),
            (
                "Clear, clearly.",
                "The interval stays on one side of 0 and the adjusted p is below 0.05. For reference lines and checks, which are in no family, the "
                "interval alone decides.",
            ),
            (
                "Most clearly.",
                "Of several rows the one whose difference lies furthest from 0, counted in half widths of its interval. It is not always the largest "
                "difference.",
            ),
            (
                "No difference found.",
                "The interval holds 0. It does not say that there is no difference; the interval says how large one could be.",
            ),
            (
                "Leans worse, leans better.",
                "The interval, which looks at one difference alone, leaves out 0, but the adjusted p is 0.05 or more: among so many comparisons "
                "chance alone may bring that. A hint for the next study, no finding of this one; rows of which one leans and none is clear are "
                "‘not settled’.",
            ),
            (
                "Smallest difference found.",
                "The true difference that a study with this standard error and these degrees of freedom finds clear with a chance of 80 %. It is an "
                "estimate, as the standard error is.",
            ),
            (
                "Mean gain.",
                "By how much refining lowers MAD, averaged over budgets from the smallest measured to all patches, every doubling alike.",
            ),
            (
                "Calibration error.",
                "The expected one: how far a bin’s mean predicted error is from its mean true error, averaged over all patches, each network’s bins "
                "on their own. It cannot be below 0.",
            ),
            (
                "First k %, most possible.",
                "The share of a picture’s true coarse error in the k % of its patches with the largest predicted error (the recall), and in those "
                "with the largest true error, the most that any choice of so many can hold.",
            ),
            ("Doubled at.", "The amount of a disturbance at which mean MAD is twice that of the undisturbed pictures, read off straight lines."),
            (
                "Rise.",
                "The slope, for each step of the amount, of the straight line from the undisturbed pictures that fits the measured amounts best by "
                "least squares.",
            ),
        )
    )
