"""Sizes of study: how wide, how long and on how much data, and the one place that turns a row into a run. No torch."""

import os
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from bgmatte.config import ROLES, DataConfig, NetworkConfig, PhaseConfig, Precision, Rates, RefineConfig, RunConfig, Start, TestConfig
from bgmatte.jsonable import changed, require
from bgmatte.orders import visits
from bgmatte.sources import PUBLISHED, given_sources
from bgmatte.variants import variant

START = "BGMATTE_START"  # environment variable: a policy of `Start` in place of the profile's, for one that needs no file of its own

# The learning rates of the official code’s base and joint training.
PUBLISHED_BASE = Rates(backbone=1e-4, context=5e-4, decoder=5e-4)
PUBLISHED_JOINT = Rates(backbone=5e-5, context=5e-5, decoder=1e-4, refiner=3e-4)

# Ours, for networks of a quarter of the width that learn for minutes. With a refiner's rate of 3e-3 or more, some broke down.
SHORT_BASE = Rates(backbone=1e-3, context=1e-3, decoder=3e-3)
SHORT_JOINT = Rates(backbone=5e-5, context=5e-5, decoder=1e-4, refiner=1e-3)


@dataclass(frozen=True)
class TimingSize:
    """One picture size at which speed is measured, batch 1, full width (paper, table 5)."""

    name: str
    height: int
    width: int
    scale: float
    patches: int
    repeats: int


@dataclass(frozen=True)
class Profile:
    """One size of study. `base` is the first phase; `joint` has one phase for each place in the order of data sets."""

    name: str
    purpose: str
    network: NetworkConfig
    base: PhaseConfig
    joint: tuple[PhaseConfig, PhaseConfig, PhaseConfig]
    data: DataConfig
    test: TestConfig
    timing: tuple[TimingSize, ...]
    start: Start = field(default_factory=Start)
    seeds: int = 1
    precision: Precision = "float32"
    needs: tuple[str, ...] = ()  # published data sets that it cannot do without


def _short(kind: Literal["base", "joint"], steps: int, batch: int, size: int, rates: Rates, largest: int | None = None) -> PhaseConfig:
    """A phase of a shorter study. Its joint phases are one like the other, so that no place in the order of data has a recipe of its own."""
    return PhaseConfig(kind, ROLES[:1], steps, batch, size, rates, schedule="one-cycle", largest=largest, error_clamp="returning")


def _published_joint() -> tuple[PhaseConfig, PhaseConfig, PhaseConfig]:
    """The official code's joint phases, batches of 4 for whole epochs of the longer of subjects and backgrounds.

    59,500: one epoch of VideoMatte240K's 238,000 training frames; 82,275: 25 of PhotoMatte13K's 13,165 pictures; 64,770:
    30 of 8,636 backgrounds, of which there are more than of Distinctions-646's subjects.
    """
    video, photo, distinctions = (
        PhaseConfig("joint", ROLES[:1], steps, batch=4, size=1_024, largest=2_048, rates=PUBLISHED_JOINT) for steps in (59_500, 82_275, 64_770)
    )
    return video, photo, distinctions


def _sizes(hd: int, uhd: int) -> tuple[TimingSize, ...]:
    return (TimingSize("HD", 1080, 1920, 0.25, 5_000, hd), TimingSize("4K", 2160, 3840, 0.125, 20_000, uhd))


_QUICK = Profile(
    name="quick",
    purpose="the default: quarter-width networks, 512 px pictures, the embedded stand-ins, 20 minutes on 2 cores",
    network=NetworkConfig(width=0.25, refine=RefineConfig(patches=1_024)),  # 1/16 of the frame, as PhotoMatte85 in the paper
    base=_short("base", steps=300, batch=8, size=128, rates=SHORT_BASE),
    joint=(_short("joint", steps=18, batch=4, size=512, rates=SHORT_JOINT),) * 3,
    data=DataConfig(),
    test=TestConfig(further=8),
    timing=_sizes(hd=5, uhd=3),
)

_PROFILES = (
    Profile(
        name="smoke",
        purpose="CI: tiny, every row and every notebook once; its numbers mean nothing",
        network=NetworkConfig(width=0.25, refine=RefineConfig(patches=64)),
        base=_short("base", steps=2, batch=2, size=64, rates=SHORT_BASE),
        joint=(_short("joint", steps=2, batch=2, size=128, rates=SHORT_JOINT),) * 3,
        data=DataConfig(size=128, video_identities=3, video_frames=2, portraits=3, objects=4, backgrounds=4, validation=0.3),
        test=TestConfig(size=128, subjects=6, further=2, validation=6),
        timing=(TimingSize("tiny", 144, 256, 0.25, 64, 2),),
    ),
    _QUICK,
    replace(
        _QUICK,
        name="overnight",
        purpose="quick with twice the pictures and many times the steps, a night on 2 cores (reckoned); its baseline ships for the explorer",
        base=replace(_QUICK.base, steps=1_500),
        joint=(replace(_QUICK.joint[0], steps=900),) * 3,
        data=DataConfig(video_identities=72, portraits=192, objects=144, backgrounds=144),
    ),
    Profile(
        name="standard",
        purpose="one GPU: full-width networks from ImageNet's encoders, larger crops of the embedded stand-ins, 3 seeds, about an hour (reckoned)",
        network=NetworkConfig(refine=RefineConfig(patches=1_024)),
        base=_short("base", steps=1_500, batch=16, size=192, largest=320, rates=Rates(3e-4, 1e-3, 1e-3)),
        joint=(_short("joint", steps=150, batch=8, size=512, largest=768, rates=PUBLISHED_JOINT),) * 3,
        data=DataConfig(size=768, video_identities=72, portraits=192, objects=144, backgrounds=144),
        test=TestConfig(further=None),
        timing=_sizes(hd=15, uhd=15),
        start=Start("imagenet"),
        seeds=3,
        precision="mixed",
    ),
    Profile(
        name="paper",
        purpose="the published recipe on the real data sets: steps, crops, rates, start and augmentation as published; days on several GPUs",
        network=NetworkConfig(refine=RefineConfig(patches=5_000)),
        base=PhaseConfig("base", ROLES[:1], steps=238_000, batch=8, size=256, largest=512, rates=PUBLISHED_BASE),  # 8 epochs of 238,000 frames
        joint=_published_joint(),
        data=DataConfig(),
        test=TestConfig(further=None, backgrounds_each=5),
        timing=_sizes(hd=15, uhd=15),
        start=Start("deeplabv3"),
        precision="mixed",
        needs=tuple(PUBLISHED.values()),
    ),
)

PROFILES: MappingProxyType[str, Profile] = MappingProxyType({profile.name: profile for profile in _PROFILES})


def profile(name: str) -> Profile:
    """The profile called `name`; an unknown one raises `ConfigError` with the allowed names."""
    require(name in PROFILES, "profile", name, ", ".join(PROFILES))
    return PROFILES[name]


def run_config(profile_name: str, row: str, seed: int = 0) -> RunConfig:
    """The complete configuration of one run: the profile's numbers with the row's differences.

    Raises `ConfigError` for an unknown profile or row and for a negative seed.
    """
    size, difference = profile(profile_name), variant(row)
    require(type(seed) is int and seed >= 0, "seed", seed, "a whole number, 0 or more")
    phases = zip((size.base, *size.joint), visits(difference.order, seed), strict=True)
    plain = RunConfig(
        row=row,
        profile=profile_name,
        seed=seed,
        network=size.network,
        recipe=tuple(changed(phase, {"datasets": datasets}) for phase, datasets in phases),
        start=Start(os.environ[START]) if os.environ.get(START) else size.start,  # type: ignore[arg-type]  # Start refuses what is none
        data=size.data,
        test=size.test,
        sources=given_sources(),
        precision=size.precision,
    )
    return changed(plain, difference.change)
