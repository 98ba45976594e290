"""Sizes of study: how wide, how long and on how much data, and the one place that turns a row into a run. No torch."""

from dataclasses import dataclass, field
from types import MappingProxyType

from bgmatte.config import ROLES, DataConfig, NetworkConfig, PhaseConfig, Rates, RefineConfig, RunConfig, Start, TestConfig
from bgmatte.jsonable import changed, require
from bgmatte.orders import visits
from bgmatte.variants import variant

# The learning rates of the official code’s joint training.
PUBLISHED_JOINT = Rates(backbone=5e-5, context=5e-5, decoder=1e-4, refiner=3e-4)


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


def _joint(steps: int, batch: int, size: int) -> tuple[PhaseConfig, PhaseConfig, PhaseConfig]:
    """Joint phases of a short study: the new refiner learns fast at first; the last phase keeps the published rates.

    Higher rates in the last phase made the refiner forget within 40 steps what it had learned on people.
    """
    learning = Rates(backbone=5e-5, context=5e-5, decoder=2e-4, refiner=1e-2)
    first = PhaseConfig("joint", ROLES[:1], steps, batch, size, learning, schedule="one-cycle")
    return first, first, changed(first, {"rates": PUBLISHED_JOINT})


def _sizes(hd: int, uhd: int) -> tuple[TimingSize, ...]:
    return (TimingSize("HD", 1080, 1920, 0.25, 5_000, hd), TimingSize("4K", 2160, 3840, 0.125, 20_000, uhd))


_PROFILES = (
    Profile(
        name="smoke",
        purpose="CI: tiny, every row and every notebook once; its numbers mean nothing",
        network=NetworkConfig(width=0.25, refine=RefineConfig(patches=64)),
        base=PhaseConfig("base", ROLES[:1], steps=2, batch=2, size=64, rates=Rates(1e-3, 1e-3, 3e-3), schedule="one-cycle"),
        joint=_joint(steps=2, batch=2, size=128),
        data=DataConfig(size=128, video_identities=3, video_frames=2, portraits=3, objects=4, backgrounds=4, validation=0.3),
        test=TestConfig(size=128, subjects=6, validation=6),
        timing=(TimingSize("tiny", 144, 256, 0.25, 64, 2),),
    ),
    Profile(
        name="quick",
        purpose="the default: quarter-width networks, 512 px pictures, the embedded stand-ins, 15 minutes on 2 cores",
        network=NetworkConfig(width=0.25, refine=RefineConfig(patches=1_024)),  # 1/16 of the frame, as PhotoMatte85 in the paper
        base=PhaseConfig("base", ROLES[:1], steps=600, batch=8, size=128, rates=Rates(1e-3, 1e-3, 3e-3), schedule="one-cycle"),
        joint=_joint(steps=60, batch=4, size=512),
        data=DataConfig(),
        test=TestConfig(),
        timing=_sizes(hd=7, uhd=5),
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
        start=size.start,
        data=size.data,
        test=size.test,
    )
    return changed(plain, difference.change)
