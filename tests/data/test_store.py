"""Generated sets are made once, whole, the same by any number of workers, and never used when damaged."""

import json
import logging

import numpy as np
import pytest
import torch

from bgmatte.cache import data_folder
from bgmatte.config import DataConfig
from bgmatte.data.store import INDEX, PICTURES, SETS, DataError, faults, make_set, open_backgrounds, open_subjects
from bgmatte.jsonable import ConfigError

DATA = DataConfig(size=128, video_identities=3, video_frames=2, portraits=3, objects=4, backgrounds=26, validation=0.3, generic=5)


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path))
    make_set("proc-objects", DATA)
    return data_folder("proc-objects", DATA)


def test_workers_do_not_change_a_bit(tmp_path, monkeypatch):
    bits = []
    for workers in (1, 3):  # 26 pictures of 128 px are enough for workers to be started
        monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path / str(workers)))
        bits.append((make_set("proc-background", DATA, workers=workers) / PICTURES).read_bytes())
    assert bits[0] == bits[1]


@pytest.mark.parametrize("name", [name for name in SETS if name != "proc-background"])
def test_no_group_is_in_two_splits(name, smoke_cache):
    make_set(name, DATA)
    train, validation = (open_subjects(name, DATA, split) for split in ("train", "validation"))
    assert len(train) > 0 < len(validation)
    assert not set(train.groups) & set(validation.groups)
    assert len({*train.names, *validation.names}) == len(train) + len(validation)


def test_pictures_come_as_tensors(made):
    fgr, pha = open_subjects("proc-objects", DATA, "train")[0]
    assert (fgr.shape, pha.shape, fgr.dtype, pha.dtype) == ((3, 128, 128), (1, 128, 128), torch.uint8, torch.uint8)
    fgr.zero_()  # a copy: writing into it does not reach the set
    assert open_subjects("proc-objects", DATA, "train")[0][0].any()


def test_made_once(made):
    before = (made / PICTURES).stat().st_mtime_ns
    assert make_set("proc-objects", DATA) == made
    assert (made / PICTURES).stat().st_mtime_ns == before


def _flip(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def _swap_splits(path):
    index = json.loads(path.read_text())
    index["pictures"][0]["split"] = "test"
    path.write_text(json.dumps(index))


@pytest.mark.parametrize(
    ("file", "damage", "said"),
    [
        (PICTURES, _flip, "its hash differs"),
        (PICTURES, lambda path: path.unlink(), "missing"),
        (PICTURES, lambda path: path.write_bytes(path.read_bytes()[:1000]), "its hash differs"),
        (INDEX, lambda path: path.unlink(), "missing"),
        (INDEX, lambda path: path.write_text("{"), "cannot be read"),
        (INDEX, _swap_splits, "lists other pictures"),
    ],
)
def test_damage_is_refused_named_and_mended(made, caplog, file, damage, said):
    whole = (made / PICTURES).read_bytes()
    damage(made / file)
    with pytest.raises(DataError, match=f"(?s){file}.*{said}.*python -m bgmatte data make proc-objects"):
        open_subjects("proc-objects", DATA, "train")
    with caplog.at_level(logging.WARNING):
        make_set("proc-objects", DATA)
    assert said in caplog.text
    assert str(made / file) in caplog.text
    assert (made / PICTURES).read_bytes() == whole
    assert faults("proc-objects", DATA) == []


def test_nothing_half_written_remains_when_drawing_fails(tmp_path, monkeypatch):
    monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path))
    monkeypatch.setattr("bgmatte.data.store.draw_into", lambda *args: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        make_set("proc-objects", DATA)
    assert list((tmp_path / "data").iterdir()) == []


def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path))
    monkeypatch.setattr("os.posix_fallocate", lambda *args: (_ for _ in ()).throw(OSError(28, "No space left on device")), raising=False)
    with pytest.raises(OSError, match="No space left"):
        make_set("proc-objects", DATA)
    assert list((tmp_path / "data").iterdir()) == []


def test_a_worker_that_fails_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path))
    monkeypatch.setattr("sys.executable", "false")
    with pytest.raises(DataError, match="a drawing process ended with code 1"):
        make_set("proc-background", DATA, workers=2)
    assert list((tmp_path / "data").iterdir()) == []


def test_a_set_of_nothing_is_a_set(tmp_path, monkeypatch):
    monkeypatch.setenv("BGMATTE_CACHE", str(tmp_path))
    nothing = DataConfig(size=64, generic=0)
    make_set("proc-generic", nothing)
    assert len(open_subjects("proc-generic", nothing, "train")) == 0


def test_names_and_splits_are_refused_with_what_is_allowed(made):
    with pytest.raises(ConfigError, match=r"allowed: proc-video, .*rendered-people"):
        open_subjects("proc-background", DATA, "train")
    with pytest.raises(ConfigError, match="allowed: proc-background, photo-backgrounds"):
        open_backgrounds("proc-objects", DATA, "train")
    with pytest.raises(ConfigError, match="'test' is not allowed; allowed: train, validation"):
        open_subjects("proc-objects", DATA, "test")
    with pytest.raises(ConfigError, match="nothing is trained on these"):
        open_subjects("rendered-people", DATA, "train")


def test_photographs_are_split_by_photograph():
    train, test = (open_backgrounds("photo-backgrounds", DATA, split) for split in ("train", "test"))
    assert (len(set(train.groups)), len(set(test.groups))) == (7, 7)
    assert not set(train.groups) & set(test.groups)
    assert train[0].shape == (3, 128, 128)
    assert len({train[i].numpy().tobytes() for i in range(12)}) == 12  # twelve views of one photograph


def test_people_have_alpha_and_no_dark_fringe():
    people = open_subjects("rendered-people", DATA, "test")
    assert len(people) == len(set(people.groups)) == 51
    fgr, pha = people[3]
    edge = (pha[0] > 0) & (pha[0] < 40)
    beyond = pha[0] == 0
    assert (pha == 0).any()
    assert (pha == 255).any()
    assert np.median(fgr[:, beyond].numpy()) > 0.3 * np.median(fgr[:, edge].numpy())
