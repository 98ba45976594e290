"""The assembled network: coarse matte, choice of patches, refinement."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from bgmatte.config import PATCH
from bgmatte.images import resize
from bgmatte.network.refiner import Refiner
from bgmatte.patches import Scene

Choose = Callable[[Scene], Tensor | None]


class Coarse(NamedTuple):
    """What the base network says at its own resolution: alpha (1), foreground residual (3), error (1), hidden features."""

    pha: Tensor
    residual: Tensor
    err: Tensor
    hid: Tensor


class Matte(NamedTuple):
    """The result at full resolution and, `_sm`, at the coarse one; `ref_sm` (B, 1, H/4, W/4) is true on refined patches."""

    pha: Tensor
    fgr: Tensor
    pha_sm: Tensor
    fgr_sm: Tensor
    err_sm: Tensor
    ref_sm: Tensor


class MattingNetwork(nn.Module):
    """Background matting: `src` and `bgr` (B, 3, H, W), 0–1, RGB, to a `Matte`.

    The parts are given; `bgmatte.network.build` puts them together. Without a `refiner` the coarse matte is
    upsampled. `choose` turns a `Scene` into the patches to refine (None: everywhere).
    """

    def __init__(self, backbone: nn.Module, aspp: nn.Module, decoder: nn.Module, refiner: Refiner | None, choose: Choose, scale: float) -> None:
        super().__init__()
        self.backbone = backbone
        self.aspp = aspp
        self.decoder = decoder
        self.refiner = refiner
        self.choose = choose
        self.scale = scale

    def forward(self, src: Tensor, bgr: Tensor, *, generator: torch.Generator | None = None, true_pha: Tensor | None = None) -> Matte:
        """Matte B pictures of one size.

        `generator` feeds the random selector (seed 0 unless given); `true_pha` (B, 1, H, W) is for the oracle.
        Raises `ValueError` when the two pictures differ in shape or a side is not a multiple of 4.
        """
        _check(src, bgr)
        full = (src.shape[2], src.shape[3])
        small = (int(full[0] * self.scale), int(full[1] * self.scale))
        src_sm = resize(src, small)
        coarse = self.coarse(src_sm, resize(bgr, small))

        generator = generator or torch.Generator().manual_seed(0)
        matte, ref = self.refine(src, bgr, coarse, Scene(src, bgr, coarse.pha, coarse.err, generator, true_pha))
        return Matte(
            pha=matte[:, :1].clamp(0, 1),
            fgr=(matte[:, 1:] + src).clamp(0, 1),
            pha_sm=coarse.pha,
            fgr_sm=(coarse.residual + src_sm).clamp(0, 1),
            err_sm=coarse.err,
            ref_sm=ref,
        )

    def coarse(self, src: Tensor, bgr: Tensor) -> Coarse:
        """The base network alone on pictures (B, 3, hc, wc) of its own resolution."""
        deep, *skips = self.backbone(torch.cat([src, bgr], 1))
        x = self.decoder(self.aspp(deep), *skips)
        return Coarse(x[:, :1].clamp(0, 1), x[:, 1:4], x[:, 4:5].clamp(0, 1), x[:, 5:].relu())

    def refine(self, src: Tensor, bgr: Tensor, coarse: Coarse, scene: Scene) -> tuple[Tensor, Tensor]:
        """Alpha and foreground residual (B, 4, H, W), not clamped, and the refined patches (B, 1, H/4, W/4)."""
        matte = torch.cat([coarse.pha, coarse.residual], 1)
        if self.refiner is None:
            nothing = torch.zeros(len(src), 1, *scene.cells, dtype=torch.bool, device=src.device)
            return resize(matte, (src.shape[2], src.shape[3])), nothing
        chosen = self.choose(scene)
        refined = self.refiner(torch.cat([src, bgr], 1), matte, coarse.hid, chosen)
        everything = torch.ones(len(src), 1, *scene.cells, dtype=torch.bool, device=src.device)
        return refined, everything if chosen is None else chosen


def _check(src: Tensor, bgr: Tensor) -> None:
    if src.shape != bgr.shape or src.ndim != 4 or src.shape[1] != 3:
        raise ValueError(f"src {tuple(src.shape)} and bgr {tuple(bgr.shape)} must have one shape (B, 3, H, W)")
    if src.shape[2] % PATCH or src.shape[3] % PATCH:
        raise ValueError(f"height and width {tuple(src.shape[2:])} must be multiples of {PATCH}")
