"""A view and how it changes: pictures, weights, painting, saving; what cannot be is refused and changes nothing."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from bgmatte.explorer.codes import ADDED, REMOVED
from bgmatte.explorer.layers import encoded
from bgmatte.explorer.mosaic import mosaic, still
from bgmatte.explorer.place import Place
from bgmatte.explorer.session import Session
from bgmatte.explorer.shots import DRAWN, SIZES, Pick, held_out_names, kept_upload, taken
from bgmatte.explorer.view import Painting, View, read, save, saved
from bgmatte.explorer.weights import kernel_of, offered, opened
from bgmatte.inference.refusals import MatteError
from bgmatte.jsonable import ConfigError, from_dict, to_dict
from bgmatte.network.loading import CheckpointError
from bgmatte.shipped import shipped_path


@pytest.fixture(scope="module")
def fresh():
    """One session for the module: opening takes a second."""
    return Session()


@pytest.fixture
def session(fresh):
    fresh.show(View())
    return fresh


@pytest.fixture
def own(tmp_path):
    """A held-out picture as files of one's own."""
    shot = taken(Pick())
    for name, picture in (("src", shot.src), ("bgr", shot.bgr), ("pha", shot.pha.expand(-1, 3, -1, -1))):
        pixels = picture[0, :, 100:202, 100:301].mul(255).round().byte().permute(1, 2, 0).numpy()
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    return {name: str(tmp_path / f"{name}.png") for name in ("src", "bgr", "pha")}


def test_it_opens_with_the_shipped_weights_and_a_held_out_picture(session):
    assert session.weights.title == "baseline that ships"
    assert session.shot.title.split()[0] in held_out_names()[0]
    numbers = session.numbers()
    assert numbers["none"].patches == 0 < numbers["a"].patches == numbers["b"].patches < numbers["everywhere"].patches
    assert numbers["a"].mad < numbers["b"].mad < numbers["none"].mad, "1,000 predicted patches do more than random ones"


def test_a_budget_changes_patches_and_no_picture(session):
    before = session.layers
    assert session.change(patches=200) is False
    assert session.layers is before
    assert session.numbers()["a"].patches == 200


def test_every_layer_that_a_pane_shows_is_there_and_of_the_frames_size(session, own):
    for picture in (Pick(), Pick("own", src=own["src"], bgr=own["bgr"])):
        session.change(picture=picture)
        used = {layer for group in session.groups for pane in group["panes"] for layer in pane["layers"]}
        assert used == set(session.layers)
        assert {layer.shape[:2] for layer in session.layers.values()} == {tuple(session.exploration.scene.src.shape[2:])}


def test_what_travels_is_what_is_shown(session):
    travelled = encoded({"pha": session.layers["pha_after"], "src": session.layers["src"]})
    alpha, source = (np.asarray(Image.open(io.BytesIO(travelled[name]))) for name in ("pha", "src"))
    assert np.array_equal(alpha[..., 0], session.layers["pha_after"]), "alpha without loss"
    assert np.abs(source.astype(int) - session.layers["src"]).mean() < 3
    assert all(content[:4] == b"RIFF" for content in travelled.values())


def test_painting_adds_and_takes_away(session):
    session.change(first="none", second="everywhere")
    session.paint("a", ADDED, [5, 6, 7])
    session.paint("b", REMOVED, [5, 6])
    assert session.codes("a").flatten()[[4, 5, 6, 7, 8]].tolist() == [0, 2, 2, 2, 0]
    assert session.codes("b").flatten()[[4, 5, 6, 7]].tolist() == [1, 3, 3, 1]
    assert session.numbers()["a"].patches == 3
    assert session.numbers()["b"].patches == session.exploration.patches - 2
    session.paint("a", REMOVED, [6])
    assert session.codes("a").flatten()[[5, 6, 7]].tolist() == [2, 0, 2]
    session.change(first="everywhere")
    assert session.codes("a").flatten()[[5, 6, 7]].tolist() == [1, 3, 1], "what the selector takes by itself is not told as added"
    session.clear("a")
    assert (session.codes("a") == 1).all()
    session.change(picture=replace(session.view.picture, name=held_out_names()[1]))
    assert session.view.paintings == (Painting(), Painting()), "another picture has other patches"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"first": "best"}, "first: 'best'"),
        ({"patches": -1}, "patches: -1"),
        ({"threshold": 2.0}, "threshold: 2.0"),
        ({"scale": 0.3}, "scale: 0.3"),
        ({"kernel": 5}, "kernel: 5"),
        ({"over": "no colour"}, "no colour"),
        ({"weights": "quick/oracle/0"}, "row: 'oracle'"),
        ({"weights": "nowhere.safetensors"}, "nowhere.safetensors: missing"),
        ({"picture": Pick(name="nobody")}, "picture.name: 'nobody'"),
        ({"picture": Pick("own")}, "two pictures are needed"),
        ({"picture": Pick("own", src="/a.png", bgr="/b.png")}, "/a.png: "),
        ({"painted_first": Painting(added=(10**9,))}, "painted patches: (1000000000, 1000000000)"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_changes_nothing(session, fields, words):
    before, layers = session.view, session.layers
    with pytest.raises((ConfigError, MatteError, CheckpointError)) as refused:
        session.change(**fields)
    assert words in str(refused.value)
    assert session.view is before
    assert session.layers is layers


def test_own_pictures_with_and_without_truth(session, own):
    session.change(picture=Pick("own", src=own["src"], bgr=own["bgr"]), first="difference")
    assert session.numbers()["a"].mad is None
    assert session.curves() == {}
    with pytest.raises(MatteError, match=r"true alpha of src\.png is not known"):
        session.change(second="oracle")
    session.change(picture=Pick("own", **own))
    session.change(second="oracle")
    assert 0 < session.numbers()["b"].mad < 0.2
    with pytest.raises(MatteError, match="oracle"):
        session.change(picture=Pick("own", src=own["src"], bgr=own["bgr"]))


def test_own_pictures_that_do_not_fit_are_refused(session, own, tmp_path):
    Image.new("RGB", (90, 80)).save(tmp_path / "other.png")
    with pytest.raises(MatteError, match=r"other\.png: 90×80 px.*201×102 px"):
        session.change(picture=Pick("own", src=own["src"], bgr=str(tmp_path / "other.png")))
    Image.new("RGB", (20, 80)).save(tmp_path / "tiny.png")
    with pytest.raises(MatteError, match=r"tiny\.png: 20×80 px"):
        session.change(picture=Pick("own", src=str(tmp_path / "tiny.png"), bgr=own["bgr"]))
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n but no more")
    with pytest.raises(MatteError, match=r"broken\.png"):
        session.change(picture=Pick("own", src=str(tmp_path / "broken.png"), bgr=own["bgr"]))


@pytest.mark.parametrize("name", DRAWN)
def test_drawn_pictures_of_any_size_from_a_seed(name):
    pick = Pick("drawn", name, seed=4, size="512×512")
    shot, again, other = taken(pick), taken(pick), taken(replace(pick, seed=5))
    assert shot.size == SIZES["512×512"]
    assert (shot.src == again.src).all() and not (shot.src == other.src).all()
    assert 0.005 < shot.pha.mean() < 0.9
    assert (shot.src - shot.bgr).abs().mean() > 0.005


def test_wide_pictures_are_filled():
    shot = taken(Pick("drawn", "proc-portrait", 1, "1280×720"))
    assert shot.src.shape == (1, 3, 720, 1280) and shot.pha.shape == (1, 1, 720, 1280)
    assert shot.src[..., :40].std() > 0.005, "the background goes on beside the subject's square"


def test_a_view_is_saved_with_its_picture_and_found_again(session, tmp_path):
    session.change(first="grid", patches=300)
    session.paint("b", ADDED, [1, 2])
    view = replace(session.view, place=Place(0.4, 0.6, 2.5, "pha:a"))
    path = save(view, mosaic(session), tmp_path)
    assert read(path) == view
    assert saved(tmp_path) == (path,)
    with Image.open(path.with_suffix(".png")) as picture:
        assert picture.size[0] > 1_000
    assert from_dict(View, json.loads(json.dumps(to_dict(view)))) == view
    session.show(View())
    session.show(read(path))
    assert session.numbers()["a"].patches == 300


@pytest.mark.parametrize(("content", "words"), [("", "no JSON"), ('{"first": 3}', r"view\.first"), ('{"budget": 3}', "budget"), ("[]", "view")])
def test_a_file_that_is_no_view_is_refused_by_name(tmp_path, content, words):
    (tmp_path / "view.json").write_text(content)
    with pytest.raises((MatteError, ConfigError), match=words) as refused:
        read(tmp_path / "view.json")
    assert "view.json" in str(refused.value)
    with pytest.raises(MatteError, match=r"none\.json: missing"):
        read(tmp_path / "none.json")


def test_the_mosaic_shows_panes_as_they_are_zoomed(session):
    session.change(first="everywhere")
    whole = mosaic(session)
    session.view = replace(session.view, place=Place(0.5, 0.5, 8.0))
    assert mosaic(session).shape == whole.shape
    assert not np.array_equal(mosaic(session), whole)
    figure = still(session)
    assert figure.kind == "webp" and "everywhere" in figure.alt and "16,384 patches" in figure.alt


def test_weights_by_source():
    assert offered()["baseline that ships"] == "shipped"
    assert kernel_of("shipped") == 3
    file = opened(str(shipped_path()))
    assert file.kernels == (3,)
    with pytest.raises(ConfigError, match="kernel: 1"):
        opened(str(shipped_path()), kernel=1)
    with pytest.raises(MatteError, match="is not trained"):
        opened("smoke/select-grid/7")


def test_uploads_are_kept_under_their_name(own_cache):
    first, second = (kept_upload("../a picture.png", content) for content in (b"one", b"two"))
    assert first.name == second.name == "a picture.png" and first != second
    assert first.read_bytes() == b"one"
    assert kept_upload("a picture.png", b"one") == first
