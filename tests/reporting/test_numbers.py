"""What the report computes, against numbers worked out another way."""

import json

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgmatte.profiles import run_config
from bgmatte.reporting import read_study
from bgmatte.reporting.ablation.answers import five_answers
from bgmatte.reporting.ablation.findings import at_the_contour, failed_runs, findings
from bgmatte.reporting.about.costs import shared_saving
from bgmatte.reporting.about.setting import training_words
from bgmatte.reporting.comparisons import BASE, beats_key, compare, family, gained
from bgmatte.reporting.measures import chance, duration, estimate, hull, number
from bgmatte.reporting.readme import README, bench_table, longer_list, readme_table, with_tables
from bgmatte.reporting.study import Arm
from bgmatte.reporting.summary import summary, write_summary
from bgmatte.reporting.tables import replaced_table
from bgmatte.variants import VARIANTS


def test_levels_and_differences_are_those_of_the_records(write_study):
    write_study("quick", subjects=8)
    study = read_study("quick")
    lines = {row: {line["image"]: line for line in study.runs[row][0].images if line["weights"] == "own"} for row in study.runs}
    for column in ("mad", "grad_unknown"):
        result = compare(study, column)[Arm("select-grid")]
        mine, base = ({image: line[column] for image, line in lines[row].items()} for row in ("select-grid", "baseline"))
        assert result.level.mean == pytest.approx(sum(mine.values()) / 8)
        changes = [mine[image] - base[image] for image in mine]
        assert result.difference.mean == pytest.approx(sum(changes) / 8)
        assert result.worse == sum(change > 0 for change in changes)
        assert result.difference.low <= result.difference.mean <= result.difference.high


def test_families_hold_what_one_could_deploy(write_study):
    write_study("quick", subjects=3)
    study = read_study("quick")
    assert family(study, 1) == (Arm("no-refinement"),)
    selectors = ("select-random", "select-grid", "select-edge", "select-edge-image")
    assert set(family(study, 2)) == {Arm(row, weights) for row in selectors for weights in ("own", "swapped")}
    results = compare(study, "mad")
    assert results[Arm("oracle")].p is None
    assert results[BASE].difference is None
    assert all(results[arm].p >= results[arm].difference.p for arm in family(study, 2))


def test_the_oracle_has_all_its_gain_and_chance_none(write_study):
    write_study("quick", subjects=10)
    study = read_study("quick")
    assert gained(study, Arm("oracle")).mean == pytest.approx(1)
    assert gained(study, Arm("select-random", "swapped")).mean == pytest.approx(0)
    chance_, mine, best = (
        numpy.mean([v for _, v in study.numbers(arm, "mad").values()]) for arm in (Arm("select-random", "swapped"), BASE, Arm("oracle"))
    )
    assert gained(study, BASE).mean == pytest.approx((chance_ - mine) / (chance_ - best))


def test_a_share_above_all_of_it_is_explained(write_study):
    write_study("quick", subjects=10, own={"baseline": 0.0060})
    told = next(found for found in findings(read_study("quick")) if found.verdict == "it is worse")
    assert told.headline == "Choosing by the true error does worse than choosing by the predicted one"
    assert "against the predicted one: +" in told.sentence and "the oracle is no upper limit. Of its gain over random" in told.sentence


def test_no_share_is_given_of_a_gain_that_is_not_there(write_study):
    write_study("quick", subjects=10, own={"baseline": 0.0104, "oracle": 0.0104}, luck=0.0)  # as random patches, swapped
    study = read_study("quick")
    assert gained(study, BASE) is None
    assert any("is not clearly above zero, so no share of it is given" in found.sentence for found in findings(study))
    assert "oracle’s gain" not in [head for head, _ in replaced_table(study, 2).columns]


def test_a_row_no_better_than_the_key_is_called_failed(write_study):
    write_study("quick", own={"select-grid": 0.0230, "no-refinement": 0.0400})
    study = read_study("quick")
    assert failed_runs(study) == ("no-refinement", "select-grid")
    assert beats_key(study, BASE)
    told = findings(study)[1]
    assert (told.tone, told.verdict) == ("no", f"2 of {sum(row.trained for row in VARIANTS.values())}")
    assert "no-refinement and select-grid" in told.headline


@pytest.mark.parametrize(
    ("baseline", "tone", "words"),
    [
        (0.005, "yes", "is below half"),
        (0.0116, "open", "is below half of a difference key’s; the interval holds both"),
        (0.0120, "open", "is not below half of a difference key’s; the interval holds both"),
        (0.02, "no", "is above half"),
    ],
)
def test_the_floor_is_told_as_the_interval_allows(write_study, baseline, tone, words):
    write_study("quick", rows=("baseline", "difference-key"), own={"baseline": baseline})
    told = findings(read_study("quick"))[0]
    assert words in told.headline
    assert told.tone == tone


def test_metrics_that_disagree_are_not_called_an_answer(write_study):
    write_study("quick", own={"no-refinement": 0.012, "select-grid": 0.012}, rough={"no-refinement": 0.5, "select-grid": 0.5}, luck=0.0)
    two_stages, retrained = [found for found in findings(read_study("quick")) if found.ablation][:2]
    assert two_stages.headline == "Without the refinement network mattes are worse, by MAD over the whole frame"
    assert "but clearly lower: Grad over the whole frame" in two_stages.sentence
    assert (two_stages.tone, two_stages.verdict) == ("open", "measures disagree")
    assert retrained.tone == "open" and retrained.headline.endswith(", by MAD")
    assert retrained.sentence.startswith("Another measure says the opposite of MAD over the whole frame for select-grid. ")


def test_shared_phases_are_paid_once(write_study):
    write_study("quick", subjects=2)
    spent, alone = shared_saving(read_study("quick"))
    trained = sum(row.trained for row in VARIANTS.values())
    assert alone == trained * (60 + 3 * 15)  # each a base phase and three joint ones
    # Base phases: one for each base network and each choice of data that an order begins with.
    first = {tuple(run_config("quick", name).recipe[0].datasets) for name, row in VARIANTS.items() if row.trained}
    networks = {(net.backbone, net.context) for name in VARIANTS for net in (run_config("quick", name).network,)}
    assert spent == (len(first) + len(networks) - 1) * 60 + trained * 3 * 15


def test_the_summary_has_rows_and_nothing_else_and_the_answers_stand_beside_it(write_study):
    write_study("quick", subjects=5)
    study = read_study("quick")
    write_summary(study)
    seen, answers = (json.loads((study.folder / f"{name}.json").read_text()) for name in ("summary", "answers"))
    assert [(one["verdict"], one["sentence"]) for one in answers] == [(one.verdict, one.sentence) for one in five_answers(study)]
    assert list(seen) == list(VARIANTS)
    own = [line["sad"] for line in study.runs["select-edge"][0].images if line["weights"] == "own"]
    assert seen["select-edge"]["sad"] == pytest.approx(sum(own) / 5)
    assert set(seen["baseline"]) == {"mad", "mse", "sad", "grad", "fps"}
    assert set(seen["baseline"]["fps"]) == {"HD", "4K"}
    assert "fps" not in seen["oracle"]
    assert seen["order-mixed"]["timed_as"] == "baseline"


def test_the_readme_shows_what_the_reference_says():
    assert with_tables(README.read_text()) == README.read_text(), "python -m bgmatte.reporting.readme --write"


@pytest.mark.parametrize(("seeds", "covers"), [(1, "one seed: the intervals hold people, not the luck of training"), (3, "3 seeds")])
def test_answers_of_longer_training_say_how_long_and_leave_out_what_was_not_asked(seeds, covers):
    lacking = {"tone": "lacking", "question": "Not asked?", "verdict": "not run", "sentence": "Cannot be said."}
    lead, _, *said = longer_list([{"tone": "yes", "question": "Why?", "verdict": "so", "sentence": "+1."}, lacking], 54, 2700, seeds).splitlines()
    assert lead.startswith("Trained longer, the refiner for 2,700 steps and not 54 (profile `overnight`, ") and covers in lead
    assert said == ["- **Why?** *so.* +1."]


def test_a_readme_without_marks_is_refused():
    with pytest.raises(ValueError, match="marks"):
        with_tables("no marks")


def test_every_line_of_a_table_has_as_many_cells_even_with_bars_in_titles(write_study):
    write_study("quick", subjects=2)
    table = readme_table(summary(read_study("quick")))
    assert len({line.count("|") - line.count("\\|") for line in table.splitlines()}) == 1


def test_a_bench_in_short():
    network = {"plain": {"median_ms": 1234.4}, "fast": {"median_ms": 400.0}, "speedup": {"median": 3.06}}
    size = {"networks": {"resnet50": network}}
    lines = bench_table({"sizes": [{"name": "HD", **size}, {"name": "4K", **size}]}).splitlines()
    assert lines[0] == "| network | HD plain [ms] | HD fast [ms] | HD speed-up | 4K plain [ms] | 4K fast [ms] | 4K speed-up |"
    assert lines[2] == "| resnet50 | 1,234 | 400 | 3.1 | 1,234 | 400 | 3.1 |"


@pytest.mark.parametrize(
    ("value", "words"), [(8.2871, "8.29"), (-0.0, "0"), (12345.6, "12,300"), (0.031, "0.0310"), (-1.5, "−1.50"), (999.9, "1,000"), (0.613, "0.613")]
)
def test_numbers_keep_three_digits(value, words):
    assert number(value) == words


@pytest.mark.parametrize(
    ("values", "signs", "words"),
    [
        ((8.287, 7.649, 8.972), False, ("8.3", "7.6 to 9.0")),
        ((0.959, 0.781, 1.142), True, ("+0.96", "+0.78 to +1.14")),
        ((-0.0774, -0.254, 0.093), True, ("−0.08", "−0.25 to +0.09")),
        ((0.001, -0.1, 0.2), True, ("0.00", "−0.10 to +0.20")),
        ((5.0, 5.0, 5.0), False, ("5.000", "5.000 to 5.000")),
        ((-0.5, -1.1, -0.03), True, ("−0.50", "−1.10 to −0.03")),
        ((1234.0, 1100.0, 1400.0), False, ("1,234", "1,100 to 1,400")),
    ],
)
def test_an_interval_decides_the_decimals(values, signs, words):
    assert estimate(*values, with_signs=signs) == words


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e5), st.floats(0, 1))
def test_rounding_never_turns_an_interval_round(low, width, place):
    _, words = estimate(low + place * width, low, low + width, with_signs=True)
    left, right = (float(end.replace("−", "-").replace(",", "")) for end in words.split(" to "))
    assert left <= right


@pytest.mark.parametrize(("p", "words"), [(None, ""), (0.0004, "p < 0.001"), (0.0123, "p = 0.012"), (0.37, "p = 0.37"), (1.0, "p = 1.00")])
def test_chances_are_words(p, words):
    assert chance(p).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(("seconds", "words"), [(3.21, "3.2 s"), (48.4, "48 s"), (725, "12 min 05 s"), (7800, "2 h 10 min")])
def test_durations_are_words(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(("name", "returns"), [("quick", True), ("paper", False)])
def test_the_setting_tells_every_phase_once_and_what_is_not_as_published(name, returns, monkeypatch):
    monkeypatch.setenv("BGMATTE_START", "nothing")
    told = training_words(run_config(name, "baseline"))
    assert told.count("base on videomatte") == 1 and told.count("photomatte") == told.count("distinctions") == 1
    assert ("each " in told) == returns and ("lead back into 0–1" in told) == returns
    assert f"refiner {run_config(name, 'baseline').recipe[1].rates.refiner:g}" in told


@pytest.mark.parametrize(("low", "high", "words"), [(-0.57, 0.72, "−0.6 to +0.8"), (0.05, 1.04, "+0.05 to +1.04"), (0.01, 9.9, "+0.01 to +9.90")])
def test_a_range_is_rounded_outward(low, high, words):
    assert hull(low, high) == words


@given(st.floats(-100, 100), st.floats(1e-3, 100))
def test_a_range_holds_its_ends_as_printed(low, width):
    left, right = (float(end.replace("−", "-").replace(",", "")) for end in hull(low, low + width).split(" to "))
    assert left <= low and low + width <= right and right - left < 1.5 * width


@pytest.mark.parametrize(("key", "wins"), [(0.004, True), (0.03, False)])
def test_a_key_that_wins_at_the_contour_is_said(write_study, key, wins):
    write_study("quick", rows=("baseline", "difference-key"), own={"difference-key": key})
    told = at_the_contour(read_study("quick"))
    assert (told is not None) == wins
    if told:
        assert told.tone == "no" and "the baseline’s MAD is +" in told.sentence


def test_a_key_that_wins_on_a_further_set_is_said(write_study):
    write_study("quick", rows=("baseline", "difference-key"), own={"baseline": 0.05}, sets=("rendered-people", "real-stamps"))
    told = at_the_contour(read_study("quick"))
    assert told.headline == "At the contour and on real-stamps the difference key is better than the trained baseline"
    assert "further held-out set real-stamps, Cut-out photographs of Tux Paint (stamps) (12 subjects), the baseline’s MAD is +" in told.sentence
