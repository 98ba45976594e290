"""Verifying a copy finds every planted fault, all in one go, and nothing else."""

import os
import struct
import zlib

import av
import numpy as np
import pytest
from PIL import Image

from bgmatte.data.published import index, read_index, verify, write_shards
from bgmatte.data.readers import Member, header_fault, picture_fault

SIZE = (24, 32)


def told(found, root):
    """Faults as (file, what was seen and what is allowed), sorted."""
    return sorted((str(fault.file.relative_to(root)), f"{fault.seen}; {fault.allowed}") for fault in found.faults)


def bomb(path):
    """A PNG of a few bytes that says it has 3.6 gigapixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    chunks = [header, b"IDAT" + zlib.compress(bytes(1000)), b"IEND"]
    content = [struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(content))


@pytest.mark.parametrize("clips", [False, True])
def test_a_whole_copy_has_no_fault(clips, copies, tmp_path):
    root = copies.write_copy("videomatte240k", tmp_path, count=2, frames=3, clips=clips)
    before = verify("videomatte240k", root)
    assert before.faults == () and not before.indexed
    index("videomatte240k", root)
    progress = []
    after = verify("videomatte240k", root, workers=3, progress=lambda *args: progress.append(args))
    assert after.faults == () and after.indexed and after.samples == len(progress) == (4 if clips else 12)


def test_every_planted_fault_is_found_in_one_go(copies, tmp_path):
    root = copies.write_copy("distinctions-646", tmp_path, count=14)
    index("distinctions-646", root)
    rgb, grey = copies.foreground(77, SIZE)
    train = root / "Train"
    (train / "GT/h_0.png").unlink()
    whole = (train / "GT/h_1.png").read_bytes()
    (train / "GT/h_1.png").write_bytes(whole[: len(whole) // 2])
    Image.fromarray(rgb).convert("CMYK").save(train / "FG/h_2.jpg")
    copies.save(train / "GT/h_3.png", np.dstack([grey, grey, 255 - grey]))
    copies.save(train / "GT/h_4.png", grey[:, :-3])
    bomb(train / "GT/h_5.png")
    (train / "FG/h_6.jpg").write_bytes((root / "Test/FG/test_13.png").read_bytes())
    times = (train / "FG/h_7.jpg").stat()
    content = bytearray((train / "FG/h_7.jpg").read_bytes())
    content[len(content) // 2] ^= 1
    (train / "FG/h_7.jpg").write_bytes(content)
    os.utime(train / "FG/h_7.jpg", ns=(times.st_atime_ns, times.st_mtime_ns))  # its length and time tell nothing
    (train / "FG/h_8.jpg").write_bytes(b"")
    (train / "FG/h_9.jpg").unlink()
    (train / "GT/h_9.png").unlink()

    found = {}
    for file, words in told(verify("distinctions-646", root, workers=2), root):
        found.setdefault(file, []).append(words)
    said = {
        "Train/FG/h_0.jpg": ["no counterpart"],
        "Train/GT/h_0.png": ["missing"],
        "Train/GT/h_1.png": ["sha256", "cannot be read"],
        "Train/FG/h_2.jpg": ["mode CMYK"],
        "Train/GT/h_3.png": ["whose channels differ by", "sha256"],
        "Train/GT/h_4.png": ["29×24 px; 32×24 px as h_4.jpg", "sha256"],
        "Train/GT/h_5.png": ["more pixels than any picture should have"],
        "Train/FG/h_6.jpg": ["sha256"],
        "Train/FG/h_7.jpg": ["sha256"],
        "Train/FG/h_8.jpg": ["cannot be read"],
        "Train/FG/h_9.jpg": ["missing"],
        "Train/GT/h_9.png": ["missing"],
        "Test/FG/test_13.png": ["the same content in"],  # train or validation, whichever h_6 belongs to
    }
    assert found.keys() == said.keys()
    for file, words in said.items():
        assert len(found[file]) == len(words) and all(any(word in line for line in found[file]) for word in words), (file, found[file])
    assert "h_6.jpg" in found["Test/FG/test_13.png"][0]


def test_clips_are_decoded_to_their_ends(copies, tmp_path):
    root = copies.write_copy("videomatte240k", tmp_path, count=3, frames=8, clips=True)
    for number in range(3):  # a container that can be cut
        path = root / f"train/fgr/{number:04d}.mp4"
        with av.open(str(path)) as source, av.open(str(path.with_suffix(".mkv")), "w") as target:
            stream = target.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(source.streams.video[0]):
                if packet.size:
                    packet.stream = stream
                    target.mux(packet)
        path.unlink()
    content = (root / "train/fgr/0000.mkv").read_bytes()
    (root / "train/fgr/0000.mkv").write_bytes(content[: len(content) * 2 // 3])
    colour = [copies.foreground(seed, SIZE)[0] for seed in range(8)]
    copies.write_clip(root / "train/pha/0001.mp4", colour)
    copies.write_clip(root / "train/pha/0002.mp4", [copies.foreground(seed, (16, 16))[1] for seed in range(8)])
    found = told(verify("videomatte240k", root), root)
    said = "\n".join(f"{file}: {words}" for file, words in found)
    assert {file for file, _ in found} >= {"train/pha/0001.mp4", "train/pha/0002.mp4"}
    assert "train/pha/0001.mp4: frame 0 whose channels differ by" in said and "a grey video" in said
    assert "train/pha/0002.mp4: 16×16 px; 32×24 px as 0002.mkv" in said
    assert any(file.endswith("0000.mkv") or file.endswith("pha/0000.mp4") for file, _ in found)


def test_frames_that_do_not_decode_are_told(copies, tmp_path):
    root = copies.write_copy("videomatte240k", tmp_path, count=1, frames=8, clips=True)
    index("videomatte240k", root)
    path = root / "train/fgr/0000.mp4"
    content = bytearray(path.read_bytes())
    start = content.index(b"mdat") + 2000
    content[start : start + 12_000] = bytes(12_000)
    path.write_bytes(content)
    found = told(verify("videomatte240k", root), root)
    assert [file for file, _ in found] == ["train/fgr/0000.mp4"] * 2
    assert any("sha256" in words and "as indexed" in words for _, words in found)
    assert any("cannot be read after" in words or "frames can be decoded; 8 frames as it says" in words for _, words in found)


def test_the_same_background_in_two_splits_is_named(copies, tmp_path):
    root = copies.write_copy("backgrounds", tmp_path / "train")
    other = tmp_path / "valid/other name.jpg"
    other.parent.mkdir()
    other.write_bytes((root / "city/view 2.jpg").read_bytes())
    (tmp_path / "train/again.jpg").write_bytes(other.read_bytes())  # twice in one split is no harm
    found = told(verify("backgrounds", tmp_path), tmp_path)
    assert len(found) == 1 and "in train" in found[0][1] and "in validation (valid/other name.jpg)" in found[0][1]


def test_headers_and_members_are_judged_alone(copies, tmp_path):
    path = copies.save(tmp_path / "a.png", copies.foreground(0, SIZE)[0])
    assert header_fault(path, ("RGB",)) == (32, 24) and "mode RGB; allowed: mode L" in str(header_fault(path, ("L",)))
    held = Member(path, 0, path.stat().st_size, "a.fgr.png")
    assert picture_fault(held, ("RGB",)) is None
    assert "a.png/a.fgr.png: cannot be read" in str(picture_fault(Member(path, 5, 100, "a.fgr.png"), ("RGB",)))
    assert "missing" in str(picture_fault(Member(path, 0, 10**6, "a.fgr.png"), ("RGB",)))


def test_a_member_of_a_shard_is_named_as_if_it_were_a_file(copies, tmp_path):
    root, out = copies.write_copy("photomatte13k", tmp_path / "copy"), tmp_path / "shards"
    index("photomatte13k", root)
    (path, _) = write_shards(read_index("photomatte13k", root), out)
    index("photomatte13k", out)
    part = read_index("photomatte13k", out).entries("train")[1].files["pha"].part
    content = bytearray(path.read_bytes())
    content[part.offset + 60 : part.offset + part.length - 20] = bytes(part.length - 80)
    path.write_bytes(content)
    found = told(verify("photomatte13k", out), out)
    assert [file for file, _ in found] == ["photomatte13k-train-000000.tar/train/h_1.pha.png"] * 2
    assert any("cannot be read" in words for _, words in found) and any("as indexed" in words for _, words in found)
