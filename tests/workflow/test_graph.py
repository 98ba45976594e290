"""The graph of a study: everything once, in order, shared prefixes in one branch; a row alone brings only what it needs."""

from pathlib import Path

import pytest

from bgmatte import starting
from bgmatte.jsonable import ConfigError
from bgmatte.lineage import chains
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
    for name in ("run", "data", "report", *graph.ESSAYS):
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


def test_shared_phases_are_trained_once():
    runs = [run_config("smoke", row) for row in VARIANTS]
    branches = tree.branches(runs)
    keys = [plan.key for branch in branches for plan in branch.plans]
    trained = [row for row in VARIANTS.values() if row.trained]
    assert len(keys) == len(set(keys)) == 1 + 3 * len(trained)
    assert len(branches) == 1 + len(trained)
    assert branches[0].rows == tuple(row.name for row in trained)
    assert all(branch.parent == branches[0].key for branch in branches[1:])
    assert branches[0].words == "base on videomatte"
    assert branches[1].words == "joint on videomatte, photomatte, distinctions"


def test_shared_share_is_what_counting_gives(notebooks):
    study = graph.study("quick")
    base, joint = 1 * 150, 3 * 50
    trained = sum(row.trained for row in VARIANTS.values())
    steps = run_config("quick", "baseline").recipe
    base, joint = steps[0].steps, sum(phase.steps for phase in steps[1:])
    assert study.shared == pytest.approx(1 - (base + trained * joint) / (trained * (base + joint)))


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
