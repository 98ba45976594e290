"""The setting of a study: what was trained and judged in short, and the data with what they stand in for."""

from collections.abc import Iterable
from dataclasses import asdict
from itertools import groupby

from bgmatte.config import PhaseConfig, RunConfig
from bgmatte.figures.labels import FULL_ROLES
from bgmatte.manifest import read as read_manifest
from bgmatte.phases import STAND_INS, roles
from bgmatte.profiles import profile
from bgmatte.reporting.blocks import Facts
from bgmatte.reporting.study import MAIN, Arm, Study
from bgmatte.reporting.words import counted, listed
from bgmatte.sources import PUBLISHED, SCENERY, source_of
from bgmatte.variants import BASELINE, KEY

LONGER = "overnight"  # the profile that trains the same networks longer
_STARTS = {
    "shipped": "the encoder and context weights that ship with the project, trained by it on generic procedural shapes that are none of the "
    "three domains; the same policy for every row",
    "nothing": "random, for every row",
    "imagenet": "ImageNet weights of torchvision for the encoder without its first convolution; the rest random",
    "deeplabv3": "DeepLabV3 weights for encoder and context, as published, without the first convolution; the rest random",
    "file": "the parts that a given checkpoint holds; the rest random",
}


def setting(study: Study) -> Facts:
    """What was trained, how long and on what it was judged, in short."""
    run = study.any_run().config
    items = [
        ("Profile", f"{study.profile}: {profile(study.profile).purpose}"),
        ("Rows", _rows(study)),
        ("Seeds", seeds_told(study)),
        ("Network", _network(run)),
        ("Training", training_words(run)),
        ("Held-out test", _test(study)),
        ("Captured background", _perturbation(run)),
        ("Difference key", _key(study)),
    ]
    return Facts("What was trained, and on what it was judged", tuple((name, value) for name, value in items if value))


def data(study: Study) -> Facts:
    """Where the pictures come from that the networks saw and were judged on."""
    items = [
        ("Training data", _training_data(study.any_run().config)),
        ("Starting weights", _start(study)),
        ("Further held-out sets", _further(study)),
        ("Photographs shown", _photographs()),
    ]
    return Facts("The data", tuple((name, value) for name, value in items if value))


def unlike_published(study: Study) -> tuple[str, ...]:
    """What sets this study's errors apart from the printed ones, part by part: always the people, the rest where it is so."""
    run, paper = study.any_run().config, profile("paper")
    drawn = [role for role in roles(run) if source_of(run, role) is None]
    steps, published = training_steps(run), sum(phase.steps for phase in (paper.base, *paper.joint))
    return (
        "other people and sizes",
        *((f"{'all' if len(drawn) == len(roles(run)) else 'some'} training data drawn",) if drawn else ()),
        *((f"{steps:,} training steps, not {published:,}",) if steps < published else ()),
        *((f"networks {run.network.width:g} as wide",) if run.network.width != 1 else ()),
    )


def training_steps(run: RunConfig) -> int:
    """Steps over all phases of a run's recipe."""
    return sum(phase.steps for phase in run.recipe)


def refiner_steps(recipe: Iterable[PhaseConfig]) -> int:
    """Steps of the phases that train a refinement network."""
    return sum(phase.steps for phase in recipe if phase.kind == "joint")


def trained_longer(study: Study) -> str:
    """Where a study stands that trained refiners of this width longer; empty for one that trains them as long, or another width."""
    run, long = study.any_run().config, profile(LONGER)
    steps, longer = refiner_steps(run.recipe), refiner_steps(long.joint)
    if steps >= longer or run.network.width != long.network.width:
        return ""
    return (
        f"The refiner was trained for {steps:,} steps. What {longer:,} change is told by the profile {LONGER}, some rows of which stand in "
        f"the project beside this study, in reports/reference/{LONGER}/report.html: read its first answer before citing this one’s."
    )


def _rows(study: Study) -> str:
    missing = f"; not run: {listed(study.missing)}" if study.missing else ""
    return f"{len(study.runs)} of {len(study.runs) + len(study.missing)}{missing}"


def made(study: Study) -> str:
    """In a line how large the study is and at which commit it was made, e.g. '19 rows, 3 seeds, commit 0123456789ab'."""
    return f"{counted(len(study.runs), 'row')}, {counted(len(study.seeds), 'seed')}, commit{'s'[: len(study.commits) - 1]} {listed(study.commits)}"


def seeds_told(study: Study) -> str:
    """The training seeds, and which rows have fewer."""
    every = f"{counted(len(study.seeds), 'training seed')}: {', '.join(map(str, study.seeds))}"
    fewer: dict[str, list[str]] = {}
    for row in study.runs:
        if set(study.seeds_of(row)) != set(study.seeds):
            fewer.setdefault(", ".join(map(str, study.seeds_of(row))), []).append(row)
    told = "; ".join(f"{seeds} alone: {listed(rows)}" for seeds, rows in fewer.items())
    return every + (f"; not every row has all of them ({told}), and each is compared under the seeds it shares with the baseline" if fewer else "")


def _network(run: RunConfig) -> str:
    network = run.network
    width = "full width" if network.width == 1 else f"every channel count × {network.width:g}, depths, strides and rates as published"
    spent = f"; {network.refine.patches:,} patches of 4×4 px refined in each picture" if network.refine and network.refine.patches else ""
    return f"{network.backbone} with {network.context.upper()}, {width}; coarse network at {network.scale:g} of the side{spent}"


def training_words(run: RunConfig) -> str:
    """The recipe of a run, and what of it is not as published."""
    precision = "" if run.precision == "float32" else f" In {run.precision} precision."
    returning = any(phase.error_clamp == "returning" for phase in run.recipe)
    clamp = " Where the predicted error is clamped, slopes pass that lead back into 0–1; in the published recipe none do." if returning else ""
    return f"{training_steps(run):,} steps in every row; the baseline’s: {_phases(run.recipe)}.{precision}{clamp}"


def _phases(recipe: Iterable[PhaseConfig]) -> str:
    """Every phase in order; what neighbours have in common is said once."""
    told = []
    for (kind, how), alike in groupby(recipe, key=lambda phase: (phase.kind, _how(phase))):
        sets = [" + ".join(phase.datasets) for phase in alike]
        told.append(f"{kind} on {' → '.join(sets)} ({'each ' if len(sets) > 1 else ''}{how})")
    return " → ".join(told)


def _how(phase: PhaseConfig) -> str:
    side = f"{phase.size}–{phase.largest}" if phase.largest else f"{phase.size}"
    rates = ", ".join(f"{part} {rate:g}" for part, rate in asdict(phase.rates).items() if rate)
    return f"{phase.steps:,} steps, batch {phase.batch}, {side} px; {phase.schedule} rates: {rates}"


def _start(study: Study) -> str:
    starts = {
        (str(record.story["start"]["policy"]), record.story["start"]["file"], record.story["start"]["sha256"])
        for row, runs in study.runs.items()
        if row != KEY
        for record in runs
        if record.story.get("start")
    }
    policies = listed([_STARTS.get(policy, policy) for policy in sorted({start[0] for start in starts})])
    files = "; ".join(f"{file} (SHA-256 {str(digest)[:16]}…)" for _, file, digest in sorted(starts, key=str) if file)
    return f"{policies}{': ' + files if files else ''}"


def _training_data(run: RunConfig) -> str:
    data = run.data
    sizes = {
        "proc-video": f"{data.video_identities} people × {data.video_frames} frames",
        "proc-portrait": f"{data.portraits} portraits with fine hair",
        "proc-objects": f"{data.objects} people, about half of them with fur, lace, glass, wire or the like",
    }
    drawn = [
        f"{name} ({sizes[name]}) stands in for {FULL_ROLES[role]}"
        for role in roles(run)
        for name in (STAND_INS[role],)
        if source_of(run, role) is None
    ]
    real = [f"{source.name} (digest of its index {source.digest})" for source in run.sources if source.name in PUBLISHED.values()]
    scenes = (
        "the backgrounds brought along"
        if source_of(run, SCENERY)
        else f"{data.backgrounds} drawn backgrounds and the training half of the photographs"
    )
    parts = ([f"brought by the user: {'; '.join(real)}"] if real else []) + (
        [f"drawn by the project itself, {data.size} px: {'; '.join(drawn)}"] if drawn else []
    )
    return f"{'; '.join(parts)}; over {scenes}. {data.validation:.0%} of the groups are kept for validation."


def _test(study: Study) -> str:
    sample = study.sample(Arm(BASELINE), "mad") or study.sample(next(iter(study.arms)), "mad")
    test = study.any_run().config.test
    if sample is None:
        return ""
    pictures = len(sample.subjects) // max(1, len(set(sample.seeds)))
    return (
        f"{counted(pictures, 'picture')} of {counted(sample.people, 'subject')}, {test.size} px: rendered people (computer-made heads and "
        "shoulders with strand hair) "
        "over the test half of the photographed backgrounds. Neither was ever trained on; compositions are frozen by a seed."
    )


def _further(study: Study) -> str:
    held_out = study.any_run().story.get("held_out", {})
    counts = [f"{name}: {counted(count, 'picture')}" for name, count in held_out.get("pictures", {}).items() if name != MAIN]
    return "; ".join([*counts, *held_out.get("left_out", [])])


def _perturbation(run: RunConfig) -> str:
    test = run.test
    return (
        f"moved by up to {test.shift:g} px, gamma drawn from {1 - test.gamma:g}–{1 + test.gamma:g}, Gaussian noise with standard "
        f"deviation {test.noise:g} "
        "(in 0–1 units; the variances printed in the paper cannot be in these units, so this one was chosen). The source is untouched."
    )


def _key(study: Study) -> str:
    thresholds = {(record.story["key"]["low"], record.story["key"]["high"]) for record in study.runs.get(KEY, ()) if record.story.get("key")}
    return "; ".join(
        f"alpha rises from 0 to 1 where |I − B| goes from {low:.3f} to {high:.3f}, tuned on validation pictures" for low, high in sorted(thresholds)
    )


def _photographs() -> str:
    shown = read_manifest("photo-backgrounds").pictures("test")
    return listed([f"{entry.name} by {entry.author} ({entry.licence})" for entry in shown], last=", ")
