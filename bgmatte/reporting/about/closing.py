"""What a reader needs besides the numbers: limits, and how to reproduce them."""

from bgmatte.config import RunConfig
from bgmatte.manifest import read as read_manifest
from bgmatte.phases import PHOTOGRAPHS, roles
from bgmatte.reporting.about.costs import shared_saving
from bgmatte.reporting.about.setting import unlike_published
from bgmatte.reporting.blocks import Block, Commands, Facts, Points, Prose
from bgmatte.reporting.measures import MAD, MEASURES, REGIONS, WITNESSES, duration
from bgmatte.reporting.resolution import asked_words
from bgmatte.reporting.study import MAIN, Study
from bgmatte.reporting.words import counted, listed, sentence
from bgmatte.sources import source_of
from bgmatte.variants import BASELINE, VARIANTS

_PYTHON = ".venv/bin/python -m bgmatte"  # as README says it


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
            f"All held-out people stand before {_scenes()} photographs. Intervals speak for other people like them and "
            "take these backgrounds as given.",
        ),
        (
            "Errors not comparable with the published ones.",
            f"Here {listed(unlike_published(study))}; and the paper reports the trimap’s unknown region only. What may be "
            "compared are rows of this study with each other; where a printed number has a counterpart here, the ablation’s section sets the "
            "two changes side by side and says how far they can be compared.",
        ),
        (
            "Several measures.",
            f"Holm’s correction holds within one ablation and one measure. A sentence that names another measure than {MAD.title} over the whole "
            f"frame has chosen it among {len(WITNESSES)}, so that one may be clear by chance; it is said because hiding it would be worse.",
        ),
    ]
    if network.width < 1:
        items.append(
            (
                "The recipe was made for the baseline.",
                f"Rates, initialisation and what the drawn data show were chosen by the baseline’s error on {_chosen_on()} who are not in the "
                "test, the number of steps also by the time that a study may take. That another choice was needed was seen on this test too, so "
                "its numbers are not wholly untouched by the choice. The other rows inherit a recipe that was made for the baseline.",
            )
        )
        items.append(
            (
                "The networks are narrow.",
                f"Quality comes from networks with {network.width:g} of the published channel counts{_trained(study)}; speed is timed at full "
                "width. A part that pays only after long training is undervalued here.",
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
        asked = sentence(words) if (words := asked_words(study)) else ""
        items.append(
            (
                "Few seeds.",
                f"Intervals allow for the luck of training, which {counted(len(study.seeds), 'seed')} tell roughly: that makes them wide, and the "
                f"adjusted p stricter than they are, so that a difference may be missed. {asked}",
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
            "In the numbers of the ablations it is perturbed by less than a pixel of translation, gamma and noise."
            + (
                " Larger disturbances, and a shadow, are in the section on the captured background, each alone; scenes that changed were not tested."
                if study.any_run().table("captured")
                else " Shadows, moved cameras and changed scenes were not tested."
            ),
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


def _trained(study: Study) -> str:
    """How long a run's training takes, shared phases included, on average over runs; nothing where no time was recorded."""
    _, alone = shared_saving(study)
    runs = sum(len(records) for row, records in study.runs.items() if VARIANTS[row].trained)
    return f" and {duration(alone / runs)} of training each, on average" if alone else ""


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
    *earlier, commit = study.commits
    profile, row = study.profile, next((name for name in study.runs if name != BASELINE), BASELINE)
    seeds = len(study.seeds)
    study_line = f"{_PYTHON} study --profile {profile}{f' --seeds {seeds}' if seeds > 1 else ''}"
    checkout = (
        f"git checkout {commit.removesuffix('-changed')}",
        "The project at the commit of this study."
        + (" The working tree held changes beyond it." if commit.endswith("-changed") else "")
        + (f" Earlier runs were made at {listed(earlier)}." if earlier else ""),
    )
    lines = [
        *([checkout] if commit != "unknown" else []),
        (
            study_line,
            f"Everything: data, training, evaluation, timing, notebooks and this page, into reports/{profile}/. What is up to date is "
            "not done again.",
        ),
        (f"{_PYTHON} study --profile {profile} --only {row} --seeds 3", "One row alone, here with three seeds."),
        (f"{_PYTHON} report --profile {profile}", "This page again from the records alone, by the code at the commit in its last line."),
    ]
    words = (
        f"Each row’s record lies in reports/{profile}/runs/<row>-seed<k>/, called the record below: its whole configuration in run.json with the "
        "SHA-256 of every other file. The same seed on the same machine gives the same bits; on another machine numbers may differ in late digits.",
    )
    return (Commands(tuple(lines)), Prose(words), _numbers(study))


def _numbers(study: Study) -> Facts:
    """Each kind of number: what makes it again, and where it lies."""
    profile = study.profile
    judge = f"{_PYTHON} evaluate --profile {profile} --row ROW --seed K"
    frame, unknown = (", ".join(measure.column + region for measure in MEASURES) for region in REGIONS)
    main = f"of the lines with set {MAIN} and weights own or swapped"
    kinds = (
        ("Error over the whole frame", judge, f"images.csv of the record, columns {frame} {main}"),
        ("Error in the unknown region", judge, f"images.csv of the record, columns {unknown} {main}"),
        ("Difference, interval, adjusted p, reading", f"{_PYTHON} report --profile {profile}", "the same columns of both rows’ records"),
        ("Error by distance and by alpha", judge, "images.csv of the record, columns mad_band_… and mad_alpha_…"),
        ("Patches refined, error covered", judge, "images.csv of the record, columns patches, covered"),
        ("Quality against budget", judge, "budgets.csv of the record, by selector and patches"),
        ("Calibration of predicted error", judge, "reliability.csv of the record; images.csv, columns err_rank, err_recall_…, err_best_…"),
        ("Captured background", judge, "captured.csv of the record, by disturbance and amount"),
        ("Learning and forgetting", f"{_PYTHON} train --profile {profile} --row ROW --seed K", "curves.csv of the record, validation_…"),
        ("Time, frames a second, memory", f"{_PYTHON} time --profile {profile}", f"reports/{profile}/timing.json, sizes → rows"),
        (
            "Cost of the study",
            f"{_PYTHON} study --profile {profile}",
            f"reports/{profile}/stages.json, jobs; run.json of the record, seconds and phases",
        ),
        ("Mattes shown", judge, "pictures/<image>/ of the record: pha.webp; src.webp and true.webp of the baseline’s"),
    )
    return Facts("What makes each kind of number again, and where it lies", tuple((kind, f"{command} → {place}") for kind, command, place in kinds))
