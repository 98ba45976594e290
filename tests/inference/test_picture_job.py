"""One picture and folders of pictures: names, sizes, what is there already, and the bad ones among the good."""

import re

import numpy as np
import pytest
from PIL import Image

from bgmatte.inference import Job, run
from bgmatte.inference.backdrop import backdrop
from bgmatte.inference.places import layers_asked
from bgmatte.inference.refusals import MatteError


def opened(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


@pytest.fixture
def shots(tools, tmp_path):
    """Three sources of different sizes, odd ones too, and their backgrounds."""
    for name, size in {"a": (40, 60), "b": (33, 47), "c": (40, 60)}.items():
        src, bgr = tools.scene(*size)
        tools.save(tmp_path / "src" / f"{name}.png", src)
        tools.save(tmp_path / "bgr" / f"{name}.png", bgr)
    return tmp_path


def test_one_picture_becomes_one_file(shots, tools, silent):
    job = Job(shots / "src" / "b.png", shots / "bgr" / "b.png", shots / "cut.png", ("fgr",), tools.key)
    assert run(job, silent).done == 1
    cut, src, pha = opened(shots / "cut.png"), opened(job.src), tools.key(opened(job.src), opened(job.bgr)).pha[0, 0].numpy() > 0
    assert cut.shape == (33, 47, 4) and np.array_equal(cut[..., 3] == 255, pha) and np.array_equal(cut[pha][:, :3], src[pha])


def test_several_layers_of_one_picture_stand_side_by_side(shots, tools, silent):
    run(Job(shots / "src" / "b.png", shots / "bgr", shots / "b.png", ("pha", "ref"), tools.key), silent)
    assert sorted(path.name for path in shots.glob("*.png")) == ["b-pha.png", "b-ref.png"]


def test_a_folder_gives_a_folder_for_each_layer(shots, tools, silent):
    outcome = run(Job(shots / "src", shots / "bgr", shots / "out", ("pha", "composite"), tools.key, backdrop("#00b140")), silent)
    assert (outcome.done, outcome.failed, outcome.notes) == (3, [], [])
    for name in "abc":
        src, pha, over = (opened(shots / place / f"{name}.png") for place in ("src", "out/pha", "out/composite"))
        assert np.array_equal(over, np.where(pha[..., None] == 255, src, np.array([0, 177, 64], np.uint8)))


def test_one_background_serves_all_and_bad_pictures_are_named(shots, tools, silent):
    (shots / "src" / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    (shots / "src" / "notes.txt").write_text("hello")
    outcome = run(Job(shots / "src", shots / "bgr" / "a.png", shots / "out", ("pha",), tools.key), silent)
    assert outcome.done == 2
    assert [re.sub(r"\S*/", "", line) for line in outcome.failed] == [
        "a.png: 60×40 px; allowed: 47×33 px as b.png",
        "broken.jpg: not a picture that can be read; allowed: a file of .png, .jpg, .jpeg, .webp, .bmp, .tif, .tiff",
    ]
    assert "1 files are no pictures" in outcome.notes[0]
    assert sorted(path.name for path in (shots / "out" / "pha").iterdir()) == ["a.png", "c.png"]


def test_a_missing_background_is_named_and_the_rest_goes_on(shots, tools, silent):
    (shots / "bgr" / "b.png").unlink()
    outcome = run(Job(shots / "src", shots / "bgr", shots / "out", ("pha",), tools.key), silent)
    assert outcome.done == 2 and re.search(r"src/b\.png: no background of this name in .*bgr", *outcome.failed)


def test_results_that_are_there_are_refused_kept_or_replaced(shots, tools, silent):
    def job(existing="refuse"):
        return Job(shots / "src", shots / "bgr", shots / "out", ("pha", "fgr"), tools.key, existing=existing)

    run(job(), silent)
    kept, lost = shots / "out" / "pha" / "a.png", shots / "out" / "fgr" / "b.png"
    kept.write_bytes(b"mine"), lost.unlink()
    with pytest.raises(MatteError, match=r"--out: .*pha/a\.png, .* there already; allowed: another place.*--resume"):
        run(job(), silent)
    assert not lost.exists()

    outcome = run(job("skip"), silent)
    assert (outcome.done, outcome.kept) == (1, 2) and kept.read_bytes() == b"mine" and lost.exists()
    assert run(job("replace"), silent).done == 3 and kept.read_bytes() != b"mine"


def test_an_interrupt_leaves_whole_files_only(shots, tools, silent, monkeypatch):
    def interrupted(self, path, **_):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(Image.Image, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(Job(shots / "src", shots / "bgr", shots / "out", ("pha",), tools.key), silent)
    assert list((shots / "out" / "pha").iterdir()) == []


@pytest.mark.parametrize(
    ("src", "bgr", "out", "said"),
    [
        ("none", "bgr", "out", r"none: missing; allowed: a picture, a folder of pictures or a video"),
        ("src", "none", "out", r"none: missing; allowed: a picture, or a folder with the same names as the sources"),
        ("shot.heic", "bgr", "out", r"shot\.heic: \.heic is no format that is read; allowed: \.png, .*convert other pictures to PNG or JPEG"),
        ("src", "notes.txt", "out", r"notes\.txt: \.txt is no format that is read"),
        ("src", "file", "out", r"file: no suffix that says what it is"),
        ("src", "corrupt.png", "out", r"^\S*corrupt\.png: not a picture that can be read"),
        ("src/a.png", "bgr/a.png", "taken/cut.png", r"taken/cut\.png/fgr/a\.png: a folder, where a file is to be written"),
        ("empty", "bgr", "out", r"empty: 0 files, no picture among them"),
        ("src", "bgr", "out.mov", r"out\.mov: \.mov as the result of a folder; allowed: a folder"),
        ("src/a.png", "bgr/a.png", "out.jpg", r"out\.jpg: .* of a picture; allowed: a folder .* or a file of \.png"),
        ("src/a.png", "bgr/b.png", "out.png", r"b\.png: 47×33 px; allowed: 60×40 px as .*a\.png"),
        ("src/a.png", "bgr/a.png", "src/a.png", r"would overwrite what is read"),
        ("src", "clip.mp4", "out", r"clip\.mp4: a video behind pictures"),
        ("src", "bgr", "file", r"file: a file; allowed: a folder"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(shots, tools, silent, src, bgr, out, said):
    (shots / "empty").mkdir(), (shots / "taken" / "cut.png" / "fgr" / "a.png" / "mine").mkdir(parents=True)
    for name in ("clip.mp4", "file", "shot.heic", "notes.txt", "corrupt.png"):
        (shots / name).touch()
    before = sorted(shots.rglob("*"))
    with pytest.raises(MatteError, match=said):
        run(Job(shots / src, shots / bgr, shots / out, ("fgr",), tools.key, existing="replace"), silent)
    assert sorted(shots.rglob("*")) == before


def test_a_place_that_takes_no_file_is_refused_at_once(shots, tools, silent):
    (shots / "file").touch()
    with pytest.raises(MatteError, match=r"file/out/pha/a\.png: cannot be written \(Not a directory\)"):
        run(Job(shots / "src", shots / "bgr", shots / "file" / "out", ("pha",), tools.key), silent)


def test_a_full_disk_is_no_fault_of_the_pictures(shots, tools, silent, monkeypatch):
    monkeypatch.setattr(Image.Image, "save", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        run(Job(shots / "src", shots / "bgr", shots / "out", ("pha",), tools.key), silent)
    assert list((shots / "out" / "pha").iterdir()) == []


def test_two_sources_of_one_name_are_refused(shots, tools, silent):
    (shots / "src" / "a.jpg").write_bytes((shots / "src" / "a.png").read_bytes())
    with pytest.raises(MatteError, match=r"a\.png: the same name as a\.jpg"):
        run(Job(shots / "src", shots / "bgr", shots / "out", ("pha",), tools.key), silent)


def test_layers_follow_from_what_is_asked():
    assert layers_asked((), None, folder=True) == ("pha", "fgr")
    assert layers_asked((), "red", folder=True) == ("pha", "fgr", "composite")
    assert layers_asked((), None, folder=False) == ("fgr",)
    assert layers_asked((), "red", folder=False) == ("composite",)
    assert layers_asked(("err", "pha", "err"), None, folder=True) == ("err", "pha")
    with pytest.raises(MatteError, match="--over: red, but --write pha"):
        layers_asked(("pha",), "red", folder=True)


def test_a_damaged_picture_does_not_end_the_others(shots, tools, silent):
    tiff = tools.save(shots / "src" / "d.tif", tools.scene(8, 8)[0])
    content = bytearray(tiff.read_bytes())
    content[8 + 2 + 12 * content[8]] = 5  # another picture follows, whose entries begin at byte 5: there are 0 of them
    tiff.write_bytes(content)
    with Image.open(tiff) as picture, pytest.raises(TypeError, match="Missing dimensions"):
        _ = picture.n_frames
    outcome = run(Job(shots / "src", shots / "bgr" / "a.png", shots / "out", ("pha",), tools.key), silent)
    assert outcome.done == 2
    assert re.search(r"d\.tif: cannot be read \(Missing dimensions\); allowed: a whole picture file", outcome.failed[-1])
