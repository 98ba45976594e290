"""What one sees, as parameters: kept as JSON beside its picture, and opened again."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from PIL import Image

from bgmatte.cache import write_text, written_whole
from bgmatte.explorer.place import Place
from bgmatte.explorer.selection import WORDS
from bgmatte.explorer.shots import Pick
from bgmatte.explorer.weights import SCALES, SHIPPED
from bgmatte.fingerprint import PROJECT
from bgmatte.inference.refusals import refusal
from bgmatte.jsonable import ConfigError, from_dict, require, to_dict

FOLDER = PROJECT / "reports" / "explored"  # beside the profiles' folders, and as little in git


@dataclass(frozen=True)
class Painting:
    """Patches that were changed by hand, by their index row by row."""

    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()


@dataclass(frozen=True)
class View:
    """Everything that decides what the explorer shows. `patches` and `threshold` are the budget of both selectors."""

    picture: Pick = field(default_factory=Pick)
    weights: str = SHIPPED
    scale: float = 0.25
    kernel: int = 3
    first: str = "error"
    second: str = "random"
    patches: int = 1_000
    threshold: float = 0.1
    over: str = "#00b140"  # a colour or a picture file
    painted_first: Painting = Painting()
    painted_second: Painting = Painting()
    place: Place = field(default_factory=Place)

    def __post_init__(self) -> None:
        for name in ("first", "second"):
            require(getattr(self, name) in WORDS, name, getattr(self, name), ", ".join(WORDS))
        require(self.scale in SCALES, "scale", self.scale, ", ".join(map(str, SCALES)))
        require(self.patches >= 0, "patches", self.patches, "0 or more")
        require(0 <= self.threshold <= 1, "threshold", self.threshold, "0 to 1")

    @property
    def selectors(self) -> tuple[str, str]:
        """The two selectors that stand side by side."""
        return self.first, self.second

    @property
    def paintings(self) -> tuple[Painting, Painting]:
        """What was painted on each of them."""
        return self.painted_first, self.painted_second


def save(view: View, picture: np.ndarray, folder: Path = FOLDER) -> Path:
    """Write what one sees as `<time>.png` and, last, its parameters as `<time>.json`, whose path is returned."""
    name = datetime.now().strftime("%Y-%m-%d-%H%M%S-%f")[:-3]
    with written_whole(folder / f"{name}.png") as temporary:
        Image.fromarray(picture).save(temporary, format="PNG")
    path = folder / f"{name}.json"
    write_text(path, json.dumps(to_dict(view), indent=1, ensure_ascii=False) + "\n")
    return path


def saved(folder: Path = FOLDER) -> tuple[Path, ...]:
    """The saved views, the newest first."""
    return tuple(sorted(folder.glob("*.json"), reverse=True))


def read(path: Path) -> View:
    """A saved view; raises `MatteError` that names the file for what is none, and `ConfigError` for a field that no view may have."""
    if not path.is_file():
        raise refusal(path, "missing", "a view that the explorer saved")
    try:
        content = json.loads(path.read_text())
    except ValueError as error:
        raise refusal(path, f"no JSON ({error})", "a view that the explorer saved") from None
    try:
        return from_dict(View, content, "view")
    except ConfigError as error:
        raise ConfigError(f"{path.name}: {error}") from None
