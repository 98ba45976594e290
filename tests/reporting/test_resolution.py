"""What a study of this size can find: in a sentence on the first screen, and comparison by comparison."""

import numpy
import pytest

from bgmatte.reporting import read_study
from bgmatte.reporting.about.glossary import glossary
from bgmatte.reporting.comparisons import BASE, compare
from bgmatte.reporting.measures import number
from bgmatte.reporting.resolution import asked_words, in_short, resolution, resolutions
from bgmatte.reporting.study import Arm


def test_the_first_screen_names_the_smallest_and_the_largest_of_all_comparisons(write_study):
    write_study("smoke", rows=("baseline", "stages-full", "stages-half", "order-mixed"), subjects=9)
    study = read_study("smoke")
    sizes = sorted(one.least for ablation in (3, 5) for one in resolutions(study, ablation))
    assert len(sizes) == 3
    assert f"four times in five lies between about {number(sizes[0], 2)} and {number(sizes[-1], 2)} ×10⁻³" in in_short(study)


def test_few_seeds_ask_more_than_the_interval_and_the_reader_is_told(write_study):
    write_study("smoke", rows=("baseline", "stages-full", "stages-half", "order-mixed"), subjects=9, seeds=3)
    study = read_study("smoke")
    # Student's two-sided quantiles of 2 degrees of freedom: 6.205 at 5/2 %, 4.303 at 5 %; a family of one asks no more than the interval.
    assert asked_words(study).endswith(f": {number(6.205 / 4.303, 2)} in a family of 2 times as far")
    words = dict(glossary(study).items)
    assert asked_words(study) in words["Adjusted p."]
    assert "within 2 px, 1/64 of the side of 128 px" in words["Whole frame, unknown region."]
    (degrees,) = {round(one.found.degrees, 6) for one in resolutions(study, 3)}
    told = resolution(study, (3,))[0].paragraphs[0]
    assert f"of themselves, here {100 / (2 * degrees) ** 0.5:.0f} %" in told and "from few seeds" in told


def test_leaving_one_subject_out_agrees_with_a_slow_loop(write_study):
    write_study("smoke", rows=("baseline", "order-mixed"), subjects=5, seeds=2)
    study = read_study("smoke")
    lines = {row: [line for record in study.runs[row] for line in record.images] for row in study.runs}
    means = []
    for subject in {line["subject"] for line in lines["baseline"]}:
        apart = [row["mad"] - base["mad"] for row, base in zip(lines["order-mixed"], lines["baseline"], strict=True) if row["subject"] != subject]
        means.append(1e3 * sum(apart) / len(apart))
    (one,) = resolutions(study, 3)
    assert one.without == pytest.approx((min(means), max(means)))


def test_without_a_comparison_there_is_no_sentence(write_study):
    write_study("smoke", rows=("baseline",), subjects=3)
    assert asked_words(read_study("smoke")) == ""
    assert in_short(read_study("smoke")) == ""


def test_what_would_be_found_is_found_four_times_in_five(write_study):
    from scipy.stats import nct, t

    write_study("smoke", rows=("baseline", "no-refinement", "stages-full", "stages-half"), subjects=9)
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


def test_several_seeds_show_how_far_they_lie_apart(write_study, cells):
    write_study("smoke", rows=("baseline", "stages-half"), subjects=4, seeds=3)
    (words, table) = resolution(read_study("smoke"), [5])
    (one,) = resolutions(read_study("smoke"), 5)
    apart = max(one.seeds.values()) - min(one.seeds.values())
    assert len(one.seeds) == 3 and apart > 0
    assert f"{apart:.2g} at most (stages-half)" in words.paragraphs[1]
    assert len(cells(table)["stages-half"]["seed by seed"].text.split(", ")) == 3
