"""The picture to explore: a held-out one, one drawn from a seed, or a user's own."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from bgmatte.augment import perturb_background
from bgmatte.cache import cache_root, written_whole
from bgmatte.config import DataConfig
from bgmatte.data.procedural import DOMAINS, draw_group
from bgmatte.data.test_pictures import Picture, TestPictures, test_pictures
from bgmatte.fingerprint import PROJECT
from bgmatte.images import composite
from bgmatte.inference.job import same_size
from bgmatte.inference.layers import as_tensor
from bgmatte.inference.pictures import read_picture
from bgmatte.inference.refusals import MatteError, refusal
from bgmatte.jsonable import require
from bgmatte.phases import BACKGROUNDS
from bgmatte.profiles import profile

SIZES = {"512×512": (512, 512), "1280×720": (720, 1280), "1920×1080": (1080, 1920), "3840×2160": (2160, 3840)}  # name → height, width [px]
DRAWN = tuple(name for name, kind in DOMAINS.items() if kind.channels == 4)  # data sets with subjects
SMALLEST, LARGEST = 64, 12_500_000  # shorter side [px], pixels: what a phone takes; every layer travels to the browser
_EXACT = 16  # what sides of drawn pictures are multiples of [px]


@dataclass(frozen=True)
class Pick:
    """Which picture: `held-out` by its name (the first unless given), `drawn` like those of data set `name` from a seed, or `own` files."""

    kind: Literal["held-out", "drawn", "own"] = "held-out"
    name: str = ""
    seed: int = 0
    size: str = "1920×1080"
    src: str = ""
    bgr: str = ""
    pha: str = ""  # the true alpha, if it is known

    def __post_init__(self) -> None:
        require(self.size in SIZES, "picture.size", self.size, ", ".join(SIZES))
        require(self.seed >= 0, "picture.seed", self.seed, "a whole number, 0 or more")
        if self.kind == "drawn":
            require(self.name in DRAWN, "picture.name", self.name, ", ".join(DRAWN))


@dataclass(frozen=True)
class Shot:
    """Two pictures of one scene, `src` with the subject and `bgr` without, (1, 3, H, W), 0–1; `pha` (1, 1, H, W) where truth is known."""

    title: str
    src: Tensor
    bgr: Tensor
    pha: Tensor | None

    @property
    def size(self) -> tuple[int, int]:
        """Height and width [px]."""
        return self.src.shape[2], self.src.shape[3]


def held_out_names() -> tuple[str, ...]:
    """The held-out pictures there are, as the study judges them."""
    return tuple(line.name for line in _held_out().table)


def taken(pick: Pick) -> Shot:
    """The picture of a `Pick`; raises `ConfigError` or `MatteError` that names the field or file, what was seen and what is allowed."""
    if pick.kind == "own":
        return _own(pick)
    return _drawn(pick) if pick.kind == "drawn" else _judged(pick.name)


def uploads() -> Path:
    """Where uploaded files are kept; whoever empties it loses saved views of them."""
    return cache_root() / "explorer"


def kept_upload(name: str, content: bytes) -> Path:
    """Where an uploaded file is kept, under its own name, so that a saved view finds it again."""
    path = uploads() / hashlib.sha256(content).hexdigest()[:16] / (Path(name).name or "unnamed")
    if not path.exists():
        with written_whole(path) as temporary:
            temporary.write_bytes(content)
    return path


@cache
def _held_out() -> TestPictures:
    size = profile("quick")
    return test_pictures(size.test, size.data)


def _judged(name: str) -> Shot:
    names = held_out_names()
    require(not name or name in names, "picture.name", name, f"a held-out picture, {names[0]} for instance")
    picture: Picture = _held_out()[names.index(name or names[0])]
    return Shot(f"{picture.subject} before {picture.background}", picture.src, picture.bgr, picture.pha)


def _drawn(pick: Pick) -> Shot:
    height, width = SIZES[pick.size]
    data = DataConfig(size=_up(height), video_frames=1, seed=pick.seed)
    fgr, pha = torch.from_numpy(draw_group(pick.name, data, 0))[:1, :, :height].float().div(255).split((3, 1), 1)
    free = width - pha.shape[3]
    if free >= 0:
        fgr, pha = (F.pad(x, (free // 2, free - free // 2, 0, 0)) for x in (fgr, pha))
    else:
        fgr, pha = (x[..., -free // 2 :][..., :width] for x in (fgr, pha))
    scene = torch.from_numpy(draw_group(BACKGROUNDS, DataConfig(size=_up(width), seed=pick.seed), 0)).float() / 255
    top = (scene.shape[2] - height) // 2
    true = scene[:, :, top : top + height, :width]
    test = profile("quick").test
    bgr = perturb_background(true, Generator().manual_seed(pick.seed), shift=test.shift, gamma=test.gamma, noise=test.noise)
    return Shot(f"drawn like {pick.name}, seed {pick.seed}", composite(fgr, true, pha), bgr, pha)


def _own(pick: Pick) -> Shot:
    if not pick.src or not pick.bgr:
        raise MatteError("two pictures are needed: the source, and the same scene without the subject (the background)")
    paths = {name: resolved(text) for name, text in (("src", pick.src), ("bgr", pick.bgr), ("pha", pick.pha)) if text}
    pictures = {name: read_picture(path) for name, path in paths.items()}
    height, width = pictures["src"].shape[:2]
    if min(height, width) < SMALLEST or height * width > LARGEST:
        raise refusal(
            paths["src"], f"{width}×{height} px", f"sides of at least {SMALLEST} px and at most {LARGEST:,} pixels; shrink both pictures alike"
        )
    for name, picture in pictures.items():
        same_size((height, width), picture.shape, paths["src"], paths[name])
    tensors = {name: as_tensor(picture, torch.device("cpu")) for name, picture in pictures.items()}
    pha = tensors["pha"].mean(1, keepdim=True) if "pha" in tensors else None
    return Shot(paths["src"].name, tensors["src"], tensors["bgr"], pha)


def resolved(text: str) -> Path:
    """The path that a user wrote: from home, absolute, or from the project's folder, wherever the kernel runs."""
    path = Path(text).expanduser()
    return path if path.is_absolute() else PROJECT / path


def _up(side: int) -> int:
    return -(-side // _EXACT) * _EXACT
