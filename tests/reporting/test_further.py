"""Beyond the plan: every number of the further tables has a slow loop, a hand value or an identity beside it, and no word outruns its interval."""

import csv
import importlib.util
import json
from collections import defaultdict
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgmatte import records
from bgmatte.reporting import read_study
from bgmatte.reporting.blocks import Drawing, Table
from bgmatte.reporting.further.bands import ALPHA, alpha_table, bands
from bgmatte.reporting.further.budget_numbers import Curve, everything, reached, refined, worths
from bgmatte.reporting.further.budget_words import found_words, place_words, published_words
from bgmatte.reporting.further.calibration_numbers import bins, trust
from bgmatte.reporting.further.calibration_section import reliability_table
from bgmatte.reporting.further.captured_numbers import course, sides
from bgmatte.reporting.further.captured_section import captured_words, sensitivity_table
from bgmatte.reporting.further.sections import further
from bgmatte.reporting.measures import number
from bgmatte.reporting.readings import combined, mean, reach
from bgmatte.statistics import Interval

ROWS = ("baseline", "no-refinement", "select-random", "stages-half", "oracle", "difference-key")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """An invented study of three seeds with all further tables."""
    spec = importlib.util.spec_from_file_location("synthetic", Path(__file__).with_name("synthetic.py"))
    synthetic = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(synthetic)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "PROJECT", tmp_path_factory.mktemp("project"))
        synthetic.write_study("smoke", rows=ROWS, subjects=9, seeds=3, further=True)
        return read_study("smoke")


@pytest.fixture(scope="module")
def sections(study):
    """Its sections by name, drawn once."""
    return {section.name: section for section in further(study)}


def lines(study, row, table):
    """A table as the file has it: one dictionary of texts for each line of each seed."""
    texts = [(record.folder / f"{table}.csv").read_text().splitlines() for record in study.runs[row]]
    return [line | {"seed": seed} for seed, text in enumerate(texts) for line in csv.DictReader(text)]


def average(lines, column):
    return numpy.mean([float(line[column]) for line in lines])


def told(section):
    return " ".join(rest for block in section.blocks if hasattr(block, "items") for _, rest in block.items)


def test_the_area_is_the_trapezium_s_on_a_logarithmic_axis():
    columns = [{(0, "one"): ("someone", value)} for value in (10.0, 8.0, 6.0, 6.0)]
    ((subject, area),) = Curve((0, 64, 128, 256), tuple(columns)).gain().values()
    assert (subject, area) == ("someone", pytest.approx((0.5 * (2 + 4) + 4) / 2))
    ((_, uneven),) = Curve((0, 64, 128, 512), tuple(columns)).gain().values()
    assert uneven == pytest.approx((0.5 * (2 + 4) + 2 * 4) / 3)


def test_gain_excess_and_share_are_those_of_the_mean_curves(study):
    found, base = worths(study, "mad"), lines(study, "baseline", "budgets")
    budgets = sorted({int(line["patches"]) for line in base})
    areas = {}
    for selector in found:
        curve = [average([line for line in base if (line["selector"], int(line["patches"])) == (selector, budget)], "mad") for budget in budgets]
        areas[selector] = numpy.trapezoid(curve[0] - numpy.array(curve[1:]), numpy.log2(budgets[1:])) / numpy.log2(budgets[-1] / budgets[1])
        assert found[selector].gain.mean == pytest.approx(areas[selector])
    assert found["random"].excess.mean == pytest.approx(areas["error"] - areas["random"])
    assert found["edge"].share.mean == pytest.approx(areas["edge"] / areas["oracle"])
    assert found["error"].share.mean < 1 and found["oracle"].share is None
    assert found["random"].tone == "worse" and found["random"].p < 0.05
    assert found["oracle"].p is None, "a line that no user could deploy is in no family"
    most = [line for line in base if (line["selector"], int(line["patches"])) == ("error", budgets[-1])]
    assert len({line["refined"] for line in most}) > 1 and refined(study, "error") == pytest.approx(average(most, "refined"))


def test_half_of_the_gain_is_reached_where_the_mean_curve_crosses_it(study):
    base = lines(study, "baseline", "budgets")
    for selector, place in reached(study, "mad", 0.5).items():
        points = defaultdict(list)
        for line in (line for line in base if line["selector"] == selector):
            points[int(line["patches"])].append(float(line["mad"]))
        budgets = sorted(points)
        gains = numpy.array([numpy.mean(points[0]) - numpy.mean(points[budget]) for budget in budgets])
        half = 0.5 * everything(study, "mad").mean
        if gains[1] >= half:
            assert place.at == budgets[1]
        else:
            after = int(numpy.argmax(gains >= half))
            at = numpy.interp(half, gains[after - 1 : after + 1], numpy.log2(budgets[after - 1 : after + 1]))
            assert place.at == pytest.approx(2**at)
            assert place.low <= place.at <= place.high


def test_the_paper_s_share_of_the_frame_stands_beside_ours(study):
    share = 100 * reached(study, "mad", 0.9)["error"].at / 1024
    assert f"with {number(share, 2)} % of the frame" in published_words(study)
    assert "compared in kind only" in published_words(study)


def test_a_share_that_the_first_budget_already_reaches_is_told_as_a_bound(write_study, monkeypatch):
    monkeypatch.setitem(write_study.__globals__, "REACH", write_study.__globals__["REACH"] | {"error": 0.01})
    write_study("smoke", rows=("baseline",), subjects=5, further=True)
    study = read_study("smoke")
    assert place_words(reached(study, "mad", 0.9)["error"], study) == "64 or fewer"
    assert f"with {number(100 * 64 / 1024, 2)} % of the frame or less." in published_words(study)


def test_words_follow_the_gain(write_study, monkeypatch):
    said = {}
    for gain in (0.0, -0.2):
        monkeypatch.setitem(write_study.__globals__, "GAIN", gain)
        write_study("smoke", rows=("baseline",), subjects=5, further=True)
        study = read_study("smoke")
        said[gain] = " ".join(words for _, words in found_words(study))
        assert reached(study, "mad", 0.5) == {}
        assert worths(study, "mad")["error"].share is None
    assert "refining by predicted error makes no difference to MAD that could be found (0" in said[0.0]
    assert "On the same budgets no difference found for random (0" in said[0.0]
    assert "no budget that reaches half" in said[0.0] and "no share of it is given" in said[0.0]
    assert "refining by predicted error raises MAD by" in said[-0.2]


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0, 3), st.floats(0, 3)), min_size=1, max_size=6))
def test_a_place_lies_within_its_interval(points):
    found = reach(list(range(len(points))), [Interval(mean, mean - below, mean + above, 9, 2) for mean, below, above in points])
    far = float("inf")
    low, at, high = (far if end is None else end for end in (found.low, found.at, found.high))
    assert low <= at <= high
    assert (found.at is None) == all(mean < 0 for mean, _, _ in points)


def test_a_place_between_two_is_read_off_a_straight_line():
    found = reach([0, 2, 4], [Interval(mean, mean - 1, mean + 1, 9, 2) for mean in (-2, -1, 3)])
    assert (found.low, found.at, found.high) == (2, 2.5, 3)


def test_numbers_of_pictures_that_one_column_lacks_are_left_out():
    first = {(0, "a"): ("one", 1.0), (0, "b"): ("two", 2.0)}
    assert combined(lambda one, other: one - other, first, {(0, "b"): ("two", 0.5)}) == {(0, "b"): ("two", 1.5)}
    assert mean({}) is None


def test_calibration_is_counted_line_by_line(study):
    table, found = lines(study, "baseline", "reliability"), trust(study)
    predicted, true, patches = (sum(float(line[name]) for line in table) for name in ("predicted", "true", "patches"))
    assert found.share.mean == pytest.approx(predicted / true)
    off = 0.0
    for seed in range(3):
        mine = [line for line in table if line["seed"] == seed]
        for low in {line["low"] for line in mine}:
            off += abs(sum(float(line["predicted"]) - float(line["true"]) for line in mine if line["low"] == low))
    assert found.gap.mean == pytest.approx(off / patches)
    second = [line for line in table if float(line["low"]) == 0.002]
    one = next(one for one in bins(study) if one.low == 0.002)
    assert one.true.mean == pytest.approx(sum(float(line["true"]) for line in second) / sum(float(line["patches"]) for line in second))
    assert one.apart.mean == pytest.approx(one.true.mean - one.predicted)
    images = lines(study, "baseline", "images")
    assert found.recall[5].mean == pytest.approx(average(images, "err_recall_5"))
    assert found.best[5].mean == pytest.approx(average(images, "err_best_5"))


def test_one_network_s_excess_does_not_hide_another_s_lack(write_study):
    folder = write_study("smoke", rows=("baseline",), subjects=4, seeds=2, further=True)
    for seed, factor in enumerate((0.5, 1.5)):
        path = folder / "runs" / f"baseline-seed{seed}" / "reliability.csv"
        table = records.read_table(path)
        records.write_table(path, [line | {"predicted": 0.01 * line["patches"], "true": 0.01 * factor * line["patches"]} for line in table])
        told = json.loads(path.with_name("run.json").read_text())
        told["files"]["reliability.csv"] = records.file_digest(path)
        path.with_name("run.json").write_text(json.dumps(told))
    study = read_study("smoke")
    assert all(abs(one.apart.mean) < 2e-3 for one in bins(study) if one.apart), "over both networks the lack and the excess even out"
    assert trust(study).gap.mean == pytest.approx(0.5 * 0.01)


def test_a_bin_of_too_few_pictures_has_no_interval(write_study):
    write_study("smoke", rows=("baseline",), subjects=4, further=True)
    study = read_study("smoke")
    assert bins(study)[-1].true is None and bins(study)[0].true is not None
    assert "too few pictures" in [cell.text for cell in reliability_table(study).rows[-1]]


def test_doubling_slope_and_factor_are_those_of_the_mean_course(study):
    table = lines(study, "difference-key", "captured")
    side = next(side for side in sides(study) if side.title == "gamma above 1")
    found = course(study, "difference-key", side, "")
    level = {
        amount: average([line for line in table if (line["disturbance"], float(line["amount"])) == ("gamma", amount)], "mad")
        for amount in side.amounts
    }
    rises = numpy.array([level[amount] - level[1] for amount in side.amounts])
    away = numpy.array(side.amounts) - 1
    assert found.undisturbed.mean == pytest.approx(level[1])
    assert found.slope.mean == pytest.approx(0.1 * numpy.linalg.lstsq(away[:, None], rises, rcond=None)[0][0])
    assert found.factor.mean == pytest.approx(level[1.4] / level[1])
    assert found.doubled.at == pytest.approx(numpy.interp(2 * level[1], list(level.values()), list(level)))
    assert found.clear == 1.15
    assert [side.title for side in sides(study)] == ["shift", "gamma below 1", "gamma above 1", "noise", "shadow"]
    assert sides(study)[1].amounts == (1, 0.85, 0.7)


def test_what_changes_nothing_is_not_called_a_change(write_study, monkeypatch, cells):
    monkeypatch.setitem(write_study.__globals__, "GROWTH", dict.fromkeys(("shift", "gamma", "noise", "shadow"), (0.0, 0.0)))
    write_study("smoke", rows=("baseline",), subjects=5, further=True)
    study = read_study("smoke")
    assert {cell["clearly worse from"].text for cell in cells(sensitivity_table(study, "")).values()} == {"no amount"}
    words = dict(captured_words(study))
    assert words["Found, shift."].startswith("No difference found at the largest amount, 8 px")
    assert not any("clearly" in told for told in words.values())


def test_bands_of_alpha_stand_in_their_order(study, cells):
    assert list(bands(study, ALPHA).values()) == ["0", "0–¼", "¼–½", "½–¾", "¾–1", "1"]
    images = lines(study, "stages-half", "images")
    assert cells(alpha_table(study))["stages-half"]["½–¾"].text == number(1e3 * average(images, "mad_alpha_50_75"))


def test_every_section_has_figure_table_and_words_with_numbers(sections):
    assert list(sections) == ["budget", "calibration", "bands", "captured"]
    for section in sections.values():
        drawings = [block for block in section.blocks if isinstance(block, Drawing)]
        tables = [block for block in section.blocks if isinstance(block, Table)]
        assert drawings and tables
        assert all(any(letter.isdigit() for letter in drawing.figure.alt) for drawing in drawings)
        for table in tables:
            assert all(len(row) == len(table.columns) for row in table.rows)
            printed = [cell for row in table.rows for cell in row[1:] if cell.text[:1] in set("0123456789+−")]
            assert printed and all(cell.value is not None for cell in printed), "sorting and the CSV need the number itself"
        page = section._repr_html_()
        assert page.count("<table") == len(tables) and page.count("<figure") >= len(drawings)
        assert not {"nan", "None", "inf"} & set(told(section).replace("(", " ").split())


def test_without_the_tables_nothing_is_said(write_study):
    write_study("smoke", rows=("baseline", "no-refinement"), subjects=3)
    assert further(read_study("smoke")) == ()
