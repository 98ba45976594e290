"""The study as a graph of jobs: data sets → phases → runs → timing and notebooks → report. No torch."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bgmatte import installed
from bgmatte.cache import data_key
from bgmatte.config import ROLES, RunConfig
from bgmatte.fingerprint import PROJECT, code_digest, file_digest
from bgmatte.jsonable import digest, require, to_dict
from bgmatte.lineage import chains
from bgmatte.manifest import manifest_digest
from bgmatte.phases import BACKGROUNDS, PHOTOGRAPHS, STAND_INS, generated_sets
from bgmatte.profiles import Profile, profile, run_config
from bgmatte.variants import VARIANTS, variant
from bgmatte.workflow.tree import Branch, branches

NOTEBOOKS = PROJECT / "notebooks"
ESSAYS = (
    "1_two_stage",
    "2_error_prediction",
    "3_dataset_order",
    "4_base_network",
    "5_refinement_strategy",
)  # one per ablation of `variants.ABLATIONS`
ALONE = ("data", "time")  # stages that use every core and let nothing else run meanwhile
SETS = (*(STAND_INS[role] for role in ROLES), BACKGROUNDS)  # what a study draws that no real set replaces

# Stages in the order in which they are told; the names are those of the Snakefile's rules.
STAGES = {"data": "data sets", "train": "training", "run": "runs", "time": "timing", "notebook": "notebooks", "report": "report"}

# What results depend on besides configuration and the files that are read; the figures inside an executed
# run are left out on purpose, or every change of a plot would evaluate every row again.
_PICTURES = ("data.readers", "data.sets", "data.stocks", "data.test_pictures", "installed", "augment", "images")
_REAL = ("data.published",)  # only where real data sets are read
_CODE = {
    "run": (
        *_PICTURES,
        "data.store",
        "evaluation",
        "history",
        "lineage",
        "keying",
        "records",
        "sampling",
        "metrics",
        "patches",
        "ranking",
        "network",
    ),
    "time": (
        "timing.__init__",
        "timing.conditions",
        "timing.cost",
        "timing.interleaving",
        "timing.subject",
        "network",
        "patches",
        "images",
        "allocator",
    ),
    "look": (*_PICTURES, "data.contact_sheets", "data.effects", "data.recipe", "data.training_pictures", "figures"),
    "explore": (*_PICTURES, "data.store", "explorer", "figures", "inference", "metrics", "network", "patches", "ranking", "records", "shipped"),
    "tell": ("reporting", "figures", "statistics", "records", "variants", "orders", "profiles", "phases"),
}


@dataclass(frozen=True)
class Job:
    """One node: what it is called, what it leaves, and the jobs (by their first output) it waits for.

    Paths are relative to the profile's report folder. `kind` groups jobs that take about equally long. `key` is
    whatever decides the job's result besides its inputs: when it changes, the job is done again. `work` is how long it
    may take compared with others, until it was measured [about s].
    """

    stage: str
    kind: str
    label: str
    outputs: tuple[str, ...]
    needs: tuple[str, ...] = ()
    key: str = ""
    work: float = 5.0


@dataclass(frozen=True)
class Study:
    """The whole graph; `jobs` maps a job's first output to the job, in an order in which they could run."""

    profile: str
    runs: tuple[RunConfig, ...]
    branches: tuple[Branch, ...]
    jobs: dict[str, Job]
    partial: bool  # only some rows, without timing, notebooks and report

    @property
    def targets(self) -> list[str]:
        """Every output of every job: an engine does not rebuild a lost intermediate that nobody asks for."""
        return [path for job in self.jobs.values() for path in job.outputs]

    @property
    def phases(self) -> int:
        """How many phases are trained."""
        return sum(len(branch.plans) for branch in self.branches)

    @property
    def shared(self) -> float:
        """The share of training steps that shared phases save, 0–1."""
        steps = [(sum(plan.phase.steps for plan in branch.plans), len(branch.rows)) for branch in self.branches]
        alone = sum(count * rows for count, rows in steps)
        return 1 - sum(count for count, _ in steps) / alone if alone else 0.0


def study(profile_name: str, only: Iterable[str] = (), seeds: int | None = None) -> Study:
    """The graph of a profile, or of the rows in `only` alone (then without timing, notebooks and report).

    Raises `ConfigError` for an unknown profile or row and for a number of seeds below 1.
    """
    size, only = profile(profile_name), tuple(only)
    seeds = size.seeds if seeds is None else seeds
    require(type(seeds) is int and seeds >= 1, "seeds", seeds, "a whole number, 1 or more")
    rows = [variant(name).name for name in only] or list(VARIANTS)
    runs = tuple(run_config(profile_name, row, seed) for seed in range(seeds) for row in rows)
    tree = branches(runs)

    data = [_data_job(name, runs[0]) for name in generated_sets(runs[0])]
    jobs = data + [_train_job(branch, data) for branch in tree]
    jobs += [_run_job(run) for run in runs]
    if not only:
        jobs += [_time_job(profile_name), _data_notebook_job(size, data), _explorer_job()]
        jobs += [_essay_job(name, [job for job in jobs if job.stage in ("run", "time")]) for name in ESSAYS]
        jobs += [_report_job([job for job in jobs if job.stage in ("run", "time", "notebook")])]
    return Study(profile_name, runs, tree, {job.outputs[0]: job for job in jobs}, bool(only))


def data_output(name: str, key: str) -> str:
    """The mark that a data set is made."""
    return f".engine/data/{name}-{key}"


def train_output(seed: int, key: str) -> str:
    """The mark that a phase is trained; the checkpoint itself lives in the cache."""
    return f".engine/train/seed{seed}-{key}"


def run_outputs(name: str) -> tuple[str, ...]:
    """What every run leaves."""
    return tuple(f"runs/{name}/{file}" for file in ("run.json", "run.ipynb", "images.csv", "curves.csv"))


def _data_job(name: str, run: RunConfig) -> Job:
    return Job("data", name, f"make {name}", (data_output(name, data_key(name, run.data)),))


def _train_job(branch: Branch, data: list[Job]) -> Job:
    parent = [train_output(branch.seed, branch.parent)] if branch.parent else []
    sets = [job.outputs[0] for job in data]  # all of them: the validation pictures come from every set
    owner = f"{len(branch.rows)} rows" if len(branch.rows) > 1 else branch.rows[0]
    label = f"train {owner}, seed {branch.seed}: {branch.words}"
    return Job("train", branch.kind, label, (train_output(branch.seed, branch.key),), (*parent, *sets), work=branch.work)


def _run_job(run: RunConfig) -> Job:
    last = [chain[-1].key for chain in chains(run)]
    sets = {name: data_key(name, run.data) for name in generated_sets(run)}
    code = code_digest(*_CODE["run"], *(_REAL if run.sources else ()))
    content = {"run": to_dict(run), "phases": last, "data": sets, "held out": _held_out(), "code": code, "notebook": _source("run")}
    needs = (*(train_output(run.seed, key) for key in last), *(data_output(*item) for item in sets.items()))
    kind = f"{run.mask} {run.network.backbone}, judged {len(last) or 1}×"
    return Job("run", kind, f"run {run.name}", run_outputs(run.name), needs, digest(content), work=10 + 15 * len(last))


def _held_out() -> list[str]:
    return [manifest_digest(name) for name in ("rendered-people", PHOTOGRAPHS, *installed.present())]


def _time_job(profile_name: str) -> Job:
    sizes = [to_dict(size) for size in profile(profile_name).timing]
    key = digest({"sizes": sizes, "networks": {row: to_dict(run_config(profile_name, row).network) for row in VARIANTS}, "code": _code("time")})
    return Job("time", "every row", "time every row", ("timing.json",), (), key, work=150)


def _data_notebook_job(size: Profile, before: list[Job]) -> Job:
    shown = [to_dict(size.data), to_dict(size.test), to_dict(size.joint[0])], [manifest_digest(name) for name in SETS], _held_out()
    key = digest({"code": _code("look"), "notebook": _source("data"), "shown": shown})
    return _notebook_job("data", key, before, work=30.0)  # it draws; left to the end it would keep one core busy and the other idle


def _explorer_job() -> Job:
    quick = profile("quick")  # whose held-out pictures it shows
    shown = to_dict(quick.data), to_dict(quick.test), _beside("shipped"), _held_out()
    key = digest({"code": _code("explore"), "notebook": _source("explore_patches"), "shown": shown})
    return _notebook_job("explore_patches", key, [], work=15.0)


def _essay_job(name: str, before: list[Job]) -> Job:
    return _notebook_job(name, digest({"code": _code("tell"), "notebook": _source(name), "files": _beside("reporting")}), before)


def _notebook_job(name: str, key: str, before: list[Job], work: float = 5.0) -> Job:
    return Job("notebook", name, f"notebook {name}", (f"notebooks/{name}.ipynb",), tuple(job.outputs[0] for job in before), key, work)


def _report_job(before: list[Job]) -> Job:
    key = digest({"code": _code("tell"), "notebook": _source("report"), "files": _beside("reporting")})
    outputs = ("report.html", "summary.json", "answers.json", "notebooks/report.ipynb")
    return Job("report", "report", "write the report", outputs, tuple(job.outputs[0] for job in before), key)


@cache
def _code(stage: str) -> str:
    return code_digest(*_CODE[stage])


@cache
def _source(notebook: str) -> str:
    return file_digest(NOTEBOOKS / f"{notebook}.ipynb")


def _beside(package: str) -> list[str]:
    folder = Path(__file__).parents[1] / package
    return [file_digest(path) for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts]
