"""Every row of the plan is judged with its own weights, and a replaced selector with the baseline's too."""

import pytest

from bgmatte.lineage import chains, judges
from bgmatte.phases import phase_plans
from bgmatte.profiles import run_config
from bgmatte.variants import VARIANTS


@pytest.mark.parametrize("row", VARIANTS)
def test_every_row_is_judged_with_the_weights_of_the_rows_it_should(row):
    seen = {weights: run.row for weights, run in judges(run_config("smoke", row, 3)).items()}
    if row == "difference-key":
        assert seen == {}
    elif row == "oracle":
        assert seen == {"own": "baseline"}
    elif row.startswith("select-"):
        assert seen == {"own": row, "swapped": "baseline"}
    else:
        assert seen == {"own": row}


def test_chains_are_the_phases_of_the_judges_at_the_runs_seed():
    run = run_config("smoke", "select-grid", 3)
    assert chains(run) == (phase_plans(run), phase_plans(run_config("smoke", "baseline", 3)))
    assert chains(run_config("smoke", "oracle", 3)) == (phase_plans(run_config("smoke", "baseline", 3)),)
    assert not chains(run_config("smoke", "difference-key"))
