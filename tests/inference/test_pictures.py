"""Photographs are read upright, in sRGB and 8 bits, whatever the camera wrote; what cannot be is refused by name."""

import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from bgmatte.inference.backdrop import backdrop
from bgmatte.inference.pictures import read_picture, write_png
from bgmatte.inference.refusals import MatteError
from bgmatte.inference.results import result

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)


def test_rgb_is_kept_bit_for_bit(tmp_path):
    write_png(tmp_path / "one.png", PIXELS)
    assert np.array_equal(read_picture(tmp_path / "one.png"), PIXELS)
    assert [path.name for path in tmp_path.iterdir()] == ["one.png"]


# What the picture must be turned by to stand upright (Exif 2.3, tag 0x0112).
@pytest.mark.parametrize(("orientation", "upright"), [(1, PIXELS), (2, PIXELS[:, ::-1]), (3, PIXELS[::-1, ::-1]), (6, np.rot90(PIXELS, -1))])
def test_exif_orientation_is_honoured(tmp_path, orientation, upright):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(PIXELS).save(tmp_path / "turned.png", exif=exif)
    assert np.array_equal(read_picture(tmp_path / "turned.png"), upright)


def test_a_colour_profile_is_applied(tmp_path):
    """sRGB with the primaries of red and green exchanged: what it calls red is green."""
    content = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = content.replace(b"rXYZ", b"????", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"????", b"gXYZ", 1)
    content = content.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    Image.new("RGB", (4, 4), (255, 0, 0)).save(tmp_path / "swapped.png", icc_profile=content)
    assert np.abs(read_picture(tmp_path / "swapped.png").astype(int) - (0, 255, 0)).max() <= 2

    Image.new("RGB", (4, 4)).save(tmp_path / "bad.png", icc_profile=b"no profile at all")
    with pytest.raises(MatteError, match=r"bad\.png: a colour profile that cannot be used"):
        read_picture(tmp_path / "bad.png")


def test_a_profile_of_srgb_changes_nothing(tmp_path):
    content = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(PIXELS).save(tmp_path / "tagged.png", icc_profile=content)
    assert np.array_equal(read_picture(tmp_path / "tagged.png"), PIXELS)


@pytest.mark.parametrize(
    ("picture", "seen"),
    [
        (Image.new("L", (3, 2), 90), (90, 90, 90)),
        (Image.fromarray(np.full((2, 3), 40_000, np.uint16)), (156, 156, 156)),  # 40000 / 257 = 155.6
        (Image.new("RGBA", (3, 2), (10, 20, 30, 255)), (10, 20, 30)),
        (Image.new("LA", (3, 2), (90, 255)), (90, 90, 90)),
        (Image.new("RGB", (3, 2), (10, 20, 30)).quantize(4), (10, 20, 30)),
        (Image.new("1", (3, 2), 1), (255, 255, 255)),
    ],
    ids=["gray", "16-bit", "opaque", "gray-opaque", "palette", "bits"],
)
def test_other_modes_become_rgb(tmp_path, picture, seen):
    picture.save(tmp_path / "odd.png")
    assert np.array_equal(read_picture(tmp_path / "odd.png"), np.full((2, 3, 3), seen, np.uint8))


def _truncated(path):
    content = BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(content, "PNG")
    path.write_bytes(content.getvalue()[:3_000])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "missing; allowed: a picture"),
        (lambda path: path.write_text("no picture"), "not a picture that can be read"),
        (_truncated, "cannot be read"),
        (lambda path: Image.new("RGBA", (3, 2), (1, 2, 3, 200)).save(path, "PNG"), "transparent pixels"),
        (lambda path: Image.new("F", (3, 2)).save(path, "TIFF"), "mode F"),
        (lambda path: Image.new("L", (3, 2)).save(path, "GIF", save_all=True, append_images=[Image.new("L", (3, 2), 9)]), "2 pictures in one file"),
    ],
    ids=["missing", "text", "truncated", "transparent", "float", "animated"],
)
def test_what_is_no_photograph_is_refused_by_name(tmp_path, make, said):
    make(tmp_path / "bad.png")
    with pytest.raises(MatteError, match=rf"bad\.png: .*{said}"):
        read_picture(tmp_path / "bad.png")


def test_too_many_pixels_are_refused(tmp_path, monkeypatch):
    write_png(tmp_path / "large.png", PIXELS)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 30)
    assert read_picture(tmp_path / "large.png").shape == PIXELS.shape  # 35 of 30: Pillow only warns
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(MatteError, match="at most 20 pixels"):
        read_picture(tmp_path / "large.png")


def test_a_backdrop_is_a_colour_or_covers_the_frame(tmp_path):
    assert np.array_equal(backdrop("#102030")(2, 3), np.full((2, 3, 3), (16, 32, 48), np.uint8))
    assert np.array_equal(backdrop("white")(1, 1), np.full((1, 1, 3), 255, np.uint8))

    wide = np.zeros((10, 40, 3), np.uint8)
    wide[:, 10:30] = 200  # of a wide picture a square frame shows the middle
    write_png(tmp_path / "wide.png", wide)
    seen = backdrop(str(tmp_path / "wide.png"))(20, 20)
    assert seen.shape == (20, 20, 3) and (seen[:, 3:-3] == 200).all()
    with pytest.raises(MatteError, match="nowhere: neither a picture that is there nor a colour"):
        backdrop("nowhere")


@pytest.mark.parametrize("error", [ValueError, TypeError, KeyError, IndexError, EOFError, struct.error, ZeroDivisionError])
def test_whatever_pillow_raises_becomes_a_refusal(tmp_path, monkeypatch, error):
    write_png(tmp_path / "bad.png", PIXELS)
    monkeypatch.setattr("bgmatte.inference.pictures.ImageOps.exif_transpose", lambda _: (_ for _ in ()).throw(error("odd")))
    with pytest.raises(MatteError, match=r"bad\.png: cannot be read \('?odd'?\); allowed: a whole picture file"):
        read_picture(tmp_path / "bad.png")


def test_a_folder_is_never_replaced_by_a_result(tmp_path):
    (tmp_path / "mine.png").mkdir()
    (tmp_path / "mine.png" / "kept").touch()
    with pytest.raises(MatteError, match=r"mine\.png: a folder, where a file is to be written"), result(tmp_path / "mine.png"):
        pass
    assert (tmp_path / "mine.png" / "kept").exists()
