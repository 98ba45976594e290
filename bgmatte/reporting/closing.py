"""What a reader needs besides the numbers: limits, how to reproduce, the words."""

from bgmatte.config import RunConfig
from bgmatte.manifest import read as read_manifest
from bgmatte.phases import PHOTOGRAPHS, roles
from bgmatte.reporting.blocks import Block, Commands, Points, Prose
from bgmatte.reporting.comparisons import RESAMPLES
from bgmatte.reporting.measures import MEASURES
from bgmatte.reporting.study import BASELINE, MAIN, Study
from bgmatte.reporting.words import counted, listed
from bgmatte.sources import source_of


def limits(study: Study) -> Points:
    """What these numbers do not say."""
    run = study.any_run().config
    network = run.network
    items = [
        *_stand_ins(run),
        (
            "The held-out people are rendered.",
            "They are computer-made heads and shoulders, with stiff faces and without hands or glasses. "
            "Whether the order of rows holds for photographs of people is not known from this study.",
        ),
        (
            "Few backgrounds.",
            f"All held-out people stand before {_scenes()} photographs. Intervals resample people and take these backgrounds as given.",
        ),
        (
            "Not comparable with the published numbers.",
            "Other data, other sizes, another amount of training; and the paper reports the trimap’s unknown region only. What may be "
            "compared are rows of this study with each other.",
        ),
    ]
    if network.width < 1:
        items.append(
            (
                "The recipe was made for the baseline.",
                f"Rates, initialisation and what the drawn data show were chosen by the baseline’s error on {_chosen_on()} who are not in the "
                "test, the number of steps also by the time that a study may take; that something had to be changed was also seen on this "
                "test, where orders that began with drawn objects failed in an "
                "earlier version. The other rows inherit a recipe that was made for the baseline.",
            )
        )
        items.append(
            (
                "The networks are narrow.",
                f"Quality comes from networks with {network.width:g} of the published channel counts and "
                "minutes of training; speed is timed at full width. A part that pays only after long training is undervalued here.",
            )
        )
    if len(study.seeds) == 1 or study.trained_once:
        once = "Each row" if len(study.seeds) == 1 else f"Each of {', '.join(study.trained_once)}"
        items.append(
            (
                "One seed.",
                f"{once} is compared with the baseline under one seed. Those intervals cover the choice of subjects only; another seed may move a "
                "row by more than its interval, and no interval here says by how much.",
            )
        )
    if len(study.seeds) > 1:
        items.append(
            (
                "Few seeds.",
                f"Intervals resample subjects and {counted(len(study.seeds), 'seed')}; with so few seeds the luck of training is known roughly.",
            )
        )
    items += [
        (
            "Patches refined differ.",
            "Predicted error may be exactly 0 for whole regions, and such patches are dropped: the row then spends "
            "less than its budget. The tables say how many patches each row refined.",
        ),
        (
            "The captured background is nearly right.",
            "It is perturbed by less than a pixel of translation, gamma and noise. Shadows, moved cameras and changed scenes were not tested.",
        ),
        (
            "Speed belongs to one machine.",
            "The ratio to the baseline, measured interleaved in one run, travels better than frames a second, but a GPU may order rows differently.",
        ),
    ]
    if study.missing:
        items.insert(
            0,
            (
                "This study is partial.",
                f"Not run: {', '.join(study.missing)}. Sentences about them are left out, and corrections "
                "for several comparisons count only the rows that ran.",
            ),
        )
    if study.profile == "smoke":
        items.insert(
            0,
            (
                "This is a smoke study.",
                "It exists to show that everything runs. Its networks are hardly trained, and none of its numbers means anything.",
            ),
        )
    return Points(tuple(items))


def _chosen_on() -> str:
    people = {entry.group for entry in read_manifest(MAIN).pictures("validation")}
    return f"{len(people)} rendered people"


def _scenes() -> int:
    return len(read_manifest(PHOTOGRAPHS).pictures("test"))


def _stand_ins(run: RunConfig) -> list[tuple[str, str]]:
    drawn = [role for role in roles(run) if source_of(run, role) is None]
    if not drawn:
        return []
    which = "All training subjects" if len(drawn) == len(roles(run)) else f"The training subjects in place of {listed(drawn)}"
    return [
        (
            "Training data are stand-ins.",
            f"{which} were drawn by a program. They imitate what the published data sets are for, not what they look like.",
        )
    ]


def reproduce(study: Study) -> tuple[Block, ...]:
    """Commands that lead to these numbers again."""
    commit = str(study.any_run().story.get("machine", {}).get("commit", "unknown"))
    profile, row = study.profile, next((name for name in study.runs if name != BASELINE), BASELINE)
    study_line = "make study" if profile == "quick" else f"python -m bgmatte study --profile {profile}"
    checkout = (
        f"git checkout {commit.removesuffix('-changed')}",
        "The project at the commit of this study." + (" The working tree held changes beyond it." if commit.endswith("-changed") else ""),
    )
    lines = [
        *([checkout] if commit != "unknown" else []),
        (
            study_line,
            f"Everything: data, training, evaluation, timing, notebooks and this page, into reports/{profile}/. What is up to date is "
            "not done again.",
        ),
        (f"python -m bgmatte study --profile {profile} --only {row} --seeds 3", "One row alone, here with three seeds."),
        (f"python -m bgmatte report --profile {profile}", "This page again from the records alone."),
    ]
    words = (
        f"Each row’s record lies in reports/{profile}/runs/<row>-seed<k>/: its whole configuration (run.json), every metric of every "
        "picture (images.csv), its learning curve (curves.csv), "
        "its executed notebook and sample pictures, each file with its SHA-256 in run.json. The same seed on the same machine gives the "
        "same bits; on another machine numbers may differ in late digits.",
    )
    return (Commands(tuple(lines)), Prose(words))


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
                f"From a bootstrap with {RESAMPLES:,} resamples over subjects (and seeds where there are several), because "
                "pictures of one subject err alike. Differences are paired: both rows on the same picture.",
            ),
            ("Adjusted p.", "Holm’s correction over all deployable arms of one ablation, for each metric and region on its own."),
            (
                "No difference found.",
                "The interval holds 0, or the adjusted p is 0.05 or more. It does not say that there is no difference; "
                "the interval says how large one could be.",
            ),
        )
    )
