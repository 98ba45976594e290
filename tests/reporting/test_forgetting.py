"""What training forgets: the end of a run against the end of the phase that last drew from a data set."""

import numpy
import pytest

from bgmatte.reporting import read_study
from bgmatte.reporting.ablation.forgetting import baseline_forgets, forgetting_table, kept, spelled


def test_what_is_forgotten_is_the_end_against_the_end_of_its_own_phase(write_study, cells):
    write_study("smoke", rows=("baseline", "order-random", "order-mixed", "order-reverse", "only-photomatte"), subjects=2)
    study = read_study("smoke")
    (base,) = study.runs["baseline"]
    ends = {int(line["phase"]): line["validation_videomatte"] for line in base.curves}  # the last line of each phase
    seen = kept(base, "videomatte")  # phases 0 and 1 draw from it
    assert (seen.own, seen.end) == pytest.approx((1e3 * ends[1], 1e3 * ends[3]))
    assert seen.change == pytest.approx(100 * (ends[3] / ends[1] - 1))
    assert kept(base, "distinctions").change is None, "training ended with it"
    (alone,) = study.runs["only-photomatte"]
    assert kept(alone, "videomatte").own is None
    assert "VideoMatte240K" in baseline_forgets(study) and "Distinctions-646" not in baseline_forgets(study)
    told = cells(forgetting_table(study))
    assert told["only-photomatte"]["VideoMatte240K"].notes == ("never trained on",)
    assert told["order-mixed"]["PhotoMatte13K"].notes == ("trained on to the end",)
    assert spelled(study.runs["order-reverse"][0]) == "Distinctions → PhotoMatte → VideoMatte"
    assert spelled(study.runs["order-mixed"][0]) == "all three throughout"


def test_a_drawn_order_is_averaged_over_the_seeds_that_left_a_data_set(write_study, cells):
    write_study("smoke", rows=("baseline", "order-random"), subjects=2, seeds=4)
    study = read_study("smoke")
    records = study.runs["order-random"]
    left = [found for record in records if (found := kept(record, "videomatte")).change is not None]
    assert 0 < len(left) < len(records), "the seeds of this test must differ in whether they end with it"
    cell = cells(forgetting_table(study))["order-random"]["VideoMatte240K"]
    assert cell.notes[-1].startswith(f"in {len(left)} of 4 seeds")
    assert float(cell.text.split(" → ")[1]) == pytest.approx(numpy.mean([found.end for found in left]), rel=1e-2)
