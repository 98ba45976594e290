"""Where the panes look."""

import math
from dataclasses import dataclass

from bgmatte.jsonable import require


@dataclass(frozen=True)
class Place:
    """The centre in shares of the frame, the zoom (1: all of it), and the name of the enlarged pane, if any."""

    x: float = 0.5
    y: float = 0.5
    zoom: float = 1.0
    large: str = ""

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            require(0 <= getattr(self, name) <= 1, f"view.{name}", getattr(self, name), "0 to 1")
        require(math.isfinite(self.zoom) and self.zoom >= 1, "view.zoom", self.zoom, "a number of at least 1")
