"""What a section of an ablation shows: tables whose values are what is printed, retrained against swapped, printed numbers, pictures, provenance."""

import base64
import hashlib
import io
from dataclasses import replace

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from bgmatte.config import Source
from bgmatte.manifest import FOLDER
from bgmatte.profiles import run_config
from bgmatte.reporting import read_study
from bgmatte.reporting.ablation.pairs import chosen, pairs, window
from bgmatte.reporting.ablation.published import published
from bgmatte.reporting.ablation.retrained import apart, retrained_finding, retrained_table
from bgmatte.reporting.ablation.tellings import TELLINGS
from bgmatte.reporting.ablation.unrefined import unrefined_finding
from bgmatte.reporting.about.provenance import provenance
from bgmatte.reporting.about.setting import refiner_steps, unlike_published
from bgmatte.reporting.blocks import Answer, Comparison, Points, Prose, Table
from bgmatte.reporting.comparisons import BASE, compare
from bgmatte.reporting.measures import signed
from bgmatte.reporting.study import Arm
from bgmatte.reporting.tables import measures_table, replaced_table
from bgmatte.sources import PUBLISHED

_PUBLISHED = 238_000 + 59_500 + 82_275 + 64_770  # steps of the base phase and of the three joint ones
CHOOSERS = ("baseline", "select-random", "select-grid")


def test_the_page_begins_with_five_answers_that_lead_to_their_sections(content):
    lead, *blocks = content[0].blocks
    assert lead.paragraphs[0].startswith("This is a smoke study") and lead.paragraphs[1].startswith("Of 20 changes to the method ")
    assert [type(block) is Answer for block in blocks[:6]] == [True] * 5 + [False]
    assert [block.section for block in blocks[:5]] == [section.name for section in content[2:7]]
    assert all(block.sentence.endswith(".") and block.sentence[0].upper() == block.sentence[0] for block in blocks[:5])


def test_every_section_has_the_same_skeleton(content):
    by_name = {section.name: section for section in content}
    for telling in TELLINGS:
        blocks = by_name[telling.section].blocks
        heads = [head for block in blocks if isinstance(block, Points) for head, _ in block.items]
        assert heads == ["The paper’s claim.", "What differs.", "What is equal.", "What is compared.", "How to read it.", "Limits."]
        shown = [block for block in blocks if isinstance(block, Comparison)]
        assert len(shown) == 3
        assert [block.caption.rpartition("number ")[2][0] for block in shown] == ["1", "2", "3"], "worst, median and best of three subjects"


def test_the_limits_of_the_first_say_how_long_the_refiner_learned(write_study):
    write_study("smoke", rows=("baseline", "no-refinement"), subjects=3)
    study = read_study("smoke")
    recipe = study.any_run().config.recipe
    own = sum(phase.steps for phase in recipe if phase.rates.refiner > 0)
    assert refiner_steps(recipe) == own > 0
    assert f"The refiner was trained for {own:,} of the {sum(phase.steps for phase in recipe):,} steps" in TELLINGS[0].limits(study)


def test_values_are_the_printed_numbers_with_all_their_digits(content):
    seen = 0
    for section in content:
        tables = [block for block in section.blocks if isinstance(block, Table)]
        if section.name not in ("two-stages", "selection", "order", "encoder", "stages", "results", "speed", "compute"):
            continue
        for cell in (cell for table in tables for row in table.rows for cell in row[1:]):
            words = cell.text.split(" → ")[-1].strip("×").replace("−", "-").replace(",", "").split("\N{NO-BREAK SPACE}")[0].split(" ")[0]
            try:
                printed = float(words)
            except ValueError:
                continue
            if cell.value is None:
                assert cell.text in ("", "1"), f"{section.name}: {cell} has no value"
            elif not cell.text.endswith((" s", " min", " h")) and " min " not in cell.text and " h " not in cell.text:
                digits = len(words.partition(".")[2])
                assert printed == pytest.approx(cell.value, abs=0.51 * 10.0**-digits, rel=0.006), cell
                seen += 1
    assert seen > 500


def test_every_measure_and_both_regions_stand_in_each_ablations_table(write_study, cells):
    write_study("smoke", rows=CHOOSERS, subjects=4)
    study = read_study("smoke")
    table = measures_table(study, 2)
    assert [title for title, _ in table.columns[1:]] == ["MAD", "MSE", "SAD", "Grad"] * 2
    assert [unit.partition(", ")[2] for _, unit in table.columns[1:]] == ["whole frame"] * 4 + ["unknown region"] * 4
    by_hand = numpy.mean([value for _, value in study.numbers(Arm("select-grid"), "sad_unknown").values()])
    row = next(row for row in table.rows if row[0].text == "select-grid, retrained")
    assert row[7].value == pytest.approx(by_hand / 1000)
    told = cells(replaced_table(study, 2))["select-grid, retrained"]
    apart_ = [study.numbers(Arm("select-grid"), "mad")[key][1] - value for key, (_, value) in study.numbers(BASE, "mad").items()]
    assert told["difference"].value == pytest.approx(1e3 * numpy.mean(apart_))
    hedges = numpy.mean(apart_) / numpy.std(apart_, ddof=1)
    assert abs(told["effect"].value) < abs(hedges), "corrected for few subjects"


def test_retrained_minus_swapped_is_taken_picture_by_picture_in_a_family_of_its_own(write_study, cells):
    write_study("smoke", rows=CHOOSERS, own={"select-random": 0.0080, "select-grid": 0.0101}, luck=0.0)
    study = read_study("smoke")
    found = {one.row: one for one in apart(study, "mad")}
    for row, one in found.items():
        own, swapped = (study.numbers(Arm(row, weights), "mad") for weights in ("own", "swapped"))
        assert one.found.mean == pytest.approx(numpy.mean([own[key][1] - swapped[key][1] for key in own]))
    smaller, larger = sorted(one.found.p for one in found.values())
    assert sorted(one.p for one in found.values()) == pytest.approx([2 * smaller, max(2 * smaller, larger)])
    assert (found["select-random"].tone, found["select-grid"].tone) == ("better", "open")
    told = retrained_finding(study)
    assert told.verdict == "1 of 2 better" and told.points[1].startswith("patches on a regular grid: no difference found (")
    assert cells(retrained_table(study))["select-grid"]["reading"].text == "no difference found"


def test_no_rule_both_ways_has_neither_sentence_nor_table(write_study):
    write_study("smoke", rows=("baseline", "no-refinement"), subjects=3)
    study = read_study("smoke")
    assert retrained_finding(study) is None and retrained_table(study) is None


def test_a_printed_change_stands_beside_ours_with_a_reason(write_study):
    write_study("quick", subjects=6)
    study = read_study("quick")
    rows = [row for row in published(study, 4).rows if row[0].text == "MobileNetV2"]
    by_measure = {(row[1].text, *row[1].notes): row for row in rows}
    sad = by_measure["SAD /1000", "unknown region"]
    assert (sad[2].text, sad[3].value) == ("10.53", pytest.approx(100 * (10.53 - 9.19) / 9.19))
    ours = compare(study, "sad_unknown")[Arm("base-mobilenetv2")].difference.relative
    assert sad[5].value == pytest.approx(100 * ours)
    time = by_measure["time of a frame", "4K"]
    assert time[3].value == pytest.approx(33.2 / 45.4)
    assert time[5].value == study.timing["sizes"][1]["rows"]["base-mobilenetv2"]["ratio"]["median"]
    work = by_measure["multiply-adds a frame", "10⁹, HD"]
    assert (work[2].text, work[-1].text) == ("9.9", "yes") and work[3].value == pytest.approx(9.9 / 34.3)
    assert work[4].value == study.timing["sizes"][0]["rows"]["base-mobilenetv2"]["gmacs"]
    for ablation in (1, 3, 4, 5):
        assert all(row[-1].text and row[-1].notes for row in published(study, ablation).rows), "each line says why or why not"
    assert published(study, 2) is None
    relatives = next(row for row in published(study, 5).rows if row[0].text.startswith("1×1"))
    assert relatives[6].text == "no counterpart" and relatives[5].notes[0].startswith("stages-full ")


def test_what_sets_the_published_apart_is_said_as_far_as_it_is_so(write_study, monkeypatch):
    write_study("quick", rows=("baseline", "no-refinement"), subjects=3)
    study = read_study("quick")
    steps = sum(phase.steps for phase in study.any_run().config.recipe)
    told = unlike_published(study)
    assert told == ("other people and sizes", "all training data drawn", f"{steps} training steps, not {_PUBLISHED:,}", "networks 0.25 as wide")
    monkeypatch.setenv("BGMATTE_START", "nothing")
    for brought, told in ((1, ("some training data drawn",)), (3, ())):
        config = replace(run_config("paper", "baseline"), sources=tuple(Source(name, "0") for name in list(PUBLISHED.values())[:brought]))
        like = replace(study, runs={"baseline": (replace(study.any_run(), config=config),)})
        assert unlike_published(like) == ("other people and sizes", *told)


def test_the_worst_the_middle_and_the_best_subject_are_shown(write_study):
    write_study("smoke", rows=("baseline", "no-refinement"), subjects=7)
    study = read_study("smoke")
    mine, base = study.numbers(Arm("no-refinement"), "mad"), study.numbers(BASE, "mad")
    ranked = sorted(mine, key=lambda key: base[key][1] - mine[key][1])
    places = list(chosen(study, Arm("no-refinement")).values())
    assert [place.image for place in places] == [ranked[0][1], ranked[3][1], ranked[6][1]]
    assert [place.rank for place in places] == [1, 4, 7]
    kept = {path.parent.name for path in (study.folder / "runs" / "baseline-seed0" / "pictures").glob("*/pha.webp")}
    assert len(pairs(study, 1)) == sum(place.image in kept for place in places) < 3, "what no run kept is passed over"


@given(arrays(numpy.uint8, (12, 15)), st.integers(0, 255))
def test_the_window_holds_the_largest_sum_of_differences(after, level):
    before = numpy.full_like(after, level)
    left, top, right, bottom = window(Image.fromarray(before), Image.fromarray(after))
    change = abs(after.astype(int) - before)
    slow = max(change[y : y + 4, x : x + 4].sum() for y in range(9) for x in range(12))
    assert (right - left, bottom - top) == (4, 4)
    assert change[top:bottom, left:right].sum() == slow


def test_both_mattes_show_the_same_pixels_of_the_whole_picture(write_study):
    write_study("smoke", rows=("baseline", "no-refinement"), subjects=3)
    shown = pairs(read_study("smoke"), 1)[0]
    opened = [Image.open(io.BytesIO(base64.b64decode(tile.address.partition(",")[2]))) for tile in (shown.before, shown.after, *shown.given)]
    assert opened[0].size == opened[1].size == opened[2].size == opened[3].size
    assert [tile.title for tile in shown.given] == ["source", "the truth", "whole frame"]
    assert opened[0].tobytes() != opened[1].tobytes()


def test_provenance_names_what_was_hashed(write_study, cells):
    write_study("smoke", rows=("baseline", "no-refinement"), subjects=3, seeds=2)
    study = read_study("smoke")
    facts, words, data, runs = provenance(study)
    assert isinstance(words, Prose) and dict(facts.items)["Commit"] == "0123456789ab"
    manifest = hashlib.sha256((FOLDER / "rendered-people" / "datapackage.json").read_bytes()).hexdigest()
    assert cells(data)["rendered-people"]["hash"].text == manifest[:16]
    assert [(row[0].text, row[1].text) for row in runs.rows] == [(row, seed) for row in ("baseline", "no-refinement") for seed in ("0", "1")]
    numbers = hashlib.sha256((study.folder / "runs" / "baseline-seed1" / "images.csv").read_bytes()).hexdigest()
    assert runs.rows[1][3].text == numbers[:16]


def test_rules_that_are_no_refinement_under_another_name_are_said_so(write_study):
    write_study("quick", rows=("baseline", "no-refinement", "select-random", "select-edge"), own={"select-random": 0.0103}, luck=0.0)
    study = read_study("quick")
    told = unrefined_finding(study)
    assert told.sentence.startswith("They refine patches that hold less than 10 % of the coarse error and are nearly the row without refinement")
    assert "name: select-random, retrained; select-random, swapped. What" in told.sentence
    by_arm = dict(point.split(": ", 1) for point in told.points)
    assert by_arm["predicted error"].startswith("−") and by_arm["select-random, retrained"].startswith("no difference found (")
    paired = [row["mad"] - coarse["mad"] for row, coarse in zip(*(study.runs[row][0].images for row in ("baseline", "no-refinement")), strict=True)]
    assert by_arm["predicted error"].startswith(signed(1e3 * sum(paired) / len(paired)))
    clear = sum("no difference" not in point and "leans" not in point for point in told.points)
    assert told.verdict == f"{5 - clear} of 5 not clear" and told.headline.startswith(f"Against no refinement at all {clear} of 5 ways")


def test_without_the_row_without_refinement_nothing_stands_beside_it(write_study):
    write_study("quick", rows=("baseline", "select-random"))
    assert unrefined_finding(read_study("quick")) is None
