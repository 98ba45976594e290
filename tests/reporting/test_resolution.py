"""The sentence on the first screen about what a study of this size can find."""

from bgmatte.reporting import read_study
from bgmatte.reporting.measures import number
from bgmatte.reporting.resolution import in_short, resolutions


def test_the_first_screen_names_the_smallest_and_the_largest_of_all_comparisons(write_study):
    write_study("smoke", rows=("baseline", "stages-full", "stages-half", "order-mixed"), subjects=9)
    study = read_study("smoke")
    sizes = sorted(one.least for ablation in (3, 5) for one in resolutions(study, ablation))
    assert len(sizes) == 3
    assert f"four times in five lies between {number(sizes[0], 2)} and {number(sizes[-1], 2)} ×10⁻³" in in_short(study)


def test_without_a_comparison_there_is_no_sentence(write_study):
    write_study("smoke", rows=("baseline",), subjects=3)
    assert in_short(read_study("smoke")) == ""
