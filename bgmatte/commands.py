"""What each command of the command line does: a few calls each, heavy imports only where they are used."""

import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bgmatte.cache import checkpoint_fault, checkpoint_path
from bgmatte.jsonable import require
from bgmatte.lineage import chains
from bgmatte.profiles import PROFILES, profile, run_config
from bgmatte.progress import tell
from bgmatte.variants import VARIANTS
from bgmatte.workflow.tree import chain_to

if TYPE_CHECKING:
    from bgmatte.inference import Settings

Command = Callable[[Namespace], int | None]
GREEN = "#00b140"  # what composites stand on unless told otherwise: a studio's green screen


def profiles() -> str:
    """The profiles there are, in words."""
    return ", ".join(PROFILES)


def rows() -> str:
    """The rows there are, in words."""
    return ", ".join(VARIANTS)


def trained_rows() -> str:
    """The rows that have weights of their own, in words."""
    return ", ".join(name for name, row in VARIANTS.items() if row.trained)


def study(options: Namespace) -> int:
    """Bring a study up to date."""
    from bgmatte.workflow.real_data import start_from, use, with_indexes
    from bgmatte.workflow.study import run_study

    folders = use(options.data, options.profile)
    if not options.plan:  # which makes nothing
        with_indexes(folders, tell)
    start_from(options.start)
    return run_study(options.profile, options.only, options.seeds, options.jobs, options.executor, options.cluster, options.plan)


def train(options: Namespace) -> None:
    """Train the missing phases of a row, or a phase by its key and those before it."""
    from bgmatte.workflow.real_data import use

    use(options.data, options.profile)
    if options.phase:
        plans = chain_to(options.profile, options.seed, options.phase)
    else:
        found = chains(run_config(options.profile, options.row, options.seed))
        plans = tuple({plan.key: plan for chain in found for plan in chain}.values())

    from bgmatte.training import train_phase
    from bgmatte.training.parallel import together

    with together() as team:  # torchrun starts this command once for each GPU
        missing = [plan for plan in plans if checkpoint_fault(checkpoint_path(plan.key))]
        team.wait()  # all have looked before anything is made
        total, done = sum(plan.phase.steps for plan in missing), 0
        for plan in missing:
            train_phase(plan, progress=_from(done, total))
            done += plan.phase.steps
    if team.leads:
        print("\n".join(str(checkpoint_path(plan.key)) for plan in plans))


def evaluate(options: Namespace) -> None:
    """Judge a trained row and write its record."""
    from bgmatte.workflow.real_data import use

    use(options.data, options.profile)
    run = run_config(options.profile, options.row, options.seed)

    from bgmatte.evaluation import evaluate_run
    from bgmatte.records import run_folder

    print(evaluate_run(run, run_folder(run), progress=tell))


def time(options: Namespace) -> None:
    """Measure the speed of every row."""
    from bgmatte.records import reports_folder

    size = profile(options.profile)

    from bgmatte.timing import time_rows
    from bgmatte.workflow.repair import begin, remember

    folder = reports_folder(size.name)
    time_rows(size.name, folder / "timing.json")
    begin(folder, ("timing.json",))
    remember(folder, ("timing.json",))
    print(folder / "timing.json")


def bench(options: Namespace) -> None:
    """Measure the fast path against the plain one and tell it as a page with tables and a drawing."""
    size = profile(options.profile)

    from bgmatte.inference.weights import check_precision, chosen_device
    from bgmatte.records import reports_folder
    from bgmatte.reporting.bench import tell_bench
    from bgmatte.timing.bench import bench as measure

    device = chosen_device(options.device)
    check_precision(device, options.precision)
    out = options.out or reports_folder(size.name)
    name = f"bench-{options.name}" if options.name else "bench"
    measured = out / f"{name}.json"
    measure(size.name, measured, device=str(device), precision=options.precision, compile=options.compile)
    print(tell_bench(measured))


def report(options: Namespace) -> None:
    """Write the report of a profile from its records, or two studies side by side."""
    if options.compare:
        from bgmatte.reporting.side_by_side.page import build_comparison

        first, second = options.compare
        print(build_comparison(first, second, options.out))
        return
    require(options.out is None, "--out", str(options.out), "nothing: only a comparison is written elsewhere, with --compare")
    name = profile(options.profile).name

    from bgmatte.reporting import build_report

    print(build_report(name))


def pretrain(options: Namespace) -> None:
    """Train the starting weights that ship."""
    from bgmatte.training.pretraining import pretrain as pretrain_network

    print(pretrain_network(options.backbone, options.context, options.width, options.precision, progress=tell))


def ship(options: Namespace) -> None:
    """Write the small trained baseline that ships."""
    from bgmatte.shipping import ship as ship_networks

    print("\n".join(map(str, ship_networks(profile(options.profile).name, progress=tell))))


def notebook(options: Namespace) -> None:
    """Execute a notebook."""
    from bgmatte.workflow.notebooks import execute

    print(execute(options.name, options.out, dict(options.parameters)))


def matte(options: Namespace) -> int:
    """Matte pictures or a video that a user has."""
    from bgmatte.inference import Job, Matter, run
    from bgmatte.inference.backdrop import backdrop
    from bgmatte.inference.places import in_folder, kind, layers_asked, places
    from bgmatte.inference.weights import chosen_device, chosen_network

    folder, over = in_folder(options.out, kind(options.src)), options.over or GREEN
    layers = layers_asked(options.write, options.over, folder)
    behind = backdrop(over) if "composite" in layers else None
    reads = (Path(over),) if Path(over).is_file() else ()
    network, config = chosen_network(options.checkpoint, options.row, options.profile, options.seed)
    matter = Matter(network, config, _settings(options), chosen_device(options.device))

    outcome = run(Job(options.src, options.bgr, options.out, layers, matter, behind, options.existing, reads), tell)
    for line in (*outcome.notes, *(f"not done: {line}" for line in outcome.failed)):
        print(line, file=sys.stderr)
    kept = f", {outcome.kept} were there already" if outcome.kept else ""
    where = options.out if folder else ", ".join(str(path) for path in places(options.out, layers, None).values())
    print(f"{where}: {outcome.done} done ({', '.join(layers)}){kept}{f', {len(outcome.failed)} failed' if outcome.failed else ''}")
    return 1 if outcome.failed else 0


def export(options: Namespace) -> None:
    """Write a network as an ONNX file."""
    from bgmatte.inference.export import export as export_network
    from bgmatte.inference.places import protect
    from bgmatte.inference.settings import configured
    from bgmatte.inference.weights import chosen_network

    protect((), (options.out,), "replace" if options.overwrite else "refuse", "or --overwrite")
    network, config = chosen_network(options.checkpoint, options.row, options.profile, options.seed)
    config = configured(config, options.height, options.width, _settings(options))
    largest = export_network(network, config, options.out, options.height, options.width, options.batch, options.opset)
    print(f"{options.out}: {options.batch} × {options.width}×{options.height} px; largest difference to ONNX Runtime {largest:.1e}")


def _settings(options: Namespace) -> "Settings":
    from bgmatte.inference.settings import Settings

    return Settings(options.selector, options.patches, options.threshold, options.scale)


def _from(done: int, total: int) -> Callable[[int, int, str], None]:
    """Progress of one phase as part of a longer training, `done` steps of which lie before it."""
    return lambda step, _, what: tell(done + step, total, what)
