"""Refine chosen patches through a list of resolutions: half, then full, in the paper (section 3.3)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bgmatte.config import PATCH, Stage
from bgmatte.images import resize
from bgmatte.network.coalesced import Layers, cheapest, nested, refine_in_tiles
from bgmatte.network.weighted_norm import may_be_weighted
from bgmatte.patches import crop, paste

MATTE, PAIR = 4, 6  # channels of (alpha, foreground residual) and of (source, background)


class Refiner(nn.Module):
    """The refinement network: unpadded convolutions, grouped into stages, end exactly on each patch."""

    def __init__(self, stages: tuple[Stage, ...], hidden: int, kernel: int) -> None:
        super().__init__()
        self.stages = stages
        self.relu = nn.ReLU(inplace=True)
        self.margins = margins(stages, kernel)
        self.nested = nested(stages, self.margins, kernel)

        total, index, entering = sum(len(stage.widths) for stage in stages), 0, hidden + MATTE
        for stage in stages:
            entering += PAIR
            for width in stage.widths:
                index += 1
                self.add_module(f"conv{index}", nn.Conv2d(entering, width, kernel, bias=index == total))
                if index < total:
                    self.add_module(f"bn{index}", nn.BatchNorm2d(width))
                entering = width
        self.total = total

    def forward(self, src: Tensor, bgr: Tensor, matte: Tensor, hidden: Tensor, chosen: Tensor | None) -> Tensor:
        """Coarse `matte` (B, 4, hc, wc) upsampled to (B, 4, H, W), the `chosen` patches refined.

        `src`, `bgr` (B, 3, H, W), sides multiples of 4; `hidden` (B, C, hc, wc); `chosen` (B, 1, H/4, W/4) boolean,
        or None to refine everywhere at once: the same function as choosing every patch, without its repeated margins.
        In train mode patches share what they have in common where that is cheaper: the same function to rounding.
        """
        if chosen is not None and self._may_share() and chosen.any():
            stages = self._layers()
            side = cheapest(stages, chosen)
            if side > 1:
                return refine_in_tiles(stages, src, bgr, matte, hidden, chosen, side)
        return self.one_by_one(src, bgr, matte, hidden, chosen)

    def one_by_one(self, src: Tensor, bgr: Tensor, matte: Tensor, hidden: Tensor, chosen: Tensor | None) -> Tensor:
        """What `forward` gives, each patch cut out with its margin and computed by itself, as in the paper."""
        full = (src.shape[2], src.shape[3])
        where = None if chosen is None else chosen[:, 0].nonzero()
        if where is not None and len(where) == 0:
            return resize(matte, full)

        x = self.through_stages(torch.cat([src, bgr], 1), torch.cat([hidden, matte], 1), where)
        if where is None:
            return enlarged(x, full)
        return paste(resize(matte, full), resize(x, (PATCH, PATCH)), where)

    def through_stages(self, pair: Tensor, x: Tensor, where: Tensor | None) -> Tensor:
        """The last stage's result for the patches `where` (P, 3: image, row, column), (P, 4, s, s); for the frame where it is None.

        `pair` (B, 6, H, W): source and background; `x` (B, C, hc, wc): hidden features and coarse matte.
        """
        full, index = (pair.shape[2], pair.shape[3]), 0
        for n, (stage, margin) in enumerate(zip(self.stages, self.margins, strict=True)):
            size = (int(full[0] * stage.scale), int(full[1] * stage.scale))
            side = int(PATCH * stage.scale)
            y = _cut(resize(pair, size), where, side, margin)
            x = _cut(resize(x, size), where, side, margin) if n == 0 else F.interpolate(x, y.shape[2:], mode="nearest")
            x = torch.cat([x, y], 1)
            for _ in stage.widths:
                index += 1
                x = self._layer(x, index)
        return x

    def _may_share(self) -> bool:
        """In train mode, unless a layer is watched by hooks, frozen, or a norm looks beyond this process (`SyncBatchNorm`)."""
        layers = list(self.children())
        watched = any(layer._forward_hooks or layer._forward_pre_hooks for layer in layers)
        norms = [layer for layer in layers if not isinstance(layer, nn.Conv2d | nn.ReLU)]
        return self.training and self.nested and not watched and all(may_be_weighted(norm) for norm in norms)

    def _layers(self) -> list[Layers]:
        found, index = [], 0
        for stage, margin in zip(self.stages, self.margins, strict=True):
            names = range(index + 1, index + 1 + len(stage.widths))
            index += len(stage.widths)
            found.append(Layers(stage.scale, margin, [getattr(self, f"conv{i}") for i in names], [getattr(self, f"bn{i}", None) for i in names]))
        return found

    def _layer(self, x: Tensor, index: int) -> Tensor:
        x = getattr(self, f"conv{index}")(x)
        return x if index == self.total else self.relu(getattr(self, f"bn{index}")(x))


def _cut(x: Tensor, where: Tensor | None, side: int, margin: int) -> Tensor:
    return F.pad(x, (margin,) * 4) if where is None else crop(x, where, side, margin)


def enlarged(x: Tensor, size: tuple[int, int]) -> Tensor:
    """(B, C, h, w) as (B, C, *size), each patch resampled bilinearly by itself, as it is when patches are chosen."""
    if x.shape[2:] == size:
        return x
    batch, channels = x.shape[:2]
    side = x.shape[2] * PATCH // size[0]
    patches = x.unfold(2, side, side).unfold(3, side, side)  # (B, C, H/4, W/4, side, side)
    rows, columns = patches.shape[2:4]
    patches = resize(patches.reshape(-1, 1, side, side), (PATCH, PATCH)).view(batch, channels, rows, columns, PATCH, PATCH)
    return patches.transpose(3, 4).reshape(batch, channels, *size)


def margins(stages: tuple[Stage, ...], kernel: int) -> list[int]:
    """How many pixels each stage must see beyond its patch, computed backwards from the patch.

    >>> from bgmatte.config import TWO_STAGES
    >>> margins(TWO_STAGES, kernel=3), margins(TWO_STAGES, kernel=1)
    ([3, 2], [0, 0])
    """
    found: list[int] = []
    leaving = int(PATCH * stages[-1].scale)  # what the last stage must give
    for i in reversed(range(len(stages))):
        entering = leaving + (kernel - 1) * len(stages[i].widths)
        found.insert(0, (entering - int(PATCH * stages[i].scale)) // 2)
        if i:
            leaving = int(entering * stages[i - 1].scale / stages[i].scale)
    return found
