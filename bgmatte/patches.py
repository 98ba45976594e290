"""Score 4×4 patches, choose the best ones, cut them out with a margin, put them back. No learned weights here."""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor
from torch.nn import functional as F

from bgmatte.config import PATCH
from bgmatte.images import difference, gray, resize, sobel


@dataclass(frozen=True)
class Scene:
    """What a selector may look at, for B pictures of H×W with h×w = H/4×W/4 patches.

    `err_sm`, `pha_sm` (B, 1, hc, wc): predicted error and coarse alpha; `src`, `bgr` (B, 3, H, W);
    `generator` for chance; `true_pha` (B, 1, H, W) where truth is known, for the oracle alone.
    """

    src: Tensor
    bgr: Tensor
    pha_sm: Tensor
    err_sm: Tensor
    generator: torch.Generator
    true_pha: Tensor | None = None

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns of patches."""
        return self.src.shape[2] // PATCH, self.src.shape[3] // PATCH


def score_error(scene: Scene) -> Tensor:
    """The predicted error, resampled bilinearly to one cell a patch (paper, section 3.3)."""
    return resize(scene.err_sm, scene.cells)


def score_random(scene: Scene) -> Tensor:
    """Chance, drawn on the CPU so that every device chooses alike."""
    score = torch.rand(len(scene.src), 1, *scene.cells, generator=scene.generator)
    return score.to(scene.src.device)


def score_grid(scene: Scene) -> Tensor:
    """Ranks of an ordered dither: the best k cells lie as evenly as k allows, for every k.

    The rank interleaves the reversed bits of (row ^ column) and row (Bayer's index matrix).
    """
    height, width = scene.cells
    bits = max(height - 1, width - 1, 1).bit_length()
    row, column = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    rank = torch.zeros_like(row)
    for bit in range(bits):
        pair = (((row ^ column) >> bit) & 1) * 2 + ((row >> bit) & 1)
        rank = rank * 4 + pair
    return -rank.to(scene.src.device).expand(len(scene.src), 1, height, width)


def score_edge(scene: Scene) -> Tensor:
    """Sobel magnitude of the coarse alpha."""
    return sobel(resize(scene.pha_sm, scene.cells))


def score_edge_image(scene: Scene) -> Tensor:
    """Sobel magnitude of the source's luma."""
    return sobel(resize(gray(scene.src), scene.cells))


def score_difference(scene: Scene) -> Tensor:
    """Mean |I − B| over each patch."""
    return F.avg_pool2d(difference(scene.src, scene.bgr), PATCH)


def score_oracle(scene: Scene) -> Tensor:
    """Mean true error of the upsampled coarse alpha over each patch; raises `ValueError` without the truth."""
    if scene.true_pha is None:
        raise ValueError("selector 'oracle' needs true_pha (B, 1, H, W): it chooses by the true error")
    return coarse_error(scene.pha_sm, scene.true_pha)


def coarse_error(pha_sm: Tensor, true_pha: Tensor) -> Tensor:
    """Mean |upsampled coarse alpha − truth| over each patch, (B, 1, H/4, W/4)."""
    return F.avg_pool2d((resize(pha_sm, (true_pha.shape[2], true_pha.shape[3])) - true_pha).abs(), PATCH)


Score = Callable[[Scene], Tensor]
SCORES: MappingProxyType[str, Score] = MappingProxyType(
    {
        "error": score_error,
        "random": score_random,
        "grid": score_grid,
        "edge": score_edge,
        "edge-image": score_edge_image,
        "difference": score_difference,
        "oracle": score_oracle,
    }
)
# The original refines no patch whose predicted error is 0, whatever the budget (its official code).
SKIPS_ZERO = frozenset({"error"})


def top_k(score: Tensor, budget: int) -> Tensor:
    """True on the `budget` best of each image's patches, (B, 1, h, w) → (B, 1, h, w); ties go to the lower index."""
    flat = score.flatten(1)
    budget = min(budget, flat.shape[1])
    if budget == 0:
        return torch.zeros_like(score, dtype=torch.bool)
    last = flat.topk(budget, dim=1, sorted=False).values.min(1, keepdim=True).values
    above, level = flat > last, flat == last
    room = budget - above.sum(1, keepdim=True)
    chosen = above | (level & (level.cumsum(1) <= room))
    return chosen.view(score.shape)


def crop(x: Tensor, where: Tensor, side: int, margin: int) -> Tensor:
    """Squares of `side` + 2·`margin` pixels around the cells `where` (P, 3: image, row, column), zeros outside.

    (B, C, h·side, w·side) → (P, C, side + 2·margin, side + 2·margin).
    """
    x = F.pad(x, (margin,) * 4)
    batch, channels, height, width = x.shape
    whole = side + 2 * margin

    image, row, column = where.unbind(1)
    steps = torch.arange(whole, device=x.device)
    rows = (row * side)[:, None] + steps  # (P, whole)
    columns = (column * side)[:, None] + steps
    at = ((image * height)[:, None] + rows)[:, :, None] * width + columns[:, None, :]

    pixels = x.permute(0, 2, 3, 1).reshape(batch * height * width, channels)
    cut = pixels.index_select(0, at.flatten())
    return cut.view(len(where), whole, whole, channels).permute(0, 3, 1, 2)


def paste(x: Tensor, patches: Tensor, where: Tensor) -> Tensor:
    """`x` (B, C, H, W) with the cells `where` (P, 3) overwritten by `patches` (P, C, side, side), absolute values."""
    batch, channels, height, width = x.shape
    side = patches.shape[-1]
    tiles = x.reshape(batch, channels, height // side, side, width // side, side).permute(0, 2, 4, 1, 3, 5)
    tiles = tiles.index_put(tuple(where.unbind(1)), patches)
    return tiles.permute(0, 3, 1, 4, 2, 5).reshape(batch, channels, height, width)
