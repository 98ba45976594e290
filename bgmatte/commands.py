"""What each command of the command line does: a few calls each, heavy imports only where they are used."""

from argparse import Namespace
from collections.abc import Callable

from bgmatte.cache import checkpoint_fault, checkpoint_path
from bgmatte.profiles import PROFILES, profile, run_config
from bgmatte.progress import tell
from bgmatte.variants import VARIANTS
from bgmatte.workflow.tree import chain_to, chains

Command = Callable[[Namespace], int | None]


def profiles() -> str:
    """The profiles there are, in words."""
    return ", ".join(PROFILES)


def rows() -> str:
    """The rows there are, in words."""
    return ", ".join(VARIANTS)


def study(options: Namespace) -> int:
    """Bring a study up to date."""
    from bgmatte.workflow.study import run_study

    return run_study(options.profile, options.only, options.seeds, options.jobs, options.executor, options.plan)


def make_data(options: Namespace) -> None:
    """Draw data sets into the cache."""
    from bgmatte.data.store import make_set
    from bgmatte.workflow.graph import SETS

    data = profile(options.profile).data
    for name in options.names or SETS:
        print(f"{name}: {make_set(name, data, workers=options.workers)}")


def list_data(options: Namespace) -> None:
    """Say which data sets there are and whether they are whole."""
    from bgmatte.cache import data_folder
    from bgmatte.data.store import faults
    from bgmatte.workflow.graph import SETS

    data = profile(options.profile).data
    for name in SETS:
        folder = data_folder(name, data)
        state = "not made yet" if not folder.exists() else "damaged" if faults(name, data) else "ready"
        print(f"{name:<18} {state:<14} {folder}")


def train(options: Namespace) -> None:
    """Train the missing phases of a row, or a phase by its key and those before it."""
    if options.phase:
        plans = chain_to(options.profile, options.seed, options.phase)
    else:
        found = chains(run_config(options.profile, options.row, options.seed))
        plans = tuple({plan.key: plan for chain in found for plan in chain}.values())

    from bgmatte.training import train_phase

    missing = [plan for plan in plans if checkpoint_fault(checkpoint_path(plan.key))]
    total, done = sum(plan.phase.steps for plan in missing), 0
    for plan in missing:
        train_phase(plan, progress=_from(done, total))
        done += plan.phase.steps
    print("\n".join(str(checkpoint_path(plan.key)) for plan in plans))


def evaluate(options: Namespace) -> None:
    """Judge a trained row and write its record."""
    run = run_config(options.profile, options.row, options.seed)

    from bgmatte.evaluation import evaluate_run
    from bgmatte.records import run_folder

    print(evaluate_run(run, run_folder(run), progress=tell))


def time(options: Namespace) -> None:
    """Measure the speed of every row."""
    from bgmatte.records import reports_folder

    size = profile(options.profile)

    from bgmatte.timing import time_rows
    from bgmatte.workflow.repair import remember

    folder = reports_folder(size.name)
    time_rows(size.name, folder / "timing.json")
    remember(folder, ("timing.json",))
    print(folder / "timing.json")


def report(options: Namespace) -> None:
    """Write the report of a profile from its records."""
    name = profile(options.profile).name

    from bgmatte.reporting import build_report

    print(build_report(name))


def pretrain(options: Namespace) -> None:
    """Train the starting weights that ship."""
    from bgmatte.training.pretraining import pretrain as pretrain_network

    print(pretrain_network(options.backbone, options.context, options.width, progress=tell))


def notebook(options: Namespace) -> None:
    """Execute a notebook."""
    from bgmatte.workflow.notebooks import execute

    print(execute(options.name, options.out, dict(options.parameters)))


def _from(done: int, total: int) -> Callable[[int, int, str], None]:
    """Progress of one phase as part of a longer training, `done` steps of which lie before it."""
    return lambda step, _, what: tell(done + step, total, what)
