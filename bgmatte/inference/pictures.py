"""Photographs in, PNG out: upright, sRGB, 8 bits, whatever the camera wrote. No torch."""

import struct
import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from bgmatte.inference.refusals import MatteError, refusal
from bgmatte.inference.results import result

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
DEEP = ("I;16", "I;16L", "I;16B")  # gray of 16 bits; Pillow itself reads colour of 16 bits as 8
PLAIN = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", *DEEP)
DAMAGED = (OSError, SyntaxError, EOFError, ValueError, TypeError, LookupError, ArithmeticError, struct.error)  # what Pillow raises for such files
QUICK = 3  # PNG compression: a third of the default's time, a few percent larger


def read_picture(path: Path) -> np.ndarray:
    """A photograph as uint8 (H, W, 3) in sRGB, turned as its EXIF says.

    Gray, palette, CMYK, 16-bit pictures and those with a colour profile are converted. Raises `MatteError` for files that
    are damaged, animated, floating point or transparent.
    """
    if not path.is_file():
        raise refusal(path, "missing", "a picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a hundred megapixels are a photograph; Pillow still refuses twice its limit
            with Image.open(path) as picture:
                return _pixels(path, picture)
    except MatteError:
        raise
    except Image.DecompressionBombError:
        raise refusal(path, "more pixels than a photograph has", f"at most {2 * (Image.MAX_IMAGE_PIXELS or 0)} pixels") from None
    except UnidentifiedImageError:
        raise refusal(path, "not a picture that can be read", f"a file of {', '.join(SUFFIXES)}") from None
    except DAMAGED as error:
        raise refusal(path, f"cannot be read ({error})", "a whole picture file") from None


def write_png(path: Path, pixels: np.ndarray) -> None:
    """Write uint8 (H, W), (H, W, 3) or (H, W, 4: straight alpha) whole or not at all."""
    with result(path) as temporary:
        Image.fromarray(pixels).save(temporary, format="PNG", compress_level=QUICK)


def _pixels(path: Path, picture: Image.Image) -> np.ndarray:
    if picture.mode not in PLAIN:
        raise refusal(path, f"pixels of mode {picture.mode}", f"mode {', '.join(PLAIN)}")
    if getattr(picture, "is_animated", False) and picture.format != "MPO":  # a phone keeps a depth map or a second view behind the first
        raise refusal(path, f"{getattr(picture, 'n_frames', 0)} pictures in one file", "one picture a file, or a video")

    upright = ImageOps.exif_transpose(picture)
    if upright.has_transparency_data and np.asarray(upright.convert("RGBA"))[..., 3].min() < 255:
        raise refusal(path, "transparent pixels", "a photograph: every pixel opaque")
    if upright.mode in DEEP:
        upright = Image.fromarray((np.asarray(upright).astype(np.float32) / 257 + 0.5).astype(np.uint8))
    return np.array(_to_srgb(path, upright))


def _to_srgb(path: Path, picture: Image.Image) -> Image.Image:
    content = picture.info.get("icc_profile")
    opaque = picture if picture.mode in ("L", "RGB", "CMYK") else picture.convert("RGB")
    if not content:
        return opaque.convert("RGB")
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(content))
        if "sRGB" in ImageCms.getProfileDescription(profile):
            return opaque.convert("RGB")
        return ImageCms.profileToProfile(opaque, profile, ImageCms.createProfile("sRGB"), outputMode="RGB") or opaque
    except (ImageCms.PyCMSError, OSError) as error:
        raise refusal(path, f"a colour profile that cannot be used ({error})", "no profile, or one that fits the picture") from None
