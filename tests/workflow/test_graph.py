"""The graph of a study: everything once, in order, shared prefixes in one branch; a row alone brings only what it needs."""

from pathlib import Path

import pytest

from bgmatte import installed, starting
from bgmatte.jsonable import ConfigError
from bgmatte.lineage import chains
from bgmatte.orders import visits
from bgmatte.profiles import run_config
from bgmatte.variants import VARIANTS
from bgmatte.workflow import graph, tree


@pytest.fixture(autouse=True)
def shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The graph needs to know the starting weights, not to have trained them."""
    weights = tmp_path / "weights"
    weights.write_bytes(b"any")
    monkeypatch.setattr(starting, "starting_weights", lambda network: weights)


@pytest.fixture
def notebooks(monkeypatch, tmp_path):
    for name in ("run", "data", "explore_patches", "report", *graph.ESSAYS):
        (tmp_path / f"{name}.ipynb").write_text("{}")
    monkeypatch.setattr(graph, "NOTEBOOKS", tmp_path)
    graph._source.cache_clear()
    yield tmp_path
    graph._source.cache_clear()


def test_jobs_stand_in_an_order_in_which_they_could_run(notebooks):
    seen: set[str] = set()
    for job in graph.study("smoke").jobs.values():
        assert set(job.needs) <= seen, job.label
        seen |= set(job.outputs)


def test_every_output_and_label_is_made_once(notebooks):
    whole = graph.study("smoke", seeds=2)
    assert len(whole.targets) == len(set(whole.targets))
    assert len({job.label for job in whole.jobs.values()}) == len(whole.jobs)
    assert {"report.html", "summary.json", "timing.json", "runs/oracle-seed1/run.json", "notebooks/2_error_prediction.ipynb"} <= set(whole.targets)


def prefixes(profile: str, seed: int) -> dict[tuple, list[str]]:
    """Everything a row's training has in common with others, counted from the table alone: each prefix, and the rows that have it."""
    found: dict[tuple, list[str]] = {}
    for row in (row for row in VARIANTS.values() if row.trained):
        network, data = run_config(profile, row.name, seed).network, visits(row.order, seed)
        joint = [(network, data[:count]) for count in (2, 3, 4)]
        for prefix in [(network.backbone, network.context, data[0]), *joint]:
            found.setdefault(prefix, []).append(row.name)
    return found


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_shared_phases_are_trained_once(seed):
    rows = prefixes("smoke", seed)
    branches = tree.branches([run_config("smoke", row, seed) for row in VARIANTS])
    plans = [plan for branch in branches for plan in branch.plans]
    assert len(plans) == len({plan.key for plan in plans}) == len(rows)
    assert sorted(len(branch.rows) for branch in branches for _ in branch.plans) == sorted(map(len, rows.values()))
    published = next(branch for branch in branches if "baseline" in branch.rows)
    assert published.words == "base on videomatte"
    kept = ("baseline", "no-refinement", "select-random", "select-grid", "select-edge", "select-edge-image", "stages-full", "stages-half")
    assert {*kept, "only-videomatte"} <= set(published.rows) <= {*kept, "only-videomatte", "order-random"}
    trained = {branch.key for branch in branches}
    assert all(branch.parent is None or branch.parent in trained for branch in branches)


def test_a_branch_ends_where_rows_part():
    branches = {branch.rows: branch.words for branch in tree.branches([run_config("smoke", row) for row in VARIANTS])}
    assert branches["baseline",] == "joint on photomatte, distinctions", "the first joint phase is that of only-videomatte"
    assert branches["base-resnet101",] == "base on videomatte, joint on videomatte, photomatte, distinctions"
    assert branches["order-reverse", "only-distinctions"] == "base on distinctions, joint on distinctions"


def test_shared_share_is_what_counting_gives(notebooks):
    steps = [phase.steps for phase in run_config("quick", "baseline").recipe]
    rows = prefixes("quick", 0)
    trained = sum(steps[0] if len(prefix) == 3 else steps[len(prefix[1]) - 1] for prefix in rows)
    alone = sum(row.trained for row in VARIANTS.values()) * sum(steps)
    assert graph.study("quick").shared == pytest.approx(1 - trained / alone)


def test_a_second_seed_adds_its_own_jobs_and_keeps_the_first(notebooks):
    one, two = graph.study("smoke", seeds=1), graph.study("smoke", seeds=2)
    merging = ("notebook", "report")
    first = {output: job for output, job in one.jobs.items() if job.stage not in merging}
    assert {output: two.jobs[output] for output in first} == first, "not one of them is done again"
    added = [job for output, job in two.jobs.items() if output not in one.jobs]
    assert len(added) == len(VARIANTS) + len(tree.branches([run_config("smoke", row, 1) for row in VARIANTS]))
    assert all("seed1" in job.outputs[0] for job in added)
    for essay in graph.ESSAYS:
        path = f"notebooks/{essay}.ipynb"
        assert set(two.jobs[path].needs) - set(one.jobs[path].needs) == {job.outputs[0] for job in added if job.stage == "run"}
    report = two.jobs["report.html"]
    assert {f"runs/{row}-seed{seed}/run.json" for row in VARIANTS for seed in (0, 1)} <= set(report.needs)


def test_what_is_installed_decides_what_is_evaluated_again(notebooks, monkeypatch):
    before = graph.study("smoke").jobs
    monkeypatch.setattr(installed, "present", lambda: ("real-stamps",))
    after = graph.study("smoke").jobs
    assert {job.stage for output, job in after.items() if job != before[output]} == {"run", "notebook"}  # the data notebook shows held-out pictures
    assert all(job.key != before[output].key for output, job in after.items() if job.stage == "run")


def test_a_row_alone_brings_its_training_and_nothing_else(notebooks):
    alone = graph.study("smoke", ["no-refinement"])
    stages = [job.stage for job in alone.jobs.values()]
    assert set(stages) == {"data", "train", "run"}
    assert stages.count("train") == 1  # base and joint phases without a fork between them
    assert [len(branch.plans) for branch in alone.branches] == [4]


def test_a_selector_alone_brings_the_baseline_it_is_swapped_with(notebooks):
    alone = graph.study("smoke", ["select-grid"], seeds=3)
    assert [run.name for run in alone.runs] == ["select-grid-seed0", "select-grid-seed1", "select-grid-seed2"]
    assert {plan.run.row for branch in alone.branches for plan in branch.plans} == {"select-grid", "baseline"}
    for run in alone.runs:
        needs = alone.jobs[f"runs/{run.name}/run.json"].needs
        assert sum(path.startswith(f".engine/train/seed{run.seed}-") for path in needs) == 2


def test_reference_rows_train_nothing_of_their_own(notebooks):
    assert not graph.study("smoke", ["difference-key"]).branches
    assert {plan.run.row for branch in graph.study("smoke", ["oracle"]).branches for plan in branch.plans} == {"baseline"}


def test_keys_change_with_what_decides_the_result(notebooks, monkeypatch):
    before = graph.study("smoke").jobs
    (notebooks / "run.ipynb").write_text("{ }")
    graph._source.cache_clear()
    after = graph.study("smoke").jobs
    changed = {job.label for output, job in after.items() if before[output].key != job.key}
    assert changed == {f"run {row}-seed0" for row in VARIANTS}


def test_a_phase_is_found_by_its_key():
    chain = chains(run_config("smoke", "select-grid", 1))[0]
    assert tree.chain_to("smoke", 1, chain[2].key) == chain[:3]
    with pytest.raises(ConfigError, match=chain[2].key):
        tree.chain_to("smoke", 1, "0" * 16)


@pytest.mark.parametrize("seeds", [0, -1, 1.5, True])
def test_a_senseless_number_of_seeds_is_refused(seeds):
    with pytest.raises(ConfigError, match="seeds"):
        graph.study("smoke", seeds=seeds)
