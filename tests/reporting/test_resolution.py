"""The sentence on the first screen about what a study of this size can find."""

import pytest

from bgmatte.reporting import read_study
from bgmatte.reporting.about.glossary import glossary
from bgmatte.reporting.measures import number
from bgmatte.reporting.resolution import asked_words, in_short, resolution, resolutions


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
