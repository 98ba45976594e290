"""Copies in every published layout are found, indexed in parallel and resumably, and opened; other folders are refused by name."""

import hashlib
import json
import os
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bgmatte import manifest
from bgmatte.data.published import Entry, Index, index, indexing, open_published, open_published_backgrounds, read_index
from bgmatte.data.published.entries import File, as_document
from bgmatte.data.published.layouts import LAYOUTS, samples
from bgmatte.data.published.samples import HELD_BACK, Part, Sample, held_back
from bgmatte.data.readers import DataError, extended_coarsely
from bgmatte.jsonable import ConfigError
from bgmatte.sources import NAMES, index_digest, index_path

SIZE = (24, 32)


def indexed(name, root) -> Index:
    index(name, root, workers=2)
    return read_index(name, root)


def keys(name, root):
    found, faults = samples(name, root)
    assert faults == []
    return {split: [sample.key for sample in found if sample.split == split] for split in ("train", "validation", "test")}


def test_every_set_that_users_bring_has_a_layout_and_a_manifest():
    assert set(LAYOUTS) == set(NAMES) <= set(manifest.names())
    assert all(manifest.read(name).layout and manifest.read(name).obtain and manifest.read(name).licence for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("inside", ["", "archive/archive"])
def test_published_layouts_are_read(name, inside, copies, tmp_path):
    copies.write_copy(name, tmp_path / "copy" / inside)
    found = indexed(name, tmp_path / "copy")
    groups = {split: {entry.group for entry in found.entries(split)} for split in ("train", "validation", "test")}
    expected = {
        "videomatte240k": (3, 2, 0),
        "photomatte13k": (3, 2, 0),
        "photomatte85": (0, 0, 3),
        "distinctions-646": (2, 1, 2),
        "aim": (2, 1, 2),
        "backgrounds": (5, 1, 0),
    }
    assert tuple(len(part) for part in groups.values()) == expected[name]
    assert len(set().union(*groups.values())) == sum(expected[name])  # no group in two splits
    opened = open_published_backgrounds if name == "backgrounds" else open_published
    split = "test" if name == "photomatte85" else "train"
    pictures = opened(name, tmp_path / "copy", split)
    assert len(pictures.names) == len(set(pictures.names)) == len(pictures) == sum(len(entry.names) for entry in found.entries(split))
    shape = (3, *SIZE) if name == "backgrounds" else ((3, *SIZE), (1, *SIZE))
    seen = pictures[len(pictures) - 1]
    assert (tuple(seen.shape) if name == "backgrounds" else tuple(tuple(part.shape) for part in seen)) == shape


def test_clips_and_frames_are_the_same_pictures(copies, tmp_path):
    """A published clip against the pictures that were encoded into it, frame by frame and matched with its matte."""
    root = copies.write_copy("videomatte240k", tmp_path, clips=True)
    indexed("videomatte240k", root)
    found = pickle.loads(pickle.dumps(open_published("videomatte240k", root, "train")))
    assert found.names[7] == "train/0001/00001" and found.groups[7] == "train/0001" and len(found) == 18
    for number in (17, 0, 7, 6):
        colour, matte = copies.foreground(number, SIZE)
        fgr, pha = found[number]
        assert np.array_equal(pha[0].numpy(), matte)
        assert np.array_equal(fgr.numpy()[:, matte > 0], colour.transpose(2, 0, 1)[:, matte > 0])


def test_colour_is_continued_outside_the_matte():
    """In blocks, for large pictures: exactly as it was where it is seen, and the mean of what is near where it is not."""
    rgba = np.zeros((4, 40, 61), np.uint8)
    rgba[:3, :, :30], rgba[3, :, :30] = np.array([10, 200, 90], np.uint8)[:, None, None], 255
    rgba[:3, :, 30:] = 255  # a backdrop that must not bleed in
    seen = extended_coarsely(rgba)
    assert np.array_equal(seen[3], rgba[3]) and np.array_equal(seen[:, :, :30], rgba[:, :, :30])
    assert np.abs(seen[:3, :, 30:].astype(int) - np.array([10, 200, 90])[:, None, None]).max() <= 1
    assert np.array_equal(rgba[0, 0, 30:], np.full(31, 255))  # the caller's own stays


def test_variants_that_people_have_are_read(copies, tmp_path):
    rgb, grey = copies.foreground(0, SIZE)
    for place in ("train/fgr/a.png", "train/fgr/b.b.jpg", "valid/fgr/c.jpg", "test/fgr/d.jpg", "train/fgr/.hidden.jpg", "__MACOSX/x.jpg"):
        copies.save(tmp_path / place, rgb)
    for place in ("train/pha/a.jpg", "train/pha/b.b.png", "valid/pha/c.png"):
        copies.save(tmp_path / place, grey)
    copies.save(tmp_path / "test/pha/d.png", np.repeat(grey[..., None], 3, axis=2))  # a matte stored as colour
    (tmp_path / "notes.txt").write_text("mine")
    assert keys("photomatte13k", tmp_path) == {"train": ["train/a", "train/b.b"], "validation": ["valid/c"], "test": ["test/d"]}
    indexed("photomatte13k", tmp_path)
    assert np.array_equal(open_published("photomatte13k", tmp_path, "test")[0][1][0].numpy(), grey)


def test_pictures_with_transparency_need_no_folders(copies, tmp_path):
    for part in ("train", "test"):
        copies.save(tmp_path / part / "one.png", np.dstack(copies.foreground(0, SIZE)))
    assert keys("photomatte13k", tmp_path) == {"train": ["train/one"], "validation": ["test/one"], "test": []}


def test_both_parts_of_adobes_training_set_are_found(copies, tmp_path):
    copies.write_copy("aim", tmp_path)
    rgb, grey = copies.foreground(5, SIZE)
    copies.save(tmp_path / "Training_set/Adobe-licensed images/fg/new.jpg", rgb)
    copies.save(tmp_path / "Training_set/Adobe-licensed images/alpha/new.jpg", grey)
    copies.save(tmp_path / "Test_set/Adobe-licensed images/trimaps/model-600238_1920_0.png", grey)
    found = keys("aim", tmp_path)
    assert "Training_set/Adobe-licensed images/new" in found["train"] + found["validation"] and len(found["test"]) == 2


def test_only_people_are_tested_on(copies, tmp_path):
    root = copies.write_copy("distinctions-646", tmp_path)
    rgb, grey = copies.foreground(5, SIZE)
    copies.save(root / "Test/FG/test_0.png", rgb)  # not one of the paper's
    copies.save(root / "Test/GT/test_0.png", grey)
    assert keys("distinctions-646", root)["test"] == ["Test/test_13", "Test/test_4"]
    (root / "humans.txt").write_text("h_0.jpg\n\nh_2.png\ntest_0\n")
    found = keys("distinctions-646", root)
    assert sorted(found["train"] + found["validation"]) == ["Train/h_0", "Train/h_2"] and found["test"] == ["Test/test_0"]
    (root / "humans.txt").write_text("nobody.jpg")
    with pytest.raises(DataError, match=r"humans.txt: names no foreground that is here; allowed: file names of this copy, e.g. "):
        samples("distinctions-646", root)


def test_a_test_part_without_the_papers_people_is_refused(copies, tmp_path):
    root = copies.write_copy("distinctions-646", tmp_path)
    for path in (root / "Test").rglob("*.png"):
        path.rename(path.with_name(f"object_{path.name}"))
    with pytest.raises(DataError, match=r"none of the 11 people whom the paper tests on .*humans.txt, one file name a line"):
        samples("distinctions-646", root)


def test_groups_are_held_back_by_name_and_only_where_nothing_validates():
    made = [Sample(f"s{number}", "train", f"g{number // 2}", {"bgr": Part(f"{number}.jpg")}) for number in range(400)]
    held = [sample.group for sample in held_back(made) if sample.split == "validation"]
    assert len(set(held)) == round(HELD_BACK * 200) and len(held) == 2 * len(set(held))
    assert held_back(made[::-1])[::-1] == held_back(made)
    assert held_back([*made, Sample("v", "validation", "v", {})])[:400] == made and held_back(made[:2]) == made[:2]


@pytest.mark.parametrize(
    ("name", "files", "said"),
    [
        ("videomatte240k", ["clips/0000.png"], r"is not laid out like this \(0000.png\); allowed: {train,test}/{fgr,pha}/CLIP.mp4"),
        ("photomatte13k", ["a/x.jpg", "b/x.jpg"], r"not laid out like this \(a/, b/\)"),
        ("backgrounds", ["notes.txt"], r"not laid out like this \(notes.txt\); allowed: pictures \(.jpg"),
    ],
)
def test_other_folders_are_refused_with_what_was_seen(name, files, said, copies, tmp_path):
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes(b"x")
    with pytest.raises(DataError, match=said):
        index(name, tmp_path)


def test_everything_that_does_not_fit_together_is_named_at_once(copies, tmp_path):
    root = copies.write_copy("videomatte240k", tmp_path)
    (root / "train/pha/0000/00002.jpg").unlink()
    (root / "train/fgr/0001/00003.jpg").unlink()
    rgb, grey = copies.foreground(0, SIZE)
    copies.save(root / "train/fgr/loose.jpg", rgb)
    copies.save(root / "train/fgr/0002/00000.png", rgb)
    copies.save(root / "train/pha/0002/00001.jpg", grey[:-2])
    (root / "test/pha/0000/00000.jpg").write_bytes(b"no picture")
    with pytest.raises(DataError) as caught:
        index("videomatte240k", root)
    lines = [line.removeprefix(f"{root}/") for line in str(caught.value).splitlines()]
    assert sorted(line.split(":")[0] for line in lines) == [
        *("test/pha/0000/00000.jpg", "train/fgr/0000/00002.jpg", "train/fgr/0002/00000.png"),
        *("train/fgr/loose.jpg", "train/pha/0001/00003.jpg", "train/pha/0002/00001.jpg"),
    ]
    said = "\n".join(lines)
    for words in (
        "no counterpart",
        "the same name as 00000.jpg",
        "a frame outside of any clip",
        "32×22 px; allowed: 32×24 px as 00001.jpg",
        "cannot be read",
    ):
        assert words in said
    assert not index_path("videomatte240k", root).exists()
    with pytest.raises(DataError, match=r"has no index yet; make it with: python -m bgmatte data index videomatte240k"):
        read_index("videomatte240k", root)


def test_half_a_pair_of_folders_and_unequal_clips_are_named(copies, tmp_path):
    shutil.rmtree(copies.write_copy("photomatte13k", tmp_path / "a") / "train/pha")
    with pytest.raises(DataError, match=r"a/train: only fgr/; allowed: colour \(fgr, fg\) and alpha \(pha, alpha, gt\)"):
        index("photomatte13k", tmp_path / "a")
    root = copies.write_copy("videomatte240k", tmp_path / "b", count=1, clips=True)
    copies.write_clip(root / "train/pha/0000.mp4", [copies.foreground(0, SIZE)[1]] * 4)
    with pytest.raises(DataError, match=r"0000.mp4: 4 frames; allowed: 6 frames as its colour train/fgr/0000.mp4"):
        index("videomatte240k", root)


def test_an_index_says_what_the_files_are(copies, tmp_path):
    root = copies.write_copy("aim", tmp_path)
    path = index("aim", root, workers=3)
    assert path == index_path("aim", root)
    document = json.loads(path.read_text())
    assert list(document) == ["name", "root", "digest", "entries"] and document["root"] == str(root.resolve())
    for entry in document["entries"]:
        for file in entry["files"].values():
            content = (root / file["path"]).read_bytes()
            assert file["sha256"] == hashlib.sha256(content).hexdigest() and file["bytes"] == len(content)
            assert (file["height"], file["width"]) == SIZE
    assert index_digest("aim", root) == read_index("aim", root).digest == document["digest"]


@pytest.mark.parametrize("clips", [False, True])
def test_many_threads_write_what_one_writes(clips, copies, tmp_path):
    root = copies.write_copy("videomatte240k", tmp_path, count=2, clips=clips)
    alone = index("videomatte240k", root, workers=1).read_bytes()
    index_path("videomatte240k", root).unlink()
    told = []
    assert index("videomatte240k", root, workers=5, progress=lambda *args: told.append(args)).read_bytes() == alone
    assert [done for done, _, _ in told] == list(range(1, len(told) + 1)) and told[-1][:2] == (len(told), len(told))


def test_the_digest_follows_content_not_place(copies, tmp_path):
    root = copies.write_copy("photomatte13k", tmp_path / "a")
    shutil.copytree(root, tmp_path / "b")
    first, second = indexed("photomatte13k", root), indexed("photomatte13k", tmp_path / "b")
    assert first.digest == second.digest
    copies.save(tmp_path / "b/train/pha/h_1.png", copies.foreground(99, SIZE)[1])
    assert indexed("photomatte13k", tmp_path / "b").digest != first.digest


@pytest.fixture
def read(monkeypatch):
    """The parts that were really read."""
    seen = []
    monkeypatch.setattr(indexing, "read_file", lambda root, role, part, real=indexing.read_file: seen.append(part.path) or real(root, role, part))
    return seen


def test_files_that_did_not_change_are_not_read_again(copies, tmp_path, read):
    root = copies.write_copy("videomatte240k", tmp_path, count=2, clips=True)
    whole = index("videomatte240k", root).read_bytes()
    assert len(read) == 8
    read.clear()
    assert index("videomatte240k", root).read_bytes() == whole and read == []
    os.utime(root / "train/pha/0001.mp4", (1, 1))
    index("videomatte240k", root)
    assert read == ["train/pha/0001.mp4"]


def test_an_interrupted_index_goes_on(copies, tmp_path, read, monkeypatch):
    root = copies.write_copy("photomatte13k", tmp_path / "a", count=8)
    fresh = index("photomatte13k", root, workers=1)
    expected, total = fresh.read_bytes(), len(read)
    fresh.unlink()
    read.clear()

    def interrupted_after(count):
        def interrupt(done, total, what):
            if done == count:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            index("photomatte13k", root, workers=1, progress=interrupt)

    interrupted_after(5)
    with indexing.unfinished(fresh).open("a") as file:
        file.write('{"path": "train/fgr/h_')  # a line that a kill has torn
    interrupted_after(7)
    assert not fresh.exists()
    read.clear()
    assert index("photomatte13k", root, workers=1).read_bytes() == expected
    assert len(read) == total - 7 and not indexing.unfinished(fresh).exists()


def test_the_digest_follows_every_part_of_an_entry(tmp_path):
    file = File(Part("a.png"), 1, 2, "00", 3, 4)
    entry = Entry("key", "train", "group", {"rgba": file})
    others = [replace(entry, key="other"), replace(entry, split="test"), replace(entry, group="other")]
    others += [replace(entry, files={"bgr": file}), replace(entry, files={"rgba": replace(file, sha256="01")})]
    digests = {as_document("aim", tmp_path, [changed])["digest"] for changed in (entry, *others)}
    assert len(digests) == 6
    elsewhere = replace(entry, files={"rgba": replace(file, part=Part("b.png"), modified=5)})
    assert as_document("aim", tmp_path / "x", [elsewhere])["digest"] in digests


def test_damaged_indexes_and_changed_pictures_are_refused(copies, tmp_path):
    root = copies.write_copy("photomatte85", tmp_path)
    path = index("photomatte85", root)
    found = open_published("photomatte85", root, "test")
    copies.save(root / "0051115Q_000001_0001.png", np.dstack(copies.foreground(1, (20, 20))))
    with pytest.raises(DataError, match=r"0001.png: 20×20 px; allowed: 32×24 px, as indexed; index it again"):
        found[1]
    (root / "0051115Q_000001_0002.png").unlink()
    with pytest.raises(DataError, match=r"0002.png: missing"):
        found[2]
    path.write_text("{")
    with pytest.raises(DataError, match=r"cannot be read .* make it with"):
        read_index("photomatte85", root)
    index("photomatte85", root)  # a damaged index is made anew
    assert len(read_index("photomatte85", root).all) == 2


def test_splits_and_sets_that_are_not_there_are_refused(copies, tmp_path):
    root = copies.write_copy("photomatte85", tmp_path)
    index("photomatte85", root)
    with pytest.raises(DataError, match=r"photomatte85 without a train part \(there is test\)"):
        open_published("photomatte85", root, "train")
    with pytest.raises(ConfigError, match=r"photomatte85 split: 'all' is not allowed; allowed: train, validation, test"):
        open_published("photomatte85", root, "all")
    with pytest.raises(ConfigError, match=r"a set of backgrounds"):
        open_published_backgrounds("photomatte85", root, "test")
    with pytest.raises(DataError, match=r"'cats' is not one that users bring; allowed: videomatte240k"):
        index("cats", root)
    with pytest.raises(DataError, match=r"nowhere: missing; allowed: the folder of the data set"):
        index("aim", Path(tmp_path / "nowhere"))


def test_slices_of_pictures_stay_lazy(copies, tmp_path):
    root = copies.write_copy("backgrounds", tmp_path)
    index("backgrounds", root)
    pictures = open_published_backgrounds("backgrounds", root, "train").pictures
    part = pictures[1:3]
    with Image.open(root / "city/view 1.jpg") as picture:
        assert len(part) == 2 and np.array_equal(part[0], np.asarray(picture).transpose(2, 0, 1))
