"""No word, mark or colour is stronger than its interval: a mean on one side of 0 decides nothing, and what rose and what fell keep their sign."""

from types import SimpleNamespace

import pytest

from bgmatte.config import ROLES
from bgmatte.figures.style import BLUE, GREEN, GREY, RED
from bgmatte.profiles import run_config
from bgmatte.reporting import comparisons, drawings, read_study, timings
from bgmatte.reporting.ablation import findings, forgetting
from bgmatte.reporting.about.costs import compute
from bgmatte.reporting.comparisons import BASE, Result, beats_key, tone
from bgmatte.reporting.further import budget_words
from bgmatte.reporting.further.budget_numbers import Worth
from bgmatte.reporting.measures import chance
from bgmatte.reporting.study import Arm
from bgmatte.reporting.tables import replaced_table
from bgmatte.reporting.timings import frame_times
from bgmatte.statistics import Interval, PairedDifference

SIDES = {  # ends of intervals, most with a mean far from 0
    "above": (0.1, 0.5),
    "touches from above": (0.0, 0.5),
    "holds, mean above": (-0.1, 0.5),
    "holds, mean below": (-0.5, 0.1),
    "touches from below": (-0.5, 0.0),
    "below": (-0.5, -0.1),
}


def interval(low, high):
    return Interval(0.5 * (low + high), low, high, 12, 1)


def apart(low, high):
    """A difference whose mean lies in the middle of its interval and is as large as the baseline's."""
    mean = 0.5 * (low + high)
    return PairedDifference(mean, low, high, 12, 1, relative=mean, relative_low=low, relative_high=high, p=0.5)


@pytest.mark.parametrize("side", SIDES)
def test_a_row_beats_the_key_with_its_whole_interval_alone(monkeypatch, side):
    monkeypatch.setattr(comparisons, "difference", lambda *_: apart(*SIDES[side]))
    assert beats_key(None, BASE) is (side == "below")


@pytest.mark.parametrize("further", list(SIDES)[:3])
@pytest.mark.parametrize("contour", list(SIDES)[:3])
def test_the_key_wins_where_the_whole_interval_says_so_and_nowhere_else(monkeypatch, contour, further):
    places = {"rendered-people": apart(*SIDES[contour]), "real-stamps": apart(*SIDES[further])}
    monkeypatch.setattr(findings, "difference", lambda study, *_: places[study.name])
    study = SimpleNamespace(name="rendered-people", further=("real-stamps",), on=lambda name: SimpleNamespace(name=name))
    told = findings.at_the_contour(study)
    won = [place for place, side in (("at the contour", contour), ("on real-stamps", further)) if side == "above"]
    if won:
        assert told.headline == f"{' and '.join(won).capitalize()} the difference key is better than the trained baseline"
        assert [words in told.sentence for words in ("unknown region", "further held-out set")] == [contour == "above", further == "above"]
    else:
        assert told is None


@pytest.mark.parametrize(
    ("low", "high", "p", "read"),
    [
        (0.1, 0.5, 0.049, "worse"),
        (-0.5, -0.1, 0.049, "better"),
        (0.1, 0.5, 0.05, "open"),
        (0.1, 0.5, 0.055, "open"),
        (-0.5, -0.1, 0.055, "open"),
        (0.0, 0.5, 0.001, "open"),
        (-0.5, 0.0, 0.001, "open"),
        (-0.1, 0.5, 0.001, "open"),
        (0.1, 0.5, None, "worse"),
        (0.0, 0.5, None, "open"),
    ],
)
def test_a_difference_is_clear_by_its_interval_and_its_adjusted_p(low, high, p, read):
    assert tone(apart(low, high), p) == read


def forgets(monkeypatch, *seeds):
    """What is said of a baseline whose runs kept this, run by run and role by role."""
    monkeypatch.setattr(forgetting, "kept", lambda run, role: run.get(role))
    return forgetting.baseline_forgets(SimpleNamespace(runs={"baseline": seeds})).replace("\N{NO-BREAK SPACE}", " ")


def test_what_rose_is_forgotten_and_what_fell_is_not_and_seeds_of_the_same_sign_are_counted(monkeypatch):
    ends = {ROLES[0]: (12.0, 11.0, 14.0, 9.0), ROLES[1]: (18.0, 15.0, 22.0, 13.0)}
    owns = {ROLES[0]: 10.0, ROLES[1]: 20.0}
    seeds = [{role: forgetting.Kept(owns[role], ends[role][seed], last=False) for role in ends} for seed in range(4)]
    rose, fell = forgets(monkeypatch, *seeds).split("; ")
    assert rose.endswith("mean of 4 seeds, without interval: the error rose on VideoMatte240K 10.0 → 11.5 (+15 %, in 3 of 4 seeds)")
    assert fell == "not forgotten, for there the error fell on average: PhotoMatte13K 20.0 → 17.0 (−15 %, in 3 of 4 seeds)."


@pytest.mark.parametrize(("end", "said", "unsaid"), [(12.0, "the error rose on", "fell"), (8.0, "the error fell on average: ", "rose")])
def test_one_seed_has_one_sign_and_no_count(monkeypatch, end, said, unsaid):
    told = forgets(monkeypatch, {ROLES[0]: forgetting.Kept(10.0, end, last=False), ROLES[2]: forgetting.Kept(10.0, 99.0, last=True)})
    assert said in told and unsaid not in told and "of 1" not in told and "Distinctions" not in told


@pytest.mark.parametrize(
    ("low", "high", "beside"),
    [
        (0.90, 1.20, ": no difference found"),
        (1.00, 1.20, ": no difference found"),
        (0.80, 1.00, ": no difference found"),
        (1.01, 1.20, ""),
        (0.80, 0.99, ""),
    ],
)
def test_a_time_whose_interval_holds_1_is_no_difference(low, high, beside):
    ratio = {"median": 0.5 * (low + high), "low": low, "high": high}
    timing = {"sizes": [{"name": "HD", "rows": {"stages-full": {"ratio": ratio}, "stages-half": {"ratio": ratio}}}]}
    span = f"({low:.2f} to {high:.2f}{beside})"
    told = frame_times(timing, {"stages-full": "one", "stages-half": "other"})
    assert told == f"with one a frame at HD takes {ratio['median']:.2f} times as long {span} and with other {ratio['median']:.2f} {span}"


def read(arm, said):
    return Result(arm, interval(8.0, 9.0), apart(0.1, 0.5) if said else None, None, said)


@pytest.fixture
def lines(monkeypatch):
    """Draws `draw` from results as given and returns label → tone of each of its panels."""

    def drawn(draw, results):
        panels = []
        monkeypatch.setattr(drawings, "compare", lambda *_: {one.arm: one for one in results})
        monkeypatch.setattr(drawings, "interval_plot", lambda name, title, alt, some, **_: panels.extend(some))
        draw(SimpleNamespace(arms=tuple(one.arm for one in results)))
        return [{line.label: line.tone for line in panel.lines} for panel in panels]

    return drawn


TONED = {"select-random": ("worse", RED), "select-grid": ("better", GREEN), "select-edge": ("open", GREY), "oracle": ("worse", GREY)}


@pytest.mark.parametrize(
    ("draw", "panels", "besides"),
    [
        (drawings.overview, 1, {}),
        (drawings.selection_forest, 2, {"oracle": GREY}),
        (drawings.levels, 1, {"oracle": GREY, "baseline": BLUE}),
    ],
)
def test_orange_is_clearly_worse_green_clearly_better_and_all_else_grey(lines, draw, panels, besides):
    results = [read(BASE, ""), *(read(Arm(row), said) for row, (said, _) in TONED.items())]
    wanted = {Arm(row).label: colour for row, (_, colour) in TONED.items() if row.startswith("select-")} | besides
    assert lines(draw, results) == [wanted] * panels


@pytest.mark.parametrize(("said", "colour"), [("worse", RED), ("better", GREEN), ("open", GREY)])
def test_measures_without_the_refiner_are_coloured_as_they_read(lines, said, colour):
    (panel,) = lines(drawings.two_stage_forest, [read(Arm("no-refinement"), said)])
    assert set(panel.values()) == {colour} and len(panel) == 8


def test_training_is_paid_once_where_it_is_shared(write_study):
    def runs(row, *seconds):
        parts = ("train", "train_shared", "evaluate")
        return tuple(SimpleNamespace(config=run_config("quick", row), story={"seconds": dict(zip(parts, each, strict=True))}) for each in seconds)

    spent = {"order-mixed": runs("order-mixed", (100.0, 40.0, 20.0), (130.0, 30.0, 25.0)), "difference-key": runs("difference-key", (0.0, 0.0, 5.0))}
    (table,) = compute(SimpleNamespace(runs=spent, stages={}))
    assert [title for _, title in table.columns[3:5]] == ["not shared with the baseline", "shared with the baseline"]
    (_, seeds, _, alone, shared, judged), key = table.rows
    assert [cell.value for cell in (seeds, alone, shared, judged)] == [2, 160.0, 70.0, 45.0]
    assert alone.text == "2 min 40 s"
    assert [cell.text for cell in key[3:]] == ["", "", "5.0 s"]


@pytest.mark.parametrize(
    ("side", "begins"),
    [
        ("above", "The oracle gains less than predicted error does (150\N{NO-BREAK SPACE}% (110 to 190)): "),
        ("touches from above", "That is 150\N{NO-BREAK SPACE}% (110 to 190) of what the oracle, "),
        ("holds, mean above", "That is 150\N{NO-BREAK SPACE}% (110 to 190) of what the oracle, "),
        ("below", "That is 150\N{NO-BREAK SPACE}% (110 to 190) of what the oracle, "),
    ],
)
def test_the_oracle_gains_less_where_the_whole_interval_says_so(monkeypatch, side, begins):
    worths = {
        "error": Worth(interval(2e-3, 4e-3), None, None, "", interval(1.1, 1.9)),
        "oracle": Worth(interval(1e-3, 3e-3), apart(*SIDES[side]), None, "", None),
    }
    monkeypatch.setattr(budget_words, "worths", lambda *_: worths)
    monkeypatch.setattr(budget_words, "everything", lambda *_: None)
    monkeypatch.setattr(budget_words, "curves", lambda *_: {"error": SimpleNamespace(budgets=(0, 64, 1024))})
    told = dict(budget_words.found_words(None))["Found."]
    opening = "On average over budgets from 64 to all 1,024 patches, every doubling alike, refining by predicted error lowers MAD by "
    assert told.startswith(opening) and told.partition("whole frame). ")[2].startswith(begins)


@pytest.mark.parametrize(
    ("low", "high", "mark"), [(0.51, 0.89, "yes"), (0.92, 1.08, "yes"), (0.5, 0.9, "open"), (0.4, 0.9, "open"), (0.1, 0.4, "open")]
)
def test_most_of_perfect_knowledge_is_reached_where_the_lower_end_is_above_half(write_study, monkeypatch, low, high, mark):
    write_study("smoke", rows=("baseline", "oracle"), subjects=3)
    monkeypatch.setattr(findings, "gained", lambda *_: interval(low, high))
    (told,) = [found for found in findings.findings(read_study("smoke")) if found.headline.startswith("How much of perfect knowledge")]
    assert told.tone == mark
    assert f"({100 * low:.0f} to {100 * high:.0f})" in told.verdict and told.verdict in told.sentence


def test_speed_stands_beside_ablations_of_the_network_and_not_of_the_choice(write_study):
    write_study("smoke", rows=("baseline", "select-grid", "stages-half"), subjects=2)
    study = read_study("smoke")
    assert "select-grid" in study.timing["sizes"][0]["rows"]
    rates = [[title for title, _ in replaced_table(study, ablation).columns if title.startswith("fps")] for ablation in (2, 5)]
    assert rates == [[], ["fps HD", "fps 4K"]]


@pytest.mark.parametrize(("p", "words"), [(0.04996, "p = 0.0499"), (0.0494, "p = 0.049"), (0.05, "p = 0.050"), (0.0504, "p = 0.050")])
def test_a_p_below_the_line_is_not_printed_as_on_it(p, words):
    assert chance(p).replace("\N{NO-BREAK SPACE}", " ") == words


def test_a_ratio_beside_1_is_not_rounded_onto_it():
    assert timings._stretched({"median": 1.1, "low": 1.001, "high": 1.2}) == "1.100 (1.001 to 1.200)"
    assert timings._stretched({"median": 1.1, "low": 0.996, "high": 1.2}) == "1.10 (1.00 to 1.20: no difference found)"
