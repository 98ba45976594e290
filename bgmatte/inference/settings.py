"""How much a picture of a given size is refined, and at which scale the base network sees it."""

from dataclasses import dataclass, replace
from typing import Literal

from bgmatte.config import PATCH, SELECTORS, NetworkConfig, Selector
from bgmatte.jsonable import require

# The paper refines 5,000 patches at HD and 20,000 at 4K, which is one share of the frame; its base network works at
# 1/4 of HD and at 1/8 of 4K, 480×270 px both times. Between the two sizes lies their geometric mean.
HD, UHD = 1080 * 1920, 2160 * 3840
SHARE = 5_000 * PATCH**2 / HD
LARGE = (HD * UHD) ** 0.5  # [px]
USABLE = tuple(name for name in SELECTORS if name != "oracle")  # the oracle needs the true alpha


@dataclass(frozen=True)
class Settings:
    """What a user may decide; None leaves it to the picture's size and, for the selector, to the checkpoint.

    `patches` is a number or "all"; `threshold` refines wherever the selector's score is above it.
    """

    selector: Selector | None = None
    patches: int | Literal["all"] | None = None
    threshold: float | None = None
    scale: float | None = None

    def __post_init__(self) -> None:
        require(self.selector is None or self.selector in USABLE, "selector", self.selector, ", ".join(USABLE))
        require(self.patches is None or self.threshold is None, "patches and threshold", (self.patches, self.threshold), "one of them")
        require(self.patches in (None, "all") or (type(self.patches) is int and self.patches >= 0), "patches", self.patches, "0 or more, or all")
        require(self.scale is None or 0 < self.scale <= 0.5, "scale", self.scale, "above 0 and at most 0.5")


def configured(config: NetworkConfig, height: int, width: int, settings: Settings) -> NetworkConfig:
    """The configuration of a checkpoint for pictures of `height`×`width` px.

    Unless `settings` say otherwise: scale 1/4 up to 4.1 megapixels and 1/8 above, and 3.86 % of the patches, which is
    what the paper uses at HD and at 4K. Raises `ConfigError` for what these weights or this size cannot do.
    """
    scale = settings.scale or (0.25 if height * width <= LARGE else 0.125)
    require(min(height, width) * scale >= 1, "scale", scale, f"at least {1 / min(height, width):.3g} for {width}×{height} px")
    if config.refine is None:
        asked = {name: value for name in ("selector", "patches", "threshold") if (value := getattr(settings, name)) is not None}
        require(not asked, "network.refine", asked, "none of them: these weights hold no refinement network")
        return replace(config, scale=scale)

    patches = round(height * width / PATCH**2 * SHARE) if settings.patches is None else settings.patches
    refine = replace(
        config.refine,
        selector=settings.selector or config.refine.selector,
        patches=None if patches == "all" or settings.threshold is not None else patches,
        threshold=settings.threshold,
        everywhere=patches == "all",
    )
    return replace(config, scale=scale, refine=refine)
