"""How far a difference between rows may be trusted: paired, clustered by subject and seed, corrected for the family.

Pictures of one subject, and all pictures of one training seed, err alike: 55 pictures of 11 people are 11 observations (the
paper’s AIM test has that). So an interval is as wide as Student's, with the standard error and degrees of freedom of an analysis of
variance of subjects crossed with seeds; a bootstrap of subjects, and then seeds, never of pictures, divides it into its two arms. No torch.
"""

from bgmatte.statistics.crossed import COVERAGE
from bgmatte.statistics.intervals import Effect, Interval, PairedDifference, by_seed, mean_interval, paired, ratio
from bgmatte.statistics.verdicts import detectable, half_widths, holm

__all__ = ["COVERAGE", "Effect", "Interval", "PairedDifference", "by_seed", "detectable", "half_widths", "holm", "mean_interval", "paired", "ratio"]
