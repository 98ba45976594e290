"""The levels of the connectivity error equal, pixel by pixel, those of the obvious loop: one labelled picture for each threshold."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter, label

from bgmatte.data.procedural.noise import stream
from bgmatte.data.procedural.portraits import portrait
from bgmatte.metrics import parts

WAYS = {"runs": np.inf, "labels": 0}  # what `CROWDED` must be for steps_held to take one way or the other


@st.composite
def pictures(draw):
    """Few values, so that parts of equal size abound; smooth or not; sometimes a top step that nothing reaches."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.integers(1, 30)), draw(st.integers(1, 30))
    values = draw(st.sampled_from([(0, 10), (0, 0, 0, 4, 10), (0, 3, 10), tuple(range(11)), tuple(range(8)), (10,), (0,)]))
    grain = draw(st.integers(1, 4))
    coarse = random.choice(values, (-(-shape[0] // grain), -(-shape[1] // grain)))
    return np.kron(coarse, np.ones((grain, grain)))[: shape[0], : shape[1]].astype(np.uint8)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(pictures(), st.sampled_from(sorted(WAYS)))
def test_both_ways_give_the_obvious_loops_levels(reached, way):
    with patch.object(parts, "CROWDED", WAYS[way]):
        seen = parts.steps_held(reached, 10)
    assert seen.dtype == np.uint8
    np.testing.assert_array_equal(seen, obvious_loop(reached))


@pytest.mark.parametrize("way", WAYS)
def test_a_portrait_with_fine_hair_has_the_obvious_loops_levels(way):
    true = portrait(stream(0, 2, 3), 320)[3]
    for pha in (true, gaussian_filter(true, 2), true * stream(1).random(true.shape), np.roll(true, (9, 40), (0, 1))):
        reached = (np.minimum(pha, true) * 10 + 1e-5).astype(np.uint8)
        with patch.object(parts, "CROWDED", WAYS[way]):
            np.testing.assert_array_equal(parts.steps_held(reached, 10), obvious_loop(reached))


@pytest.mark.parametrize("way", WAYS)
def test_of_two_equal_parts_the_one_further_left_counts(way):
    reached = np.array([[0, 0, 0, 9], [9, 0, 0, 9], [9, 0, 0, 0]], np.uint8)  # row by row the right one would be first
    with patch.object(parts, "CROWDED", WAYS[way]):
        assert parts.steps_held(reached, 10).tolist() == [[0, 0, 0, 0], [9, 0, 0, 0], [9, 0, 0, 0]]


def test_a_part_that_overtakes_the_one_held_ends_every_level():
    reached = np.array([[5, 5, 5, 0, 8, 8]], np.uint8)  # three pixels are largest up to 0.5, then the two others
    assert parts.steps_held(reached, 10).tolist() == [[5, 5, 5, 0, 0, 0]]


def obvious_loop(reached):
    """MATLAB's loop: label every mask, keep the largest part, note where a pixel first falls out of it."""
    level = np.full(reached.shape, -1)
    for step in range(1, 11):
        numbered, count = label((reached >= step).T)
        sizes = np.bincount(numbered.ravel())[1:]
        part = (numbered == 1 + sizes.argmax()).T if count else np.zeros(reached.shape, bool)
        level[(level == -1) & ~part] = step - 1
    level[level == -1] = 10
    return level
