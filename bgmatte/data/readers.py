"""Picture files as arrays: opened with suspicion, refused with what was seen and what is allowed."""

import io
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from bgmatte.data.procedural.canvas import continued
from bgmatte.manifest import Fault, ManifestError

SUBJECT, BACKGROUND = (("RGBA",), ("RGB",))  # Pillow modes, 8 bits each
ANY = ("RGB", "RGBA", "L", "LA", "P")  # what published sets hold: their own transparency is left out, grey is grey
GREY = 2  # how far the channels of a matte that is stored as colour may lie apart: a JPEG's rounding
_COARSE = 4  # [px] blocks in which the colours of a large picture are continued: a 4K frame takes 0.4 s, not 2.4


class DataError(ManifestError):
    """Data that is missing, damaged or not what it should be; one line for each file."""


@dataclass(frozen=True)
class Member:
    """A file inside a tar file, read without unpacking it."""

    tar: Path
    offset: int  # [bytes]
    length: int  # [bytes]
    name: str

    def __str__(self) -> str:
        return f"{self.tar}/{self.name}"

    def is_file(self) -> bool:
        """Whether the tar file is there and long enough."""
        return self.tar.is_file() and self.tar.stat().st_size >= self.offset + self.length

    def read_bytes(self) -> bytes:
        """Its content."""
        with self.tar.open("rb") as file:
            file.seek(self.offset)
            return file.read(self.length)


Source = Path | Member


def refuse(faults: Iterable[Fault | None]) -> None:
    """Raise `DataError` with one line per fault, if there are any."""
    lines = [str(fault) for fault in faults if fault is not None]
    if lines:
        raise DataError("\n".join(lines))


def picture_fault(source: Source, modes: tuple[str, ...]) -> Fault | None:
    """What is wrong with one picture file: missing, no picture, truncated, of another mode, or a pixel bomb."""
    found = _loaded(source, modes)
    return found if isinstance(found, Fault) else None


def header_fault(source: Source, modes: tuple[str, ...]) -> Fault | tuple[int, int]:
    """(width, height) of a picture, or what is wrong with it, from its first bytes alone."""
    found = _loaded(source, modes, whole=False)
    return found if isinstance(found, Fault) else found.size


def matte_fault(source: Source) -> Fault | None:
    """What is wrong with an alpha file; one that is stored as colour must be grey."""
    found = _loaded(source, ANY)
    return found if isinstance(found, Fault) else _colour_in(found, source)


def size_fault(alpha: Source, seen: tuple[int, int], colour: Source, wanted: tuple[int, int]) -> Fault | None:
    """The fault of a matte whose (width, height) is not that of its colour."""
    if seen == wanted:
        return None
    return Fault(_file(alpha), f"{seen[0]}×{seen[1]} px", f"{wanted[0]}×{wanted[1]} px as {_file(colour).name}")


def pair_faults(colour: Source, alpha: Source) -> list[Fault]:
    """What is wrong with a foreground whose colour and alpha are two files, their sizes included."""
    found = _pair(colour, alpha)
    return found if isinstance(found, list) else []


def read_subject(source: Source, coarse: bool = False) -> np.ndarray:
    """A foreground with alpha, straight colour, as uint8 (4, H, W); colour is continued where alpha is 0.

    `coarse` continues it in blocks: five times as fast, for pictures of many megapixels.
    """
    found = _loaded(source, SUBJECT)
    if isinstance(found, Fault):
        raise DataError(str(found))
    rgba = np.asarray(found)
    return (extended_coarsely if coarse else _extended)(rgba.transpose(2, 0, 1))


def read_pair(colour: Source, alpha: Source) -> np.ndarray:
    """A foreground from a colour file and an alpha file, as `read_subject` gives it with `coarse`."""
    found = _pair(colour, alpha)
    if isinstance(found, list):
        raise DataError("\n".join(map(str, found)))
    rgb, grey = (np.asarray(found[0].convert("RGB")), np.asarray(_grey(found[1])))
    return extended_coarsely(np.concatenate([rgb.transpose(2, 0, 1), grey[None]]))


def read_background(source: Source, modes: tuple[str, ...] = BACKGROUND) -> np.ndarray:
    """A background as uint8 (3, H, W)."""
    found = _loaded(source, modes)
    if isinstance(found, Fault):
        raise DataError(str(found))
    return np.ascontiguousarray(np.asarray(found.convert("RGB")).transpose(2, 0, 1))


def extended_coarsely(rgba: np.ndarray) -> np.ndarray:
    """uint8 (4, H, W) with its colour continued where alpha is 0, in blocks of `_COARSE` px."""
    unseen = rgba[3] == 0
    if min(unseen.shape) < 4 * _COARSE or not unseen.any():
        return _extended(rgba)
    result = np.ascontiguousarray(rgba)
    known = Image.fromarray(np.where(unseen, np.uint8(0), np.uint8(255))).reduce(_COARSE)
    colour = Image.fromarray((rgba[:3] * ~unseen).transpose(1, 2, 0)).reduce(_COARSE)
    weight = np.asarray(known, np.float32) / np.float32(255)
    filled = continued(np.asarray(colour, np.float32).transpose(2, 0, 1), weight)
    mean = np.where(weight > 0, np.asarray(colour, np.float32).transpose(2, 0, 1) / np.maximum(weight, np.float32(1e-6)), filled)
    blocks = np.clip(mean + np.float32(0.5), 0, 255).astype(np.uint8)
    large = blocks.repeat(_COARSE, axis=1).repeat(_COARSE, axis=2)[:, : unseen.shape[0], : unseen.shape[1]]
    if result is rgba:
        result = rgba.copy()
    np.copyto(result[:3], large, where=unseen)
    return result


def square_crop(picture: np.ndarray, size: int, zoom: float, across: float, down: float) -> np.ndarray:
    """A square of uint8 (C, H, W) as (C, size, size).

    `zoom` 0–1 goes from the largest square to one of 60 % of the short side, never enlarging a picture that is large
    enough; `across` and `down` 0–1 place it.
    """
    height, width = picture.shape[1:]
    short = min(height, width)
    side = round(short - zoom * (short - min(short, max(size, 0.6 * short))))
    top, left = round(down * (height - side)), round(across * (width - side))
    cut = Image.fromarray(picture[:, top : top + side, left : left + side].transpose(1, 2, 0))
    return np.asarray(cut.resize((size, size), Image.Resampling.BOX if side > size else Image.Resampling.BICUBIC)).transpose(2, 0, 1).copy()


def _loaded(source: Source, modes: tuple[str, ...], whole: bool = True) -> Image.Image | Fault:
    """A picture, decoded where it is wanted `whole`, or what is wrong with it."""
    path = _file(source)
    if not source.is_file():
        return Fault(path, "missing", f"a picture of mode {' or '.join(modes)}")
    bomb = Fault(path, "more pixels than any picture should have", f"at most {Image.MAX_IMAGE_PIXELS} pixels")
    try:
        with Image.open(source if isinstance(source, Path) else io.BytesIO(source.read_bytes())) as picture:
            # Pillow only warns of some: a filter that makes errors of warnings would be shared by all threads that read.
            if picture.width * picture.height > (Image.MAX_IMAGE_PIXELS or math.inf):
                return bomb
            if picture.mode not in modes:
                return Fault(path, f"mode {picture.mode}", f"mode {' or '.join(modes)}")
            if whole:
                picture.load()
            return picture
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return bomb
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for damaged files
        return Fault(path, f"cannot be read ({error})", "a whole picture file")


def _pair(colour: Source, alpha: Source) -> tuple[Image.Image, Image.Image] | list[Fault]:
    first, second = _loaded(colour, ANY), _loaded(alpha, ANY)
    matte = second if isinstance(second, Fault) else _colour_in(second, alpha)
    if isinstance(first, Fault) or isinstance(second, Fault):
        return [found for found in (first, matte) if isinstance(found, Fault)]
    wrong = [fault for fault in (matte, size_fault(alpha, second.size, colour, first.size)) if fault]
    return wrong or (first, second)


def _grey(picture: Image.Image) -> Image.Image:
    return picture if picture.mode == "L" else picture.getchannel(0) if picture.mode == "LA" else picture.convert("RGB").getchannel(1)


def _colour_in(alpha: Image.Image, source: Source) -> Fault | None:
    if alpha.mode in ("L", "LA"):
        return None
    channels = np.asarray(alpha.convert("RGB")).astype(np.int16)
    apart = int(np.ptp(channels, axis=2).max(initial=0))
    if apart <= GREY:
        return None
    return Fault(_file(source), f"mode {alpha.mode} whose channels differ by {apart}", "an alpha: mode L, or equal channels")


def _file(source: Source) -> Path:
    return source if isinstance(source, Path) else Path(str(source))


def _extended(rgba: np.ndarray) -> np.ndarray:
    unseen = rgba[3] == 0
    result = rgba.copy()
    if unseen.any():
        filled = continued(rgba[:3].astype(np.float32) * ~unseen, (~unseen).astype(np.float32))
        result[:3] = np.where(unseen, np.clip(filled, 0, 255) + np.float32(0.5), rgba[:3]).astype(np.uint8)
    return result
