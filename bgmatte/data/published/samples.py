"""What belongs together in a copy, and which of it validates where nothing is published for that."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bgmatte.data.readers import Member, Source

VIDEOS = (".mp4", ".mov", ".mkv", ".webm", ".avi")
HELD_BACK = 0.03  # share of the groups to train on that validate where nothing is published for that; the paper's is 0.01–0.04


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a sample, or a stretch of a tar file: where below the root it lies."""

    path: str
    offset: int | None = None  # [bytes]
    length: int | None = None  # [bytes]
    member: str = ""  # its name in the tar file

    @property
    def place(self) -> str:
        """Where it lies below the root, in words: for a member of a tar file, as if that were a folder."""
        return f"{self.path}/{self.member}" if self.member else self.path

    @property
    def video(self) -> bool:
        """Whether this is a clip."""
        return self.offset is None and self.path.lower().endswith(VIDEOS)

    def source(self, root: Path) -> Source:
        """Where to read it in the copy at `root`."""
        return root / self.path if self.offset is None else Member(root / self.path, self.offset, self.length or 0, self.member)


@dataclass(frozen=True)
class Sample:
    """What belongs together: a foreground (`fgr` and `pha`, or `rgba`), a clip of them, or a background (`bgr`)."""

    key: str
    split: str
    group: str
    parts: Mapping[str, Part]


def held_back(found: Sequence[Sample]) -> list[Sample]:
    """`found` with some groups of the training part as validation, chosen by their names, where nothing validates yet."""
    groups = sorted({sample.group for sample in found if sample.split == "train"}, key=lambda group: hashlib.sha256(group.encode()).digest())
    if len(groups) < 2 or any(sample.split == "validation" for sample in found):
        return list(found)
    validation = set(groups[: max(1, round(HELD_BACK * len(groups)))])
    return [replace(sample, split="validation") if sample.group in validation else sample for sample in found]
