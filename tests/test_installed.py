"""Held-out pictures of Debian packages: found below the system's data folders, believed only whole, absent with a line that says so."""

import csv
import json
from hashlib import sha256

import numpy as np
import pytest
from PIL import Image

from bgmatte import installed
from bgmatte.jsonable import ConfigError
from bgmatte.manifest import FOLDER, verified


@pytest.fixture
def stamps(tmp_path, monkeypatch):
    """A machine on which a package of two pictures is installed, in the second of two data folders, and a list of these two."""
    place = tmp_path / "share" / "tuxpaint" / "stamps" / "animals"
    place.mkdir(parents=True)
    for number, name in enumerate(("cat", "dog")):
        Image.fromarray(np.full((20 + number, 30, 4), 9, np.uint8), "RGBA").save(place / f"{name}.png")
    rows = [
        {
            "name": f"animals-{path.stem}",
            "path": f"animals/{path.name}",
            "bytes": path.stat().st_size,
            "sha256": sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(place.iterdir())
    ]
    (tmp_path / "manifests" / "real-stamps").mkdir(parents=True)
    with (tmp_path / "manifests" / "real-stamps" / "pictures.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    monkeypatch.setattr(installed, "FOLDER", tmp_path / "manifests")
    monkeypatch.setenv("XDG_DATA_DIRS", f"{tmp_path / 'local'}:{tmp_path / 'share'}")
    installed._faults.cache_clear()
    yield place
    installed._faults.cache_clear()


def test_what_is_not_installed_is_left_out_and_said():
    assert installed.present() == ()
    assert installed.absence("real-stamps") == "real-stamps: not installed (Debian package tuxpaint-stamps-default)"
    assert installed.absence("painted-portraits") == "painted-portraits: not installed (Debian package wesnoth-1.16-data)"
    with pytest.raises(ConfigError, match="held-out set: 'real-stamps: not installed"):
        installed.pictures("real-stamps")
    with pytest.raises(ConfigError, match="'proc-video' is not allowed; allowed: real-stamps, painted-portraits"):
        installed.absence("proc-video")


def test_what_is_installed_is_found(stamps):
    assert installed.present() == ("real-stamps",)
    assert [(entry.name, entry.path, entry.group) for entry in installed.pictures("real-stamps")] == [
        ("animals-cat", stamps / "cat.png", "animals-cat"),
        ("animals-dog", stamps / "dog.png", "animals-dog"),
    ]


@pytest.mark.parametrize("harm", ["other", "missing"])
def test_another_version_of_the_package_is_left_out_and_said(stamps, harm):
    (stamps / "dog.png").unlink()
    if harm == "other":
        (stamps / "dog.png").write_bytes(b"another picture")
    assert installed.present() == ()
    assert "real-stamps: 1 file(s) are not those of the manifest, e.g. " in installed.absence("real-stamps")
    assert "dog.png" in installed.absence("real-stamps")


@pytest.mark.parametrize("name", installed.PACKAGES)
def test_the_lists_are_part_of_the_manifests_and_name_each_picture_once(name):
    assert FOLDER / name / installed.LIST in {entry.path for entry in verified(name).entries}
    document = json.loads((FOLDER / name / "datapackage.json").read_text())
    assert installed.PACKAGES[name].debian in document["obtain"]
    assert installed.PACKAGES[name].below in document["layout"]
    with (FOLDER / name / installed.LIST).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len({row["name"] for row in rows}) == len({row["sha256"] for row in rows}) == int(document["description"].split()[0])
    assert all(len(row["sha256"]) == 64 and int(row["bytes"]) > 0 for row in rows)
