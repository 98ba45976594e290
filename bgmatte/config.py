"""Everything that may differ between two runs: frozen, validated, hashable, JSON round trip. No torch."""

from dataclasses import dataclass, fields
from pathlib import PurePath
from typing import Literal, get_args

from bgmatte.jsonable import require

Backbone = Literal["resnet50", "resnet101", "mobilenetv2"]
Context = Literal["aspp", "projection"]
Selector = Literal["error", "random", "grid", "edge", "edge-image", "difference", "oracle"]
Role = Literal["videomatte", "photomatte", "distinctions"]
Precision = Literal["float32", "mixed"]
Clamp = Literal["hard", "returning"]
Policy = Literal["shipped", "nothing", "imagenet", "deeplabv3", "file"]

ROLES: tuple[Role, ...] = get_args(Role)
SELECTORS: tuple[Selector, ...] = get_args(Selector)
PATCH = 4  # side of a patch in full-resolution pixels (paper, section 3)


@dataclass(frozen=True)
class Stage:
    """One resolution of the refiner: `scale` of the full image, output widths of its convolutions."""

    scale: float
    widths: tuple[int, ...]


TWO_STAGES = (Stage(0.5, (24, 16)), Stage(1.0, (12, 4)))  # half, then full resolution, as published


@dataclass(frozen=True)
class RefineConfig:
    """Which patches are refined and by what; exactly one of `patches`, `threshold`, `everywhere` spends the budget."""

    selector: Selector = "error"
    patches: int | None = 5_000
    threshold: float | None = None
    everywhere: bool = False
    kernel: int = 3
    stages: tuple[Stage, ...] = TWO_STAGES

    def __post_init__(self) -> None:
        require(self.selector in SELECTORS, "refine.selector", self.selector, ", ".join(SELECTORS))
        require(self.kernel in (1, 3), "refine.kernel", self.kernel, "1, 3")
        budgets = (self.patches is not None) + (self.threshold is not None) + self.everywhere
        seen = f"patches={self.patches}, threshold={self.threshold}, everywhere={self.everywhere}"
        require(budgets == 1, "refine budget", seen, "exactly one of patches=N, threshold=t, everywhere=True")
        require(self.patches is None or self.patches >= 0, "refine.patches", self.patches, "0 or more")
        require(bool(self.stages), "refine.stages", self.stages, "at least one stage")
        for stage in self.stages:
            require(stage.scale in (0.5, 1.0), "refine.stages.scale", stage.scale, "0.5, 1.0")
        require(self.stages[-1].widths[-1] == 4, "refine.stages", self.stages, "4 outputs at the end (pha, fgr)")


@dataclass(frozen=True)
class NetworkConfig:
    """The network of one row. `width` scales every hidden channel count; depths, strides and rates stay."""

    backbone: Backbone = "resnet50"
    context: Context = "aspp"
    scale: float = 0.25
    width: float = 1.0
    refine: RefineConfig | None = RefineConfig()

    def __post_init__(self) -> None:
        require(self.backbone in get_args(Backbone), "network.backbone", self.backbone, ", ".join(get_args(Backbone)))
        require(self.context in get_args(Context), "network.context", self.context, ", ".join(get_args(Context)))
        require(0 < self.scale <= 0.5, "network.scale", self.scale, "above 0 and at most 0.5")
        require(0 < self.width <= 1, "network.width", self.width, "above 0 and at most 1")


@dataclass(frozen=True)
class Start:
    """Where a network's first weights come from; whatever a policy does not cover starts random.

    `shipped`: this project's own encoder and context; `imagenet`: torchvision's encoder, fetched unless `file` holds it;
    `deeplabv3`: encoder and ASPP from `file`, else from the published one for the encoder (see `starting.deeplabv3_folder`);
    `file`: whatever parts a checkpoint of this network holds; `nothing`.
    """

    policy: Policy = "shipped"
    file: str | None = None

    def __post_init__(self) -> None:
        require(self.policy in get_args(Policy), "start.policy", self.policy, ", ".join(get_args(Policy)))
        if self.policy == "file":
            require(self.file is not None, "start.file", self.file, f"a file of weights, which start.policy={self.policy!r} needs")
        if self.policy in ("shipped", "nothing"):
            require(self.file is None, "start.file", self.file, f"None, for start.policy={self.policy!r} reads no file")
        # jobs run in folders of their own
        require(self.file is None or PurePath(self.file).is_absolute(), "start.file", self.file, "an absolute path")


@dataclass(frozen=True)
class Rates:
    """Learning rates by part of the network; a part that a phase uses at rate 0 stays as it is, weights and statistics."""

    backbone: float
    context: float
    decoder: float
    refiner: float = 0.0


@dataclass(frozen=True)
class PhaseConfig:
    """One training stage: `base` trains the coarse network alone, `joint` the whole one; every batch is drawn from all `datasets`."""

    kind: Literal["base", "joint"]
    datasets: tuple[str, ...]
    steps: int
    batch: int
    size: int  # side of the training picture as this phase's network sees it, the smallest where `largest` is given [px]
    rates: Rates
    schedule: Literal["constant", "one-cycle"] = "constant"
    decay: float = 0.0
    largest: int | None = None  # sides are drawn between `size` and this [px]
    error_clamp: Clamp = "hard"  # how slopes pass where the predicted error is kept within 0–1 (see `network.clamping`)

    def __post_init__(self) -> None:
        require(len(set(self.datasets)) == len(self.datasets) > 0, "phase.datasets", self.datasets, "one or more, each once")
        for name in ("steps", "batch", "size"):
            require(getattr(self, name) >= 1, f"phase.{name}", getattr(self, name), "1 or more")
        require(self.error_clamp in get_args(Clamp), "phase.error_clamp", self.error_clamp, ", ".join(get_args(Clamp)))
        require(self.size % 4 == 0, "phase.size", self.size, "a multiple of 4")
        require(self.largest is None or self.largest >= self.size, "phase.largest", self.largest, f"none, or at least phase.size, {self.size}")


@dataclass(frozen=True)
class DataConfig:
    """How much of the embedded data is made, and from which seed. Counts are pictures unless said otherwise."""

    size: int = 512  # side of every stored picture [px]
    video_identities: int = 36
    video_frames: int = 4  # per identity
    portraits: int = 96
    objects: int = 72  # people, about half of them with a thing
    backgrounds: int = 72
    generic: int = 0  # shapes for the starting weights; the study itself uses none
    validation: float = 0.2  # share of groups held out for validation
    seed: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            require(value >= 0, f"data.{field.name}", value, "0 or more")
        require(self.size % 16 == 0 and self.size >= 64, "data.size", self.size, "a multiple of 16, at least 64")
        require(0 < self.validation < 1, "data.validation", self.validation, "between 0 and 1")


@dataclass(frozen=True)
class Source:
    """A real data set that takes the place of its stand-in: its name and the digest of the index of the user's copy."""

    name: str
    digest: str


@dataclass(frozen=True)
class TestConfig:
    """The frozen held-out compositions: people over photographs, the captured background perturbed."""

    __test__ = False  # not a test class

    size: int = 512  # side of a test picture [px]
    subjects: int | None = None  # of the rendered people; None: all of them
    further: int | None = 24  # subjects of every other held-out set that is there, at most; None: all of them
    backgrounds_each: int = 1
    validation: int = 15  # pictures of the procedural validation set
    shift: float = 0.3  # largest translation of the captured background [px] (paper, section 5)
    gamma: float = 0.15  # gamma is drawn from 1 ± this (paper, section 5)
    noise: float = 0.02  # standard deviation in 0–1 units; the paper's printed variances cannot be 0–1 units
    seed: int = 0


@dataclass(frozen=True)
class RunConfig:
    """One row with one seed, complete: whatever decides its numbers stands here."""

    row: str
    profile: str
    seed: int
    network: NetworkConfig
    recipe: tuple[PhaseConfig, ...]
    start: Start
    data: DataConfig
    test: TestConfig
    sources: tuple[Source, ...] = ()
    precision: Precision = "float32"
    mask: Literal["learned", "key"] = "learned"  # "key": no network, a soft threshold on |I − B|

    def __post_init__(self) -> None:
        if self.start.policy in ("imagenet", "deeplabv3"):
            allowed = f"1.0, for the weights that start.policy={self.start.policy!r} names have the published width"
            require(self.network.width == 1, "network.width", self.network.width, allowed)

    @property
    def name(self) -> str:
        """`<row>-seed<k>`, the run's folder."""
        return f"{self.row}-seed{self.seed}"
