"""What is said of ablations 3 to 5: words that follow the intervals, forgetting, distance, further sets, seeds, and what cannot be known."""

import json

import numpy
import pytest

from bgmatte.data.test_pictures import HELD_OUT
from bgmatte.metrics import mad_by_distance
from bgmatte.records import RecordError
from bgmatte.reporting import build_report, read_study
from bgmatte.reporting.ablation.findings import findings
from bgmatte.reporting.ablation.forgetting import baseline_forgets, forgetting_table, kept, spelled
from bgmatte.reporting.comparisons import BASE, compare
from bgmatte.reporting.further.bands import bands, by_distance, distance_curves, distance_table
from bgmatte.reporting.resolution import resolution, resolutions
from bgmatte.reporting.study import MAIN, Arm
from bgmatte.reporting.tables import replaced_table, sets_table
from bgmatte.reporting.timings import speed_cell, timed_as

ORDERS = ("baseline", "order-random", "order-mixed", "order-reverse")
STAGES = ("baseline", "no-refinement", "stages-full", "stages-half")


def answer(study, ablation):
    return next(found for found in findings(study) if found.ablation == ablation)


def cells(table):
    """Row → column → text of a table."""
    return {row[0].text: {title: cell for (title, _), cell in zip(table.columns, row, strict=True)} for row in table.rows}


@pytest.mark.parametrize(
    ("means", "tone", "verdict", "words"),
    [
        ((0.012, 0.013, 0.014), "yes", "3 of 3 alternatives worse", "does better than each of 3 other orders"),
        ((0.012, 0.009, 0.014), "open", "2 of 3 alternatives worse", "does better than 2 of 3 other orders"),
        ((0.009, 0.009, 0.009), "open", "no difference found", "or another: no clear difference in MAD"),
        ((0.012, 0.006, 0.009), "no", "1 of 3 alternatives worse, 1 better", "1 of 3 other orders of the data sets do better"),
    ],
)
def test_the_headline_counts_what_the_intervals_say(write_study, means, tone, verdict, words):
    write_study("smoke", rows=ORDERS, own=dict(zip(ORDERS[1:], means, strict=True)), luck=0.0)
    told = answer(read_study("smoke"), 3)
    assert (told.tone, told.verdict) == (tone, verdict)
    assert words in told.headline
    assert len(told.points) == 3


def test_metrics_that_disagree_are_no_answer(write_study):
    write_study("smoke", rows=("baseline", "base-mobilenetv2"), own={"base-mobilenetv2": 0.012}, rough={"base-mobilenetv2": 0.4})
    told = answer(read_study("smoke"), 4)
    assert told.tone == "open"
    assert told.verdict == "measures disagree"
    assert "; but clearly lower: Grad over the whole frame" in told.points[0]
    assert told.headline.endswith(", by MAD")


def test_a_row_of_the_same_network_is_timed_as_that_and_a_reference_line_is_not(write_study):
    write_study("smoke", subjects=2)
    study = read_study("smoke")
    assert [timed_as(study, row) for row in ("baseline", "order-mixed", "stages-half", "oracle", "difference-key")] == [
        *("baseline", "baseline", "stages-half"),
        *(None, None),
    ]
    assert speed_cell(study, "only-photomatte", "HD").text == "as baseline"
    assert speed_cell(study, "oracle", "HD").text == ""
    told = cells(replaced_table(study, 4))
    fps = study.timing["sizes"][0]["rows"]["base-mobilenetv2"]["fps"]
    assert float(told["base-mobilenetv2"]["fps HD"].text) == pytest.approx(fps, rel=1e-2)
    assert "fps HD" not in cells(replaced_table(study, 3))["order-mixed"], "no column for what was not timed"


def test_what_is_forgotten_is_the_end_against_the_end_of_its_own_phase(write_study):
    write_study("smoke", rows=(*ORDERS, "only-photomatte"), subjects=2)
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


def test_a_drawn_order_is_averaged_over_the_seeds_that_left_a_data_set(write_study):
    write_study("smoke", rows=("baseline", "order-random"), subjects=2, seeds=4)
    study = read_study("smoke")
    records = study.runs["order-random"]
    left = [found for record in records if (found := kept(record, "videomatte")).change is not None]
    assert 0 < len(left) < len(records), "the seeds of this test must differ in whether they end with it"
    cell = cells(forgetting_table(study))["order-random"]["VideoMatte240K"]
    assert cell.notes[-1].startswith(f"in {len(left)} of 4 seeds")
    assert float(cell.text.split(" → ")[1]) == pytest.approx(numpy.mean([found.end for found in left]), rel=1e-2)


def test_bands_are_found_by_their_names_and_compared_within_each(write_study):
    import torch

    write_study("smoke", rows=STAGES)
    study = read_study("smoke")
    assert list(bands(study)) == list(mad_by_distance(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 4, 4))), "evaluation and report name them alike"
    assert list(bands(study).values()) == ["0–2", "2–4", "4–8", "8–16", "16–32", "≥ 32"]
    near, far = (compare(study, column) for column in ("mad_band_0_2", "mad_band_32_up"))
    assert near[Arm("no-refinement")].tone == "worse" and far[Arm("no-refinement")].tone == "better"
    told = cells(distance_table(study))
    assert told["no-refinement"]["0–2 px"].tone == "worse" and told["baseline"]["0–2 px"].notes == ()
    assert "≥ 32 px" in distance_curves(study).alt
    places = by_distance(study, Arm("no-refinement"))
    assert places == "lower at 16–32 and ≥ 32 px and clearly higher at 0–2, 2–4, 4–8 and 8–16 px"


def test_without_bands_there_is_neither_drawing_nor_table(write_study):
    write_study("smoke", rows=("baseline",))
    assert distance_curves(read_study("smoke")) is None
    assert distance_table(read_study("smoke")) is None


def test_further_sets_have_a_table_and_touch_nothing_else(write_study, tmp_path):
    assert MAIN == HELD_OUT
    rows = ("baseline", "select-grid", "difference-key")
    write_study("smoke", rows=rows)
    alone = read_study("smoke")
    assert alone.further == () and sets_table(alone) is None
    plain = {row: result.level for row, result in compare(alone, "mad").items()}
    write_study("smoke", rows=rows, sets=("rendered-people", "real-stamps"))
    study = read_study("smoke")
    assert study.further == ("real-stamps",)
    assert {row: result.level for row, result in compare(study, "mad").items()} == plain
    lines = [line["mad"] for line in study.runs["select-grid"][0].images if (line["set"], line["weights"]) == ("real-stamps", "own")]
    told = cells(sets_table(study))
    assert set(told) == {"baseline", "select-grid, retrained", "difference-key"}
    assert float(told["select-grid, retrained"]["real-stamps"].text) == pytest.approx(1e3 * numpy.mean(lines), rel=1e-2)
    text = build_report("smoke").read_text()
    assert "Further held-out sets, MAD over the whole frame" in text
    assert "real-stamps: 12 pictures; painted-portraits: not installed, left out" in text


def test_seeds_merge_and_unequal_ones_are_compared_where_both_were_run(write_study):
    write_study("smoke", rows=("baseline", "order-mixed", "order-reverse"), subjects=5, seeds={"baseline": 3, "order-mixed": 2})
    study = read_study("smoke")
    assert study.seeds == (0, 1, 2)
    assert study.trained_once == ("order-reverse",)
    results = compare(study, "mad")
    assert [results[arm].level.seeds for arm in (BASE, Arm("order-mixed"), Arm("order-reverse"))] == [3, 2, 1]
    assert results[Arm("order-mixed")].difference.seeds == 2
    means = {(row, seed): numpy.mean([v for key, (_, v) in study.numbers(Arm(row), "mad").items() if key[0] == seed]) for row, seed in
             [("baseline", 0), ("baseline", 1), ("order-mixed", 0), ("order-mixed", 1)]}  # fmt: skip
    apart = [means["order-mixed", seed] - means["baseline", seed] for seed in (0, 1)]
    assert results[Arm("order-mixed")].difference.mean == pytest.approx(numpy.mean(apart))
    mixed = next(one for one in resolutions(study, 3) if one.arm.row == "order-mixed")
    assert list(mixed.seeds.values()) == pytest.approx([1e3 * value for value in apart])
    text = build_report("smoke").read_text()
    assert "order-reverse was trained with one seed that the baseline shares" in text
    assert "not every row has all of them (0, 1 alone: order-mixed; 0 alone: order-reverse)" in text


def test_what_would_be_found_is_found_four_times_in_five(write_study):
    from scipy.stats import nct, t

    write_study("smoke", rows=STAGES, subjects=9)
    study = read_study("smoke")
    found = compare(study, "mad")[Arm("stages-half")].difference
    seen = next(one for one in resolutions(study, 5) if one.arm.row == "stages-half")
    for size, alpha in ((seen.least, 0.05), (seen.strict, 0.025)):  # two comparisons
        needed, moved = t.ppf(1 - alpha / 2, found.degrees), size / (1e3 * found.standard_error)
        assert nct.sf(needed, found.degrees, moved) + nct.cdf(-needed, found.degrees, moved) == pytest.approx(0.8, abs=1e-4)
    base = numpy.mean([value for _, value in study.numbers(BASE, "mad").values()])
    assert seen.share == pytest.approx(100 * seen.least / (1e3 * base))
    words, table = resolution(study, [5])
    assert "9 subjects and 1 seed" in words.paragraphs[0]
    assert "that spread is in no interval" in words.paragraphs[1]
    assert [row[0].text for row in table.rows] == ["stages-full", "stages-half"]
    assert resolution(study, [3]) == ()


def test_several_seeds_show_how_far_they_lie_apart(write_study):
    write_study("smoke", rows=("baseline", "stages-half"), subjects=4, seeds=3)
    (words, table) = resolution(read_study("smoke"), [5])
    (one,) = resolutions(read_study("smoke"), 5)
    apart = max(one.seeds.values()) - min(one.seeds.values())
    assert len(one.seeds) == 3 and apart > 0
    assert f"{apart:.2g} at most (stages-half)" in words.paragraphs[1]
    assert len(cells(table)["stages-half"]["seed by seed"].text.split(", ")) == 3


def test_rows_on_other_real_data_are_refused_and_equal_ones_are_told(write_study):
    folder = write_study("smoke", rows=("baseline", "order-mixed"), subjects=3)
    real = json.dumps([{"name": "photomatte13k", "digest": "abc123"}])
    for row in ("baseline", "order-mixed"):
        told = folder / "runs" / f"{row}-seed0" / "run.json"
        told.write_text(told.read_text().replace('"sources": []', f'"sources": {real}'))
        if row == "baseline":
            with pytest.raises(RecordError, match="order-mixed-seed0: made with other data sets or first weights than baseline-seed0"):
                read_study("smoke")
    text = build_report("smoke").read_text()
    assert "brought by the user: photomatte13k (digest of its index abc123)" in text
    assert "The training subjects in place of videomatte and distinctions were drawn by a program" in text
