"""What is drawn is exact and depends on its seed alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgmatte.config import DataConfig
from bgmatte.data.procedural import DOMAINS, draw_group, objects, shapes
from bgmatte.data.procedural.canvas import blank, continued, coverage, lay, painted, plane, quantised, window
from bgmatte.data.procedural.noise import branch, fractal, stream
from bgmatte.data.procedural.portraits import portrait
from bgmatte.data.procedural.strands import bezier, deposit
from bgmatte.jsonable import ConfigError

SMALL = DataConfig(size=96, video_identities=2, video_frames=2, portraits=2, objects=2, backgrounds=2, generic=2)
FINE = 16  # samples along each side of a pixel, for the slow witnesses


def supersampled(inside, size):
    """The share of each pixel where `inside(x, y)` holds, counted at FINE² places."""
    line = (np.arange(size * FINE) + 0.5) / (size * FINE)
    hit = inside(line[None, :], line[:, None]).astype(float)
    return hit.reshape(size, FINE, size, FINE).mean((1, 3))


@given(x=st.floats(0.3, 0.7), y=st.floats(0.3, 0.7), radius=st.floats(0.1, 0.25))
def test_a_disc_covers_what_counting_says(x, y, radius):
    size = 48
    drawn = coverage(shapes.ellipse(plane(size), (x, y), (radius, radius)), size)
    counted = supersampled(lambda u, v: (u - x) ** 2 + (v - y) ** 2 < radius**2, size)
    # an edge at 45° crosses up to √2 px and is drawn as one of 1 px: at most (√2 − 1)²/2 = 0.086 off, beside counting
    assert np.abs(drawn - counted).max() < 0.11
    assert drawn.sum() == pytest.approx(counted.sum(), rel=0.02)


def test_a_straight_edge_along_an_axis_is_exact():
    drawn = coverage(shapes.rectangle(plane(16), (0.5, 0.5), (0.2, 0.3)) + 0, 16)
    counted = supersampled(lambda u, v: (abs(u - 0.5) < 0.2) & (abs(v - 0.5) < 0.3), 16)
    assert np.abs(drawn - counted)[8].max() < 1 / FINE


def test_a_strand_leaves_its_area():
    layer, width = blank(64), 0.3 / 64
    path = bezier(np.array([[0.2, 0.3]]), np.array([[0.5, 0.45]]), np.array([[0.8, 0.6]]), 400)
    deposit(layer, path, np.full((1, 400), width, np.float32), np.array([[0.2, 0.5, 0.8]]), 1)
    length = np.hypot(0.6, 0.3) * 64
    assert -np.log1p(-layer[3].astype(float)).sum() == pytest.approx(length * 0.3, rel=0.02)  # alpha = 1 − exp(−area)
    seen = layer[3] > 1e-3
    assert np.allclose(layer[:3, seen] / layer[3, seen], np.array([[0.2], [0.5], [0.8]]), atol=1e-4)


def test_many_strands_have_the_coverage_that_chance_predicts():
    rng = np.random.default_rng(3)
    start, size = rng.uniform(-0.2, 1.2, (4000, 2)), 32
    end = start + 0.4 * rng.standard_normal((4000, 2))
    layer = blank(size)
    deposit(layer, bezier(start, (start + end) / 2, end, 40), np.full((1, 40), 0.0016), np.full((4000, 3), 0.5), 8)
    opaque = supersampled(lambda u, v: _near_any(u, v, start[:400], end[:400], 0.0008), size)  # a tenth of the strands, counted
    assert 1 - (1 - opaque.mean()) ** 10 == pytest.approx(float(layer[3].mean()), abs=0.05)


def _near_any(u, v, start, end, half):
    hit = np.zeros(np.broadcast_shapes(u.shape, v.shape), bool)
    for (ax, ay), (bx, by) in zip(start, end, strict=True):
        t = np.clip(((u - ax) * (bx - ax) + (v - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2), 0, 1)
        hit |= (u - ax - t * (bx - ax)) ** 2 + (v - ay - t * (by - ay)) ** 2 < half**2
    return hit


def test_layers_over_each_other_equal_one_by_one_over_a_background():
    rng = np.random.default_rng(0)
    layers = [painted(rng.random((8, 8), np.float32), rng.random((3, 8, 8), np.float32)) for _ in range(3)]
    background = rng.random((3, 8, 8), np.float32)
    together = blank(8)
    one_by_one = background
    for layer in layers:
        lay(together, layer)
        one_by_one = layer[:3] + one_by_one * (1 - layer[3])
    assert np.allclose(together[:3] + background * (1 - together[3]), one_by_one, atol=1e-6)


def test_bytes_keep_alpha_and_colour_and_continue_colour_outside():
    layer = painted(coverage(shapes.ellipse(plane(64), (0.5, 0.5), (0.2, 0.2)), 64), np.array([0.9, 0.5, 0.1], np.float32))
    result = quantised(layer)
    assert np.abs(result[3] / 255 - layer[3]).max() <= 0.5 / 255 + 1e-6
    assert np.abs(result[:3].astype(int) - np.array([230, 128, 26])[:, None, None]).max() <= 1  # one colour, everywhere


def test_continued_colour_is_the_known_one_where_known():
    rng = np.random.default_rng(1)
    weight = (rng.random((32, 32)) < 0.1).astype(np.float32)
    colour = rng.random((3, 32, 32), np.float32) * weight
    assert continued(colour, weight).min() >= 0
    assert continued(np.full((1, 32, 32), 0.5, np.float32) * weight, weight) == pytest.approx(0.5, abs=1e-5)


def test_a_window_shows_a_part_of_the_whole():
    part, place = window(64, 0.25, 0.5, 0.75, 0.9)
    whole = fractal(np.random.default_rng(0), plane(64), 3, 4)
    assert np.array_equal(fractal(np.random.default_rng(0), part, 3, 4), whole[place[1:]])
    disc = shapes.ellipse(plane(64), (0.4, 0.6), (0.2, 0.1), 0.4)
    assert np.array_equal(shapes.ellipse(part, (0.4, 0.6), (0.2, 0.1), 0.4), disc[place[1:]])


@pytest.mark.parametrize("name", DOMAINS)
def test_one_seed_is_one_picture(name):
    first, again, other = draw_group(name, SMALL, 0), draw_group(name, SMALL, 0), draw_group(name, SMALL, 1)
    assert first.shape[1:] == (DOMAINS[name].channels, 96, 96)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_objects_are_people_some_with_a_thing_before_them(monkeypatch):
    def drawn(share):
        monkeypatch.setattr(objects, "SHARE_WITH_THING", share)
        return objects.person_maybe_with_thing(np.random.default_rng(5), 96)

    rng = np.random.default_rng(5)
    rng.random(2)
    person, alone, carrying = portrait(branch(rng), 96), drawn(0), drawn(1)
    assert np.array_equal(alone, person)
    assert (carrying[3] >= person[3] - 1e-6).all() and np.abs(carrying - person).max() > 0.1


@pytest.mark.parametrize("name", [name for name, kind in DOMAINS.items() if kind.channels == 4])
def test_subjects_have_fractional_edges_and_fill_a_part_of_the_frame(name):
    alpha = np.concatenate([draw_group(name, SMALL, group)[:, 3] for group in range(6)]) / 255
    assert 0.03 < alpha.mean() < 0.8
    assert ((alpha > 0.05) & (alpha < 0.95)).mean() > 0.01


def test_pictures_look_alike_at_every_size():
    small, large = (draw_group("proc-portrait", DataConfig(size=size), 3)[0, 3].astype(float) / 255 for size in (64, 256))
    assert np.abs(large.reshape(64, 4, 64, 4).mean((1, 3)) - small).mean() < 0.02


def test_video_frames_show_one_person_who_moves():
    frames = draw_group("proc-video", DataConfig(size=96, video_frames=3), 0).astype(float)
    assert np.abs(frames[0] - frames[1]).mean() > 0.2
    solid = [frame[:3, frame[3] == 255].mean(1) for frame in frames]
    assert np.abs(solid[0] - solid[1]).max() < 12  # the same skin, hair and clothes


def test_streams_differ_by_place():
    assert stream(0, 1, 2).random() != stream(0, 2, 1).random() != stream(1, 1, 2).random()


def test_an_unknown_set_is_refused_with_the_allowed_names():
    with pytest.raises(ConfigError, match="'proc-cats' is not allowed; allowed: proc-video"):
        draw_group("proc-cats", SMALL, 0)
