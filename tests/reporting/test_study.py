"""A study of several held-out sets, of unequal seeds, of real data: what is compared, and what is refused."""

import json

import numpy
import pytest

from bgmatte.data.test_pictures import HELD_OUT
from bgmatte.records import RecordError
from bgmatte.reporting import build_report, read_study
from bgmatte.reporting.comparisons import BASE, compare
from bgmatte.reporting.resolution import resolutions
from bgmatte.reporting.study import MAIN, Arm
from bgmatte.reporting.tables import sets_table


def test_further_sets_have_a_table_and_touch_nothing_else(write_study, tmp_path, cells):
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
