"""The refiner at rest: chosen patches coalesced into tiles, so that neighbours compute what they share once.

Cut out one by one, patches on a contour compute the same pixels up to five times. A tile holds T×T patches and is
refined when at least one of them is chosen; only the chosen patches are kept, so nothing is approximated.
"""

import torch
from torch import Tensor, nn

from bgmatte.config import PATCH
from bgmatte.images import resize
from bgmatte.network.cells import CELL, as_pixels, averaging, unfolding
from bgmatte.network.fast.coarse import Make, numbered
from bgmatte.network.fast.convolution import Weights
from bgmatte.network.refiner import PAIR, Refiner
from bgmatte.network.tiles import Windows, counts, occupied, paste_into

SIDES = (1, 2, 4, 8, 16)  # of a tile, in patches
CHUNK = 2**22  # input values worked on at a time: they stay in the processor's cache
GATHERING = 15_000  # multiplications in whose time one unit is gathered (measured on a CPU)


def coalescable(refiner: Refiner) -> bool:
    """Whether a refiner's stages fit into each other and climb in resolution, as all that are built by this project's rows do."""
    scales = [stage.scale for stage in refiner.stages]
    return refiner.nested and scales == sorted(scales)


class TiledRefiner(nn.Module):
    """`Refiner` in eval mode, with the same call and the same result up to rounding.

    It works on units of the first stage's resolution: pixels, or cells of 2×2 where the first stage has half of it.
    """

    def __init__(self, refiner: Refiner, make: Make) -> None:
        super().__init__()
        first, self.final = refiner.stages[0].scale, refiner.stages[-1].scale
        self.unit = int(1 / first)  # side [px]
        self.margins = [int(margin * first / stage.scale) for stage, margin in zip(refiner.stages, refiner.margins, strict=True)]  # [units]

        weights, rest = iter(numbered(refiner)), refiner.total
        self.stages = nn.ModuleList()
        for stage in refiner.stages:
            convs = []
            for place in range(len(stage.widths)):
                rest -= 1
                convs.append(make(self._on_units(next(weights), stage.scale, place == 0), "relu" if rest else None))
            self.stages.append(nn.Sequential(*convs))
        self.work = {side: self._multiplications(side) + GATHERING * self._length(side, 0) ** 2 for side in SIDES}

    def forward(self, src: Tensor, bgr: Tensor, matte: Tensor, hidden: Tensor, chosen: Tensor | None) -> Tensor:
        """Coarse `matte` (B, 4, hc, wc) upsampled to (B, 4, H, W), the `chosen` patches refined; arguments as `Refiner`'s."""
        out = resize(matte.contiguous(), (src.shape[2], src.shape[3]))
        if chosen is not None and not chosen.any():
            return out
        features = torch.cat([hidden, matte], 1).permute(0, 2, 3, 1).contiguous()
        for image in range(len(src)):
            here = torch.ones_like(src[image, 0, ::PATCH, ::PATCH], dtype=torch.bool) if chosen is None else chosen[image, 0]
            self._refine(out[image], src[image], bgr[image], features[image], here)
        return out

    def cheapest(self, chosen: Tensor) -> int:
        """The side of tile that costs least for the `chosen` patches (h, w): 1 where they are scattered."""
        found = counts(chosen, SIDES)
        return min(SIDES, key=lambda side: found[side] * self.work[side])

    def _refine(self, out: Tensor, src: Tensor, bgr: Tensor, features: Tensor, chosen: Tensor) -> None:
        if not chosen.any():
            return
        side = self.cheapest(chosen)
        where, kept = occupied(chosen, side)
        values = (features.shape[2] + PAIR * self.unit**2) * self._length(side, 0) ** 2
        many = max(1, CHUNK // values)
        for some, here in zip(where.split(many), kept.split(many), strict=True):
            x = self._tiles(src, bgr, features, some, side)  # (n, 4, T · s, T · s), s px of this resolution a patch
            patch = x.shape[2] // side
            patches = x.unfold(2, patch, patch).unfold(3, patch, patch).permute(0, 2, 3, 1, 4, 5)[here]
            paste_into(out, resize(patches, (PATCH, PATCH)), some, here)

    def _tiles(self, src: Tensor, bgr: Tensor, features: Tensor, where: Tensor, side: int) -> Tensor:
        size = (src.shape[1] // self.unit, src.shape[2] // self.unit)
        top, left = (where * (side * PATCH // self.unit) - self.margins[0]).unbind(1)
        windows = Windows.at(top, left, self._length(side, 0), size)

        carried, length = features.shape[2], self._length(side, 0)
        x = src.new_empty(len(where), length, length, carried + PAIR * self.unit**2)
        windows.interpolated(features, x[..., :carried])
        pictures = x[..., carried:]
        for place, picture in ((slice(0, 3), src), (slice(3, 6), bgr)):
            windows.cut(picture, self.unit, pictures.unflatten(-1, (self.unit, self.unit, PAIR))[..., place])
        windows.zero_outside(x)

        for n, (stage, margin) in enumerate(zip(self.stages, self.margins, strict=True)):
            if n:
                spare = self.margins[0] - margin
                y = pictures[:, spare : -spare or None, spare : -spare or None]
                x = torch.cat([x.permute(0, 2, 3, 1), y], 3)
            x = stage(x.permute(0, 3, 1, 2))
        return as_pixels(x) if self.unit > 1 and self.final == 1 else x

    def _on_units(self, weights: Weights, scale: float, first: bool) -> Weights:
        if self.unit == 1:
            return weights
        weight, bias = weights.weight, weights.bias
        carried = weight.shape[1] - PAIR if first else weight.shape[1]
        if scale < 1:
            return weights._replace(weight=averaging(weight, carried))
        return weights._replace(weight=unfolding(weight, carried if first else 0), bias=None if bias is None else bias.repeat(CELL**2))

    def _length(self, side: int, stage: int) -> int:
        return side * PATCH // self.unit + 2 * self.margins[stage]  # of a window [units]

    def _multiplications(self, side: int) -> int:
        total = 0
        for n, stage in enumerate(self.stages):
            length = self._length(side, n)
            for weight in (buffer for name, buffer in stage.named_buffers() if name.endswith("weight")):
                length -= weight.shape[2] - 1
                total += length**2 * weight.numel()
        return total
