"""How far a difference between rows may be trusted: paired, clustered by subject and seed, corrected for the family.

Pictures of one subject, and all pictures of one training seed, err alike. So intervals resample subjects, and then
seeds, never pictures: 55 pictures of 11 people are 11 observations (the paper’s AIM test has that). No torch.
"""

from bgmatte.statistics.crossed import COVERAGE
from bgmatte.statistics.intervals import Effect, Interval, PairedDifference, by_seed, mean_interval, paired, ratio
from bgmatte.statistics.verdicts import detectable, holm, verdict

__all__ = ["COVERAGE", "Effect", "Interval", "PairedDifference", "by_seed", "detectable", "holm", "mean_interval", "paired", "ratio", "verdict"]
