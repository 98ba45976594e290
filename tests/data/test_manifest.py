"""The manifests are valid, their hashes true, and every bad file is named at once."""

import json
import shutil
import warnings

import jsonschema
import numpy as np
import pytest
from PIL import Image

from bgmatte import manifest
from bgmatte.data.procedural import DOMAINS
from bgmatte.data.readers import (
    BACKGROUND,
    SUBJECT,
    DataError,
    pair_faults,
    picture_fault,
    read_background,
    read_pair,
    read_subject,
    refuse,
    square_crop,
)
from bgmatte.manifest import FOLDER, PACKAGE, SCHEMA, ManifestError

NAMES = manifest.names()


@pytest.mark.parametrize("name", NAMES)
def test_manifests_are_valid_and_their_hashes_true(name):
    document = json.loads((FOLDER / name / PACKAGE).read_text())
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    assert manifest.structure_faults(document, FOLDER / name / PACKAGE) == []
    assert manifest.verified(name).name == name


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_listed(name):
    listed = {entry.path for entry in manifest.read(name).entries} | {FOLDER / name / PACKAGE}
    assert set((FOLDER / name).iterdir()) == listed


def test_every_set_that_is_drawn_or_embedded_has_a_manifest():
    assert {*DOMAINS, "rendered-people", "photo-backgrounds"} <= set(NAMES)


def test_embedded_pictures_are_what_their_manifest_says():
    for name, modes in (("rendered-people", SUBJECT), ("photo-backgrounds", BACKGROUND)):
        resources = {r["path"]: r for r in json.loads((FOLDER / name / PACKAGE).read_text())["resources"]}
        for entry in manifest.read(name).entries:
            if entry.role == "picture":
                assert picture_fault(entry.path, modes) is None
                with Image.open(entry.path) as picture:
                    assert picture.size == (resources[entry.path.name]["width"], resources[entry.path.name]["height"])
                assert entry.licence


def test_photographs_name_their_authors():
    assert all(entry.author for entry in manifest.read("photo-backgrounds").entries if entry.role == "picture")


@pytest.fixture
def copied(tmp_path, monkeypatch):
    shutil.copytree(FOLDER / "photo-backgrounds", tmp_path / "photo-backgrounds")
    monkeypatch.setattr(manifest, "FOLDER", tmp_path)
    manifest.read.cache_clear()
    yield tmp_path / "photo-backgrounds"
    manifest.read.cache_clear()


def test_all_bad_files_are_named_at_once(copied):
    (copied / "wine.jpg").unlink()
    (copied / "free.jpg").write_bytes((copied / "free.jpg").read_bytes()[:5000])
    altered = bytearray((copied / "life.jpg").read_bytes())
    altered[9000] ^= 1
    (copied / "life.jpg").write_bytes(altered)
    with pytest.raises(ManifestError) as caught:
        manifest.verified("photo-backgrounds")
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert any("wine.jpg: missing; allowed: a file of 153628 bytes" in line for line in lines)
    assert any("free.jpg: 5000 bytes; allowed: 81348 bytes" in line for line in lines)
    assert any("life.jpg: sha256 " in line and "; allowed: sha256 da05d0453ab1eaf2…" in line for line in lines)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.pop("role"), "no role; allowed: a value of type str"),
        (lambda d: d["resources"][1].update(bytes="many"), r"resources\[1\]\.bytes is 'many'"),
        (lambda d: d["resources"][1].pop("split"), r"no resources\[1\]\.split"),
        (lambda d: d.update(name="other"), "name 'other'; allowed: the folder's name"),
        (lambda d: d["resources"][2].update(group=d["resources"][1]["group"]), "group 'bridge' in train and test; allowed: one split per group"),
    ],
)
def test_wrong_manifests_are_refused(copied, change, said):
    document = json.loads((copied / PACKAGE).read_text())
    change(document)
    (copied / PACKAGE).write_text(json.dumps(document))
    with pytest.raises(ManifestError, match=said):
        manifest.read("photo-backgrounds")


def test_unreadable_and_unknown_manifests_are_refused(copied):
    (copied / PACKAGE).write_text("{")
    with pytest.raises(ManifestError, match="allowed: JSON"):
        manifest.read("photo-backgrounds")
    with pytest.raises(ManifestError, match="no such data set 'cats'; allowed: photo-backgrounds"):
        manifest.read("cats")
    assert manifest.structure_faults([], copied)[0].seen == "a list"


@pytest.fixture
def pictures(tmp_path):
    rng = np.random.default_rng(0)
    for name, shape in (("rgb.png", (20, 30, 3)), ("rgba.png", (20, 30, 4)), ("small.png", (10, 30)), ("alpha.png", (20, 30))):
        Image.fromarray(rng.integers(0, 256, shape, np.uint8)).save(tmp_path / name)
    (tmp_path / "cut.png").write_bytes((tmp_path / "rgba.png").read_bytes()[:700])
    (tmp_path / "text.png").write_text("not a picture")
    return tmp_path


def test_pictures_that_are_not_right_are_all_listed(pictures):
    files = [pictures / name for name in ("rgba.png", "none.png", "cut.png", "text.png", "rgb.png")]
    with pytest.raises(DataError) as caught:
        refuse([picture_fault(file, SUBJECT) for file in files])
    lines = str(caught.value).splitlines()
    assert len(lines) == 4
    assert [
        word in line for word, line in zip(("missing", "cannot be read", "cannot be read", "mode RGB; allowed: mode RGBA"), lines, strict=True)
    ] == [True] * 4


def test_pixel_bombs_are_errors(pictures, monkeypatch):
    for limit in (500, 100):  # Pillow warns above the limit and refuses above twice the limit
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        assert f"at most {limit} pixels" in str(picture_fault(pictures / "rgb.png", BACKGROUND))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # as outside of tests, where it stops nothing
        assert "at most 500 pixels" in str(picture_fault(pictures / "rgb.png", BACKGROUND))


def test_colour_and_alpha_have_one_size(pictures):
    assert pair_faults(pictures / "rgb.png", pictures / "alpha.png") == []
    assert "30×10 px; allowed: 30×20 px as rgb.png" in str(pair_faults(pictures / "rgb.png", pictures / "small.png")[0])
    assert len(pair_faults(pictures / "none.png", pictures / "rgb.png")) == 2
    with pytest.raises(DataError, match="30×10 px"):
        read_pair(pictures / "rgb.png", pictures / "small.png")


def test_good_pictures_are_read(pictures):
    assert read_background(pictures / "rgb.png").shape == (3, 20, 30)
    subject = read_subject(pictures / "rgba.png")
    raw = np.asarray(Image.open(pictures / "rgba.png")).transpose(2, 0, 1)
    seen = raw[3] > 0
    assert np.array_equal(subject[3], raw[3])
    assert np.array_equal(subject[:, seen], raw[:, seen])
    assert read_pair(pictures / "rgb.png", pictures / "alpha.png").shape == (4, 20, 30)


def test_crops_are_squares_and_never_enlarged_without_need():
    picture = np.arange(3 * 40 * 60, dtype=np.uint32).reshape(3, 40, 60).astype(np.uint8)
    assert square_crop(picture, 16, 1.0, 1.0, 1.0).shape == (3, 16, 16)
    assert np.array_equal(square_crop(picture, 40, 1.0, 1.0, 0.5), picture[:, :, 20:])
