"""What a composite shows behind the foreground: one colour, or a picture that covers the frame. No torch."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor, ImageOps

from bgmatte.inference.pictures import read_picture
from bgmatte.inference.refusals import refusal

Backdrop = Callable[[int, int], np.ndarray]


def backdrop(over: str) -> Backdrop:
    """A function from (height, width) to uint8 (height, width, 3); `over` is a picture file or a colour (`#00b140`, `white`).

    A picture is enlarged or shrunk until it covers the frame, and cut evenly. Raises `MatteError` for what is neither.
    """
    if Path(over).is_file():
        picture = Image.fromarray(read_picture(Path(over)))
        return lru_cache(maxsize=1)(lambda height, width: np.array(ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)))
    try:
        colour = ImageColor.getrgb(over)[:3]
    except ValueError:
        raise refusal(over, "neither a picture that is there nor a colour", "a picture file, #rrggbb, or a name such as white") from None
    return lambda height, width: np.full((height, width, 3), colour, np.uint8)
