"""What is said of an ablation as a whole: the words count what the intervals say, and metrics that disagree are no answer."""

import pytest

from bgmatte.reporting import read_study
from bgmatte.reporting.ablation.findings import findings

ORDERS = ("baseline", "order-random", "order-mixed", "order-reverse")


def answer(study, ablation):
    return next(found for found in findings(study) if found.ablation == ablation)


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
