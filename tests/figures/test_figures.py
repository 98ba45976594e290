"""Drawings: the same bytes every time, words for every one, legible in the dark, nothing asked from outside."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bgmatte.figures import (
    Bands,
    Budgets,
    Cost,
    Course,
    Disturbed,
    Lesson,
    Line,
    Panel,
    Point,
    Share,
    Trace,
    courses_by_role,
    error_by_band,
    error_by_disturbance,
    interval_plot,
    learning_curve,
    learning_curves,
    predicted_and_true,
    quality_against_speed,
    quality_by_budget,
    sample_pictures,
    samples,
    tiles,
)
from bgmatte.figures.labels import inside, spread
from bgmatte.figures.style import BLUE, FAINT, GREY, INK, PAPER, SOFT
from bgmatte.profiles import run_config
from bgmatte.records import RunRecord


def forest():
    lines = tuple(Line(f"row {place}", place, place - 1.0, place + 0.5, f"{place} of 3", hollow=place == 2) for place in range(3))
    return interval_plot(
        "forest", "A forest", "Three rows, the last is largest: 2.", [Panel("A", "x [px]", lines, ((0, "zero"),)), Panel("B", "y [ms]", lines)]
    )


def record(tmp_path, row="baseline", curves=True):
    steps = [(0, "base on videomatte", 4), (1, "joint on photomatte", 4)]
    lines, before = [], 0
    for phase, label, count in steps:
        for step in range(1, count + 1):
            measured = 0.1 / (before + step) if step % 2 == 0 else None
            lines.append(
                {
                    "phase": float(phase),
                    "label": label,
                    "step": float(step),
                    "global_step": float(before + step),
                    "loss": 1.0 / step,
                    "validation_mad": measured,
                }
            )
        before += count
    return RunRecord(tmp_path, run_config("smoke", row), {}, [], lines if curves else [])


def draw_everything(tmp_path):
    costs = [Cost(row, size, (9.0, 10.0, 11.0), (4.0, 5.0, 6.0), 40.2) for row in ("baseline", "no-refinement") for size in ("HD", "4K")]
    runs = [record(tmp_path), record(tmp_path, "select-grid")]
    return [
        forest(),
        learning_curve(runs[0]),
        learning_curves({"one": runs, "another": runs}),
        quality_against_speed(costs, "HD 10 fps, MAD 5."),
        distances(),
        courses(),
        budgets(),
        trusted(),
        disturbed(),
    ]


def distances(change=(-1.0, 2.0, 5.0)):
    near, far = (200.0, 210.0, 220.0), (1.0, 1.1, 1.2)
    rows = [Bands("baseline", "#0173b2", (near, far), (None, None)), Bands("stages-half", "#de8f05", (near, None), (change, None))]
    rows += [Bands("difference-key", GREY, (None, far), (None, None), reference=True)]
    return error_by_band("bands", "Bands", "distance [px]", ("0–2", "2 and more"), rows, "Next to the contour 210, then 1.1.")


def trace(label, means, reach=0.5, tone=BLUE, places=(0, 64, 256, 1024)):
    points = tuple(Point(x, mean - reach, mean, mean + reach) for x, mean in zip(places, means, strict=False))
    return Trace(label, tone, points, dashed=tone == GREY)


def budgets(last=-2.0):
    curves = (trace("error", (0, -1, -1.5, last)), trace("oracle", (0, -1.2, -1.9, -2.0), tone=GREY))
    return quality_by_budget([Budgets("MAD", "MAD − without", curves, 256)], "Error falls by 2.")


def trusted(true=12.0):
    bins = trace("baseline", (1.0, true, 300.0), places=(0.5, 9, 200))
    shares = [Share(0.5, 90), Share(9, 9.9), Share(200, 0.1)]
    recalls = [trace("predicted", (20, 60, 95), 2, places=(1, 5, 20)), trace("chance", (1, 5, 20), 0, SOFT, (1, 5, 20))]
    return predicted_and_true(bins, shares, recalls, 2.0, "Where 9 were predicted, 12 are true.")


def disturbed(most=90.0):
    shift = Disturbed("shift", "shift [px, log]", (trace("baseline", (8, 9, 12, most), places=(0, 0.5, 1, 8)),), (0, 0.3), 0.5)
    gamma = Disturbed("gamma", "gamma", (trace("baseline", (30, 8, 20), places=(0.7, 1, 1.4)),), (0.85, 1.15))
    return error_by_disturbance([("MAD [×10⁻³, log]", [shift, gamma])], "At 8 px 90.")


def courses(kept="+12 %"):
    seen = Course("PhotoMatte13K", ((0.1, 500.0), (0.5, 60.0), (1.0, 30.0), (1.5, 25.0), (2.0, 28.0)), frozenset({0}), kept)
    never = Course("VideoMatte240K", ((0.1, 500.0), (1.0, 50.0), (2.0, 49.0)), frozenset())
    lessons = [Lesson(f"row {number}", ("base\nPhoto", "joint\nVideo"), (seen, never)) for number in range(2)]
    return courses_by_role(lessons, "From 30 to 28.")


@pytest.fixture(scope="module")
def drawings(tmp_path_factory):
    return draw_everything(tmp_path_factory.mktemp("runs"))


def test_the_same_bytes_every_time(drawings, tmp_path):
    assert draw_everything(tmp_path) == drawings


def test_drawings_are_svg_with_words_and_ask_for_nothing(drawings):
    for figure in drawings:
        assert re.search(r"\d", figure.alt)
        for content in (figure.wide, figure.narrow):
            tree = ElementTree.fromstring(content)
            links = [value for node in tree.iter() for name, value in node.attrib.items() if name.endswith("href")]
            assert all(link.startswith("#") for link in links)
            assert b"<dc:date>" not in content


def test_every_neutral_tone_has_a_partner_in_the_dark(drawings):
    for figure in drawings:
        text = figure.wide.decode()
        sheet, drawing = text.split("</style>", 1)
        assert "prefers-color-scheme: dark" in sheet
        used = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", drawing))
        assert "#000000" not in used, "black has no partner"
        grey = {tone for tone in used if tone[1:3] == tone[3:5] == tone[5:7]} | ({PAPER} & used)
        assert grey <= {INK, SOFT, FAINT, PAPER, "#949494"}
        assert all(tone in sheet for tone in (INK, SOFT, FAINT, PAPER))


def test_a_phone_gets_a_narrower_drawing(drawings):
    wide, narrow = (float(re.search(rb'width="([\d.]+)pt"', content).group(1)) for content in (drawings[0].wide, drawings[0].narrow))
    assert narrow < 0.55 * wide


def test_a_figure_is_saved_with_its_words(drawings, tmp_path):
    path = drawings[0].save(tmp_path)
    assert path.read_bytes() == drawings[0].wide
    assert path.with_suffix(".txt").read_text() == "Three rows, the last is largest: 2.\n"


def test_curves_state_first_and_last(tmp_path):
    assert "baseline from 50.0 to 12.5" in learning_curves({"one": [record(tmp_path)]}).alt


def test_what_is_drawn_follows_the_numbers(drawings):
    """Drawings are compared with themselves elsewhere; here one number moves and the drawing with it."""
    assert drawings[4].wide != distances((-1.0, 3.0, 5.0)).wide
    assert drawings[5].wide != courses("+13 %").wide
    assert drawings[6].wide != budgets(-2.5).wide
    assert drawings[7].wide != trusted(15.0).wide
    assert drawings[8].wide != disturbed(80.0).wide


def test_a_run_that_measured_nothing_still_draws(tmp_path):
    assert learning_curve(record(tmp_path, curves=False)).wide.startswith(b"<?xml")


@pytest.fixture
def pictured(tmp_path):
    place = tmp_path / "pictures" / "one"
    place.mkdir(parents=True)
    (tmp_path / "pictures" / "samples.json").write_text('[{"image": "one", "crop": [8, 16, 16, 16]}]')
    true = numpy.zeros((64, 64), "uint8")
    true[:, 24:] = 255
    pha = true.copy()
    pha[:, :24] = 20
    chosen = numpy.zeros((16, 16), "uint8")
    chosen[2:6, 6:8] = 255  # patches 6 and 7: columns 24 to 31, the right half of the crop
    colour = numpy.full((64, 64, 3), 100, "uint8")
    for name, layer in {"src": colour, "bgr": colour, "true": true, "pha": pha, "ref": chosen}.items():
        Image.fromarray(layer).save(place / f"{name}.webp", lossless=True)
    return record(tmp_path)


def test_tiles_show_the_crop_its_error_and_where_the_budget_went(pictured):
    (sample,) = samples(pictured)
    assert sample.box == (16, 8, 32, 24)
    cut = {name: numpy.asarray(tile, int) for name, tile in tiles(pictured, sample).items()}
    left, right = slice(10, 90), slice(134, 214)
    assert cut["true"][:, left].max() == 0
    assert cut["true"][:, right].min() == 255
    assert abs(cut["wrong"][:, left] - 80).max() <= 1, "an error of 20 levels is shown four times as bright"
    assert cut["wrong"][:, right].max() == 0
    assert numpy.ptp(cut["patches"][:, left], axis=-1).max() == 0, "what was not refined is grey"
    assert (cut["patches"][:, right, 0] - cut["patches"][:, right, 2]).min() > 80, "what was refined is amber"


def test_a_run_without_pictures_says_so(tmp_path):
    assert samples(record(tmp_path)) == ()
    assert "none kept" in sample_pictures(record(tmp_path)).alt


def test_one_sheet_holds_every_sample(pictured):
    sheet = sample_pictures(pictured)
    assert sheet.kind == "webp"
    assert "one" in sheet.alt


@given(st.lists(st.floats(0, 1), max_size=9))
def test_labels_are_spread_but_keep_their_order(places):
    moved = spread(sorted(places), 0.05)
    assert len(moved) == len(places)
    assert all(after - before >= 0.05 - 1e-9 for before, after in pairwise(moved))


def test_labels_that_have_room_stay():
    assert spread([0.1, 0.3, 0.9], 0.05) == pytest.approx([0.1, 0.3, 0.9])
    assert spread([0.1, 0.1], 0.05) == pytest.approx([0.075, 0.125])


@given(st.integers(1, 10), st.floats(-1, 1))
def test_labels_are_kept_beside_the_axes(count, lowest):
    places = inside([lowest + 0.09 * rank for rank in range(count)], 0.09)
    assert all(after - before >= 0.09 - 1e-9 for before, after in pairwise(places))
    assert places[0] >= 0 and places[-1] <= 1


def test_labels_within_the_axes_stay_and_the_rest_moves_no_more_than_it_must():
    assert inside([0.3, 0.5], 0.1) == [0.3, 0.5]
    assert inside([0.9, 1.1], 0.1) == pytest.approx([0.9, 1.0])
    assert inside([-0.2, -0.1, 0.6], 0.1) == pytest.approx([0.025, 0.125, 0.6])
