"""The assembled network: coarse matte, choice of patches, refinement."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bgmatte.config import PATCH
from bgmatte.images import resize
from bgmatte.network.clamping import hard
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
        self.clamp_error: Callable[[Tensor], Tensor] = hard
        self.scale = scale

    def forward(self, src: Tensor, bgr: Tensor, *, generator: torch.Generator | None = None, true_pha: Tensor | None = None) -> Matte:
        """Matte B pictures of one size; sides that are no multiples of 4 are padded meanwhile, `pha` and `fgr` cut back.

        `generator` feeds the random selector (seed 0 unless given); `true_pha` (B, 1, H, W) is for the oracle.
        Raises `ValueError` when the two pictures differ in shape.
        """
        scene, coarse = self.glance(src, bgr, generator=generator, true_pha=true_pha)
        chosen = self.choose(scene) if self.refiner else _cells(scene, refined=False)
        matte = self.refined(scene, coarse, chosen)
        pha, fgr = matte[:, :, : src.shape[2], : src.shape[3]].split((1, 3), 1)
        src_sm = resize(scene.src, (coarse.pha.shape[2], coarse.pha.shape[3]))
        return Matte(
            pha=pha,
            fgr=fgr,
            pha_sm=coarse.pha,
            fgr_sm=(coarse.residual + src_sm).clamp(0, 1),
            err_sm=coarse.err,
            ref_sm=_cells(scene, refined=True) if chosen is None else chosen,
        )

    def glance(self, src: Tensor, bgr: Tensor, *, generator: torch.Generator | None = None, true_pha: Tensor | None = None) -> tuple[Scene, Coarse]:
        """What a selector may look at, padded, and what the base network says; arguments and errors as `forward`."""
        _check(src, bgr)
        src, bgr = padded(src), padded(bgr)
        small = (max(1, int(src.shape[2] * self.scale)), max(1, int(src.shape[3] * self.scale)))
        coarse = self.coarse(resize(src, small), resize(bgr, small))
        generator = generator or torch.Generator().manual_seed(0)
        return Scene(src, bgr, coarse.pha, coarse.err, generator, None if true_pha is None else padded(true_pha)), coarse

    def coarse(self, src: Tensor, bgr: Tensor) -> Coarse:
        """The base network alone on pictures (B, 3, hc, wc) of its own resolution."""
        deep, *skips = self.backbone(torch.cat([src, bgr], 1))
        x = self.decoder(self.aspp(deep), *skips)
        pha, residual, err, hid = x.split((1, 3, 1, x.shape[1] - 5), 1)
        hid = F.relu(hid, inplace=not torch.is_grad_enabled())  # the largest part by far
        return Coarse(pha.clamp(0, 1), residual, self.clamp_error(err), hid)

    def refined(self, scene: Scene, coarse: Coarse, chosen: Tensor | None) -> Tensor:
        """Alpha and foreground (B, 4, H, W), 0–1, the `chosen` patches (B, 1, H/4, W/4; None: all) refined, if there is a refiner."""
        src, matte = scene.src, torch.cat([coarse.pha, coarse.residual], 1)
        enlarged = self.refiner(src, scene.bgr, matte, coarse.hid, chosen) if self.refiner else resize(matte, (src.shape[2], src.shape[3]))
        enlarged[:, 1:] += src  # in place: at this resolution every copy counts
        return enlarged.clamp_(0, 1)


def padded(x: Tensor) -> Tensor:
    """(B, C, H, W) with its last row and column repeated until both sides are multiples of 4."""
    below, right = -x.shape[2] % PATCH, -x.shape[3] % PATCH
    return F.pad(x, (0, right, 0, below), "replicate") if below or right else x


def _cells(scene: Scene, *, refined: bool) -> Tensor:
    return torch.full((len(scene.src), 1, *scene.cells), refined, device=scene.src.device)


def _check(src: Tensor, bgr: Tensor) -> None:
    if src.shape != bgr.shape or src.ndim != 4 or src.shape[1] != 3:
        raise ValueError(f"src {tuple(src.shape)} and bgr {tuple(bgr.shape)} must have one shape (B, 3, H, W)")
