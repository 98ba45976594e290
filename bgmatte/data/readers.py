"""Picture files as arrays: opened with suspicion, refused with what was seen and what is allowed."""

import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from bgmatte.data.procedural.canvas import continued
from bgmatte.manifest import Fault, ManifestError

SUBJECT, BACKGROUND, COLOUR, ALPHA = (("RGBA",), ("RGB",), ("RGB",), ("L",))  # Pillow modes, 8 bits each


class DataError(ManifestError):
    """Data that is missing, damaged or not what it should be; one line for each file."""


def refuse(faults: Iterable[Fault | None]) -> None:
    """Raise `DataError` with one line per fault, if there are any."""
    lines = [str(fault) for fault in faults if fault is not None]
    if lines:
        raise DataError("\n".join(lines))


def picture_fault(path: Path, modes: tuple[str, ...]) -> Fault | None:
    """What is wrong with one picture file: missing, no picture, truncated, of another mode, or a pixel bomb."""
    if not path.is_file():
        return Fault(path, "missing", f"a picture of mode {' or '.join(modes)}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                if picture.mode not in modes:
                    return Fault(path, f"mode {picture.mode}", f"mode {' or '.join(modes)}")
                picture.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return Fault(path, "more pixels than any picture should have", f"at most {Image.MAX_IMAGE_PIXELS} pixels")
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for damaged files
        return Fault(path, f"cannot be read ({error})", "a whole picture file")
    return None


def pair_faults(colour: Path, alpha: Path) -> list[Fault]:
    """What is wrong with a foreground whose colour and alpha are two files, their sizes included."""
    found = [fault for fault in (picture_fault(colour, COLOUR), picture_fault(alpha, ALPHA)) if fault]
    if not found:
        with Image.open(colour) as first, Image.open(alpha) as second:
            if first.size != second.size:
                found = [Fault(alpha, f"{second.size[0]}×{second.size[1]} px", f"{first.size[0]}×{first.size[1]} px as {colour.name}")]
    return found


def read_subject(path: Path) -> np.ndarray:
    """A foreground with alpha, straight colour, as uint8 (4, H, W); colour is continued where alpha is 0."""
    refuse([picture_fault(path, SUBJECT)])
    with Image.open(path) as picture:
        return _extended(np.asarray(picture).transpose(2, 0, 1))


def read_pair(colour: Path, alpha: Path) -> np.ndarray:
    """A foreground from a colour file and an alpha file, as `read_subject` gives it."""
    refuse(pair_faults(colour, alpha))
    with Image.open(colour) as first, Image.open(alpha) as second:
        return _extended(np.concatenate([np.asarray(first).transpose(2, 0, 1), np.asarray(second)[None]]))


def read_background(path: Path) -> np.ndarray:
    """A background as uint8 (3, H, W)."""
    refuse([picture_fault(path, BACKGROUND)])
    with Image.open(path) as picture:
        return np.ascontiguousarray(np.asarray(picture).transpose(2, 0, 1))


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


def _extended(rgba: np.ndarray) -> np.ndarray:
    unseen = rgba[3] == 0
    result = rgba.copy()
    if unseen.any():
        filled = continued(rgba[:3].astype(np.float32) * ~unseen, (~unseen).astype(np.float32))
        result[:3] = np.where(unseen, np.clip(filled, 0, 255) + np.float32(0.5), rgba[:3]).astype(np.uint8)
    return result
