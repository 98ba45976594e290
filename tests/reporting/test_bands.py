"""The error by distance from the contour."""

from bgmatte.metrics import mad_by_distance
from bgmatte.reporting import read_study
from bgmatte.reporting.comparisons import compare
from bgmatte.reporting.further.bands import bands, by_distance, distance_curves, distance_table
from bgmatte.reporting.study import Arm


def test_bands_are_found_by_their_names_and_compared_within_each(write_study, cells):
    import torch

    write_study("smoke", rows=("baseline", "no-refinement", "stages-full", "stages-half"))
    study = read_study("smoke")
    assert list(bands(study)) == list(mad_by_distance(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 4, 4))), "evaluation and report name them alike"
    assert list(bands(study).values()) == ["0–2", "2–4", "4–8", "8–16", "16–32", "≥ 32"]
    near, far = (compare(study, column) for column in ("mad_band_0_2", "mad_band_32_up"))
    assert near[Arm("no-refinement")].tone == "worse" and far[Arm("no-refinement")].tone == "better"
    told = cells(distance_table(study))
    assert told["no-refinement"]["0–2 px"].tone == "worse" and told["baseline"]["0–2 px"].notes == ()
    assert "≥ 32 px" in distance_curves(study).alt
    places = by_distance(study, Arm("no-refinement"))
    assert places == "lower at 16–32 and ≥ 32 px and clearly higher at 0–2, 2–4, 4–8 and 8–16 px"


def test_without_bands_there_is_neither_drawing_nor_table(write_study):
    write_study("smoke", rows=("baseline",))
    assert distance_curves(read_study("smoke")) is None
    assert distance_table(read_study("smoke")) is None
