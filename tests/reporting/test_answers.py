"""The first screen: five sentences whose words follow the intervals, the clearest row by name, and other measures that say otherwise."""

import re

import pytest

from bgmatte.reporting import read_study
from bgmatte.reporting.ablation.answers import QUESTIONS, answer, five_answers, named_arm
from bgmatte.reporting.ablation.sections import findings_of
from bgmatte.reporting.comparisons import compare, family
from bgmatte.reporting.drawings import overview
from bgmatte.reporting.study import Arm
from bgmatte.reporting.weighing import named, weighed
from bgmatte.reporting.words import verdict_of
from bgmatte.statistics import Interval

ORDERS = ("baseline", "order-random", "order-mixed", "order-reverse")
STAGES = ("baseline", "stages-full", "stages-half")


def ends(words):
    """Every number of a sentence's brackets, e.g. '(+0.1 to +0.3)' → (0.1, 0.3)."""
    spans = re.findall(r"([+−]?[\d.,]+) to ([+−]?[\d.,]+)", words)
    return [tuple(float(end.replace("−", "-").replace(",", "")) for end in span) for span in spans]


@pytest.mark.parametrize(
    ("coarse", "tone", "verdict", "words", "headline"),
    [
        (0.013, "yes", "it helps", "are worse without it, +", "are worse"),
        (0.006, "no", "it hurts", "are better without it, −", "are better"),
        (0.00902, "open", "no difference found", "no difference in MAD over the whole frame was found (", "no difference in MAD found"),
    ],
)
def test_a_single_row_is_told_with_its_interval_and_its_time(write_study, coarse, tone, verdict, words, headline):
    write_study("quick", rows=("baseline", "no-refinement"), own={"no-refinement": coarse}, luck=0.0)
    study = read_study("quick")
    told = answer(study, 1)
    (longer,) = findings_of(study, 1)
    assert {(told.tone, told.verdict), (longer.tone, longer.verdict)} == {(tone, verdict)}
    assert words in told.sentence and headline in longer.headline
    found = compare(study, "mad")[Arm("no-refinement")].difference
    assert ends(told.sentence)[0] == pytest.approx((1e3 * found.low, 1e3 * found.high), abs=0.06)
    ratio = study.timing["sizes"][0]["rows"]["no-refinement"]["ratio"]
    assert f"a frame at HD takes {ratio['median']:.2f} times as long ({ratio['low']:.2f} to {ratio['high']:.2f})" in told.sentence


def test_rows_are_counted_and_the_clearest_of_each_sign_is_named(write_study):
    write_study("quick", rows=ORDERS, own={"order-random": 0.0125, "order-mixed": 0.0060, "order-reverse": 0.0150}, luck=0.0)
    study = read_study("quick")
    told = answer(study, 3)
    assert told.verdict == "2 of 3 alternatives worse, 1 better" and told.tone == "no"
    results = {arm.row: compare(study, "mad")[arm].difference for arm in family(study, 3)}
    clearest = max(("order-random", "order-reverse"), key=lambda row: 2 * results[row].mean / (results[row].high - results[row].low))
    assert told.sentence.startswith(f"2 of 3 other orders are worse by MAD over the whole frame, most clearly {Arm(clearest).variant.title}, +")
    assert ", and 1 is better, every batch from all three data sets, −" in told.sentence


def test_where_nothing_is_found_the_range_of_all_intervals_is_given(write_study):
    write_study("quick", rows=STAGES, own={"stages-full": 0.00905, "stages-half": 0.00895}, luck=0.0)
    study = read_study("quick")
    told = answer(study, 5)
    assert told.sentence.startswith("No difference in MAD over the whole frame was found for any of 2 refiners with one stage (all intervals within ")
    found = [compare(study, "mad")[Arm(row)].difference for row in STAGES[1:]]
    wanted = 1e3 * min(each.low for each in found), 1e3 * max(each.high for each in found)
    assert ends(told.sentence)[0] == pytest.approx(wanted, abs=0.06)
    assert told.verdict == "no difference found"


def test_an_interval_off_0_without_an_adjusted_p_leans_and_is_no_finding(write_study):
    write_study("quick", rows=ORDERS, own={"order-random": 0.0098, "order-mixed": 0.009, "order-reverse": 0.009}, luck=0.0)
    study = read_study("quick")
    result = compare(study, "mad")[Arm("order-random")]
    assert result.difference.p < 0.05 <= result.p and result.difference.low > 0 and result.tone == "open"
    told = answer(study, 3)
    assert (told.tone, told.verdict) == ("open", "not settled")
    assert told.sentence.startswith("No clear difference in MAD over the whole frame was found for any of 3 other orders (all intervals within ")
    assert "×10⁻³; 1 leans worse)" in told.sentence
    (longer, _) = findings_of(study, 3)
    assert any(point.startswith("another order, drawn from the seed: leans worse (+") for point in longer.points)
    assert longer.verdict == "not settled"


@pytest.mark.parametrize(
    ("low", "high", "tone", "words"),
    [
        (-0.1, 0.2, "open", "no difference found"),
        (0.0, 0.2, "open", "no difference found"),
        (0.1, 0.2, "open", "leans worse"),
        (-0.2, -0.1, "open", "leans better"),
        (0.1, 0.2, "worse", "worse"),
    ],
)
def test_words_are_no_stronger_than_interval_and_tone(low, high, tone, words):
    found = Interval(0.5 * (low + high), low, high, 10, 1)
    assert verdict_of(found, tone) == words


def test_a_measure_that_says_the_opposite_is_heard(write_study):
    write_study("quick", rows=STAGES, own={"stages-full": 0.0130, "stages-half": 0.00905}, rough={"stages-full": 0.4, "stages-half": 0.4}, luck=0.0)
    study = read_study("quick")
    told = answer(study, 5)
    assert (told.tone, told.verdict) == ("open", "measures disagree")
    assert "but by other measures 2 of 2 are clearly better, most clearly four convolutions at " in told.sentence
    assert "Grad over the whole frame −" in told.sentence
    assert ", for four convolutions at full resolution the opposite of MAD; " in told.sentence
    found = weighed(study, family(study, 5))
    assert found.opposed == (Arm("stages-full"),)
    assert named(found.witnesses[Arm("stages-half")]) == "Grad over the whole frame"


def test_a_measure_that_is_clear_where_mad_is_open_is_heard(write_study):
    write_study("quick", rows=("baseline", "no-refinement"), own={"no-refinement": 0.00902}, rough={"no-refinement": 1.5}, luck=0.0)
    told = answer(read_study("quick"), 1)
    assert (told.tone, told.verdict) == ("open", "open by MAD")
    assert "but Grad over the whole frame is clearly higher: Grad over the whole frame +" in told.sentence


def test_what_was_not_run_is_lacking(write_study):
    write_study("smoke", rows=("baseline", "no-refinement"), subjects=3)
    told = five_answers(read_study("smoke"))
    assert [one.tone == "lacking" for one in told] == [False, True, True, True, True]
    assert named_arm(read_study("smoke"), 4) is None


def test_both_ways_of_asking_about_patches_stand_in_one_sentence(write_study):
    write_study("quick", own={"select-grid": 0.0130, "select-random": 0.0130}, luck=0.0)
    study = read_study("quick")
    assert (
        " simpler rules put in at test time " in answer(study, 2).sentence and " of 4 networks trained with such rules " in answer(study, 2).sentence
    )
    assert named_arm(study, 2) in (Arm("select-grid"), Arm("select-random")), "pictures need weights of the row's own"
    assert [question.ablation for question in QUESTIONS] == [1, 2, 3, 4, 5]


def test_the_overview_holds_every_difference_and_no_reference_line(write_study):
    write_study("quick", subjects=5)
    study = read_study("quick")
    alt = overview(study).alt
    assert all(f"{arm.label}: " in alt for ablation in range(1, 6) for arm in family(study, ablation))
    assert "oracle" not in alt and "difference-key" not in alt
    write_study("smoke", rows=("baseline",), subjects=3)
    assert overview(read_study("smoke")) is None
