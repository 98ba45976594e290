"""From trained weights to numbers: what a run leaves, and how each number is measured."""

from bgmatte.evaluation.judging import judge
from bgmatte.evaluation.matters import matters
from bgmatte.evaluation.running import evaluate_run, start_of

__all__ = ["evaluate_run", "judge", "matters", "start_of"]
