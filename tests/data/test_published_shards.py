"""Shards hold what the copy holds, byte for byte or frame for frame, in the convention, and are read like any copy."""

import io
import json
import shutil
import tarfile

import numpy as np
import pytest
from PIL import Image

from bgmatte.data.published import index, open_all, read_index, verify, write_shards
from bgmatte.data.readers import DataError
from bgmatte.sources import NAMES


def sharded(name, root, out, per_shard=4):
    index(name, root)
    return write_shards(read_index(name, root), out, per_shard, workers=2)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "videomatte240k"])
def test_pictures_survive_byte_for_byte(name, copies, tmp_path):
    root, out = copies.write_copy(name, tmp_path / "copy"), tmp_path / "shards"
    sharded(name, root, out)
    index(name, out)
    assert read_index(name, out).digest == read_index(name, root).digest  # so a study may move from one to the other
    first, second = open_all(name, root), open_all(name, out)
    assert list(first) == list(second)
    for split, pictures in first.items():
        assert pictures.names == second[split].names and pictures.groups == second[split].groups
        for number in range(len(pictures)):
            for ours, theirs in zip(pictures[number], second[split][number], strict=True):
                assert bool((ours == theirs).all())


def test_frames_of_clips_become_pictures(copies, tmp_path):
    root, out = copies.write_copy("videomatte240k", tmp_path / "copy", count=2, clips=True), tmp_path / "shards"
    paths = sharded("videomatte240k", root, out, per_shard=5)
    sizes = [("train", 5), ("train", 5), ("train", 2), ("validation", 5), ("validation", 5), ("validation", 2)]
    numbers = [0, 1, 2, 0, 1, 2]
    assert [path.name for path in paths] == [f"videomatte240k-{split}-{number:06d}.tar" for (split, _), number in zip(sizes, numbers, strict=True)]
    index("videomatte240k", out)
    assert verify("videomatte240k", out).faults == ()
    found = open_all("videomatte240k", out)["train"]
    assert found.names == open_all("videomatte240k", root)["train"].names and found.groups[-1] == "train/0001"
    for number in (11, 0, 7):
        colour, matte = copies.foreground(number, (24, 32))
        fgr, pha = found[number]
        assert np.array_equal(pha[0].numpy(), matte)
        error = np.abs(fgr.numpy().astype(int) - colour.transpose(2, 0, 1))[:, matte > 0]
        assert error.mean() < 6  # JPEG of noise


def test_shards_follow_the_convention(copies, tmp_path):
    """Read without this project: members of a sample are neighbours with one stem, which ends at the first dot of the name."""
    root, out = copies.write_copy("aim", tmp_path / "copy"), tmp_path / "shards"
    path = next(path for path in sharded("aim", root, out) if "test" in path.name)
    with tarfile.open(path) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}
    stem = "Test_set/Adobe-licensed images/woman-952506_1920 (1)"
    assert [name for name in members if name.startswith(stem)] == [f"{stem}.fgr.png", f"{stem}.pha.png", f"{stem}.json"]
    assert json.loads(members[f"{stem}.json"]) == {"set": "aim", "key": stem, "split": "test", "group": stem}
    assert members[f"{stem}.fgr.png"] == (root / "Test_set/Adobe-licensed images/fg/woman-952506_1920 (1).png").read_bytes()
    assert all(name.rpartition("/")[2].count(".") <= 2 for name in members)
    assert Image.open(io.BytesIO(members[f"{stem}.pha.png"])).mode == "L"


def test_names_with_dots_keep_their_keys(copies, tmp_path):
    root, out = copies.write_copy("photomatte85", tmp_path / "copy", count=1), tmp_path / "shards"
    copies.save(root / "v1.2 final.png", np.dstack(copies.foreground(3, (24, 32))))
    (path,) = sharded("photomatte85", root, out)
    with tarfile.open(path) as tar:
        assert "v1_2 final.rgba.png" in tar.getnames()
    index("photomatte85", out)
    assert open_all("photomatte85", out)["test"].names == ("0051115Q_000001_0000", "v1.2 final")


def test_shards_of_shards_are_the_same_shards(copies, tmp_path):
    root = copies.write_copy("photomatte13k", tmp_path / "copy")
    first = sharded("photomatte13k", root, tmp_path / "a")
    second = sharded("photomatte13k", tmp_path / "a", tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_an_interrupted_call_goes_on_and_other_folders_are_refused(copies, tmp_path):
    root, out = copies.write_copy("photomatte13k", tmp_path / "copy", count=9), tmp_path / "shards"
    paths = sharded("photomatte13k", root, out)
    expected = [path.read_bytes() for path in paths]
    paths[1].unlink()
    kept = paths[0].stat().st_mtime_ns
    assert [path.read_bytes() for path in sharded("photomatte13k", root, out)] == expected and paths[0].stat().st_mtime_ns == kept
    with pytest.raises(DataError, match=r"other shards .*allowed: an empty folder, or one with an unfinished call's shards"):
        sharded("photomatte13k", root, out, per_shard=3)
    shutil.copy(paths[0], out / "aim-train-000000.tar")
    with pytest.raises(DataError, match=r"other shards \(aim-train-000000.tar\)"):
        sharded("photomatte13k", root, out)


def add(tar, name, content):
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def test_everything_wrong_in_shards_is_named_at_once(copies, tmp_path):
    root, out = copies.write_copy("photomatte13k", tmp_path / "copy"), tmp_path / "shards"
    paths = sharded("photomatte13k", root, out)
    content = (root / "test/fgr/p0.png").read_bytes()
    with tarfile.open(out / "photomatte13k-train-000001.tar", "w") as tar:
        add(tar, "nameless.fgr.png", content)
        add(tar, "half.fgr.png", content)
        add(tar, "half.json", json.dumps({"set": "photomatte13k", "key": "half", "split": "train", "group": "half"}).encode())
        add(tar, "other.bgr.png", content)
        add(tar, "other.json", json.dumps({"set": "aim", "key": "other", "split": "train", "group": "other"}).encode())
    shutil.copy(paths[0], out / "photomatte13k-train-000002.tar")
    (out / "photomatte13k-train-000003.tar").write_bytes(b"no tar file at all" * 100)
    cut = paths[-1].read_bytes()
    paths[-1].write_bytes(cut[:700])
    with pytest.raises(DataError) as caught:
        index("photomatte13k", out)
    said = str(caught.value)
    for words in (
        *("nameless without a readable nameless.json; allowed: one that tells set, key, split, group", "half of photomatte13k, train, with fgr"),
        *("other of aim, train, with bgr", "train/h_1 a second time", "000003.tar: cannot be read", f"{paths[-1].name}: cannot be read"),
    ):
        assert words in said, words
