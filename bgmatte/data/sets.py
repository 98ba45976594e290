"""Sets of subjects and backgrounds as tensors, and the ones that are embedded in the project."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar, overload

import numpy as np
import torch
from torch import Tensor

from bgmatte.data.procedural.noise import stream
from bgmatte.data.readers import read_background, read_subject, square_crop
from bgmatte.jsonable import require
from bgmatte.manifest import verified

CROPS = 12  # views of each photograph: enough that training does not see the same frame all the time


@dataclass(frozen=True)
class SubjectSet:
    """Foregrounds with their mattes.

    `[i]` gives straight colour, continued where alpha is 0, uint8 (3, H, W), and alpha uint8 (1, H, W).
    """

    pictures: Sequence[np.ndarray] | np.ndarray  # uint8, each (4, H, W)
    members: tuple[int, ...]  # which of `pictures` belong to this set
    names: tuple[str, ...]
    groups: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        picture = torch.from_numpy(np.array(self.pictures[self.members[index]]))
        return picture[:3], picture[3:]


@dataclass(frozen=True)
class BackgroundSet:
    """Backgrounds. `[i]` gives uint8 (3, H, W)."""

    pictures: Sequence[np.ndarray] | np.ndarray  # uint8, each (3, H, W)
    members: tuple[int, ...]  # which of `pictures` belong to this set
    names: tuple[str, ...]
    groups: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, index: int) -> Tensor:
        return torch.from_numpy(np.array(self.pictures[self.members[index]]))


Place = TypeVar("Place")  # what says where one picture lies: a path, a file's part, a member of another set


class OnDemand(Sequence[np.ndarray], Generic[Place]):
    """Pictures at `places` that are read when they are asked for; it may be pickled if `read` may."""

    def __init__(self, places: Sequence[Place], read: Callable[[Place], np.ndarray]) -> None:
        self.places, self.read = places, read

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, index: int) -> np.ndarray: ...
    @overload
    def __getitem__(self, index: slice) -> "OnDemand[Place]": ...
    def __getitem__(self, index: int | slice) -> "np.ndarray | OnDemand[Place]":
        return OnDemand(self.places[index], self.read) if isinstance(index, slice) else self.read(self.places[index])


def embedded_subjects(name: str, split: str) -> SubjectSet:
    """The subjects of an embedded set; files are compared with their hashes first (`ManifestError` lists all that differ)."""
    require(split in ("validation", "test"), f"{name} split", split, "validation, test: nothing is trained on these")
    entries = verified(name).pictures(split)
    files = OnDemand([entry.path for entry in entries], read_subject)
    return SubjectSet(files, tuple(range(len(entries))), tuple(e.name for e in entries), tuple(e.group for e in entries))


@cache
def embedded_backgrounds(name: str, split: str, size: int) -> BackgroundSet:
    """Fixed square views (`CROPS` each) of an embedded set's photographs at `size` px; hashes are compared first."""
    require(split in ("train", "test"), f"{name} split", split, "train, test")
    views, names, groups = [], [], []
    for entry in verified(name).pictures(split):
        photograph = read_background(entry.path)
        for number, (zoom, across, down) in enumerate(stream(int(entry.sha256[:8], 16)).random((CROPS, 3))):
            views.append(square_crop(photograph, size, zoom, across, down))
            names.append(f"{entry.name}-{number:02d}")
            groups.append(entry.group)
    return BackgroundSet(views, tuple(range(len(views))), tuple(names), tuple(groups))
