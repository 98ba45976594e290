"""What test compositions are made of: subjects of one or several sets, and the backgrounds behind them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bgmatte import installed
from bgmatte.config import ROLES, DataConfig, Source
from bgmatte.data.readers import read_background, read_subject
from bgmatte.data.sets import BackgroundSet, OnDemand, SubjectSet, embedded_subjects
from bgmatte.data.store import make_set, open_backgrounds, open_subjects
from bgmatte.manifest import verified
from bgmatte.phases import BACKGROUNDS, PHOTOGRAPHS, STAND_INS
from bgmatte.sources import HELD_OUT as REAL_HELD_OUT
from bgmatte.sources import PUBLISHED, SCENERY, root_of

HELD_OUT = "rendered-people"  # the set that the study's answers come from; all others are told beside it


@dataclass(frozen=True)
class Stock:
    """What is composed: subjects with the set of each, and backgrounds, uint8 (3, H, W), with the group and the kind of each."""

    subjects: SubjectSet
    sets: tuple[str, ...]
    scenes: Sequence[np.ndarray]
    scene_names: tuple[str, ...]
    scene_kinds: tuple[str, ...]

    def members(self, name: str) -> list[int]:
        """Which subjects are of one set."""
        return [index for index, found in enumerate(self.sets) if found == name]


def _one_after_the_other(parts: Sequence[SubjectSet | BackgroundSet]) -> OnDemand[tuple[Sequence[np.ndarray] | np.ndarray, int]]:
    """Pictures of several sets, each read when it is asked for."""
    return OnDemand([(part.pictures, member) for part in parts for member in part.members], lambda place: place[0][place[1]])


def held_out_stock(sources: Sequence[Source] = ()) -> Stock:
    """All held-out subjects there are over the test half of the photographs.

    The rendered people first, then what a Debian package brings and is installed, then the test parts of the real sets
    among `sources`. Raises `ManifestError` when an embedded file is missing or damaged.
    """
    parts = {HELD_OUT: embedded_subjects(HELD_OUT, "test")}
    parts |= {name: _installed_subjects(name) for name in installed.present()}
    parts |= {source.name: _published_subjects(source.name, "test") for source in sources if source.name in REAL_HELD_OUT}
    entries = verified(PHOTOGRAPHS).pictures("test")
    scenes = OnDemand([entry.path for entry in entries], read_background)
    groups = tuple(entry.group for entry in entries)
    return Stock(*_joined(parts), scenes, groups, (PHOTOGRAPHS,) * len(groups))


def validation_stock(data: DataConfig, sources: Sequence[Source] = ()) -> Stock:
    """The validation pictures of each role over the training half of the photographs and the validation backgrounds.

    A role's pictures come from its real set where that is among `sources`, else from its stand-in, which is made when it is missing.
    """
    names = {source.name for source in sources}
    parts: dict[str, SubjectSet] = {role: _role_subjects(role, data, PUBLISHED[role] in names) for role in ROLES}
    entries = verified(PHOTOGRAPHS).pictures("train")
    groups = tuple(entry.group for entry in entries)
    photographs = BackgroundSet([read_background(entry.path) for entry in entries], tuple(range(len(entries))), groups, groups)
    others = _other_backgrounds(data, PUBLISHED[SCENERY] in names)
    kinds = (PHOTOGRAPHS,) * len(photographs) + (SCENERY,) * len(others)
    return Stock(*_joined(parts), _one_after_the_other([photographs, others]), photographs.names + others.names, kinds)


def _joined(parts: dict[str, SubjectSet]) -> tuple[SubjectSet, tuple[str, ...]]:
    pictures = _one_after_the_other(list(parts.values()))
    names, groups = (tuple(value for part in parts.values() for value in getattr(part, field)) for field in ("names", "groups"))
    return SubjectSet(pictures, tuple(range(len(pictures))), names, groups), tuple(name for name, part in parts.items() for _ in part.members)


def _role_subjects(role: str, data: DataConfig, real: bool) -> SubjectSet:
    if real:
        return _published_subjects(PUBLISHED[role], "validation")
    make_set(STAND_INS[role], data)
    return open_subjects(STAND_INS[role], data, "validation")


def _other_backgrounds(data: DataConfig, real: bool) -> BackgroundSet:
    if real:
        from bgmatte.data.published import open_published_backgrounds

        name = PUBLISHED[SCENERY]
        return open_published_backgrounds(name, root_of(name), "validation")
    make_set(BACKGROUNDS, data)
    return open_backgrounds(BACKGROUNDS, data, "validation")


def _installed_subjects(name: str) -> SubjectSet:
    entries = installed.pictures(name)
    names = tuple(entry.name for entry in entries)
    return SubjectSet(OnDemand([entry.path for entry in entries], read_subject), tuple(range(len(entries))), names, names)


def _published_subjects(name: str, split: str) -> SubjectSet:
    # Real sets bring a library for videos, which nothing else here needs.
    from bgmatte.data.published import open_published

    return open_published(name, root_of(name), split)
