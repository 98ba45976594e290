"""What a user gets to see of a `Matte`: alpha, cut-out, composite, predicted error, refined patches, as 8-bit pixels."""

from collections.abc import Callable, Iterable
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from bgmatte.config import PATCH
from bgmatte.images import composite, resize
from bgmatte.network import Matte

FRINGE = 8  # [px] side of the blocks by which the cut-out keeps colour beyond what is visible, for whoever scales or compresses it
Layer = Callable[[Matte, Tensor | None], Tensor]


def pha(matte: Matte, _: Tensor | None) -> Tensor:
    """Alpha, (1, 1, H, W)."""
    return matte.pha


def fgr(matte: Matte, _: Tensor | None) -> Tensor:
    """The cut-out, (1, 4, H, W): colour not multiplied by alpha, black beyond the blocks of `FRINGE` px around what is visible."""
    seen = (matte.pha * 255 >= 0.5).to(matte.pha.dtype)
    blocks = F.max_pool2d(F.max_pool2d(seen, FRINGE, ceil_mode=True), 3, 1, 1)
    near = _cut(F.interpolate(blocks, scale_factor=FRINGE, mode="nearest"), matte)
    return torch.cat([matte.fgr * near, matte.pha], 1)


def over(matte: Matte, behind: Tensor | None) -> Tensor:
    """The foreground over the picture `behind` (1, 3, H, W)."""
    assert behind is not None
    return composite(matte.fgr, behind, matte.pha)


def err(matte: Matte, _: Tensor | None) -> Tensor:
    """The predicted error, enlarged to the picture, (1, 1, H, W)."""
    rows, columns = matte.ref_sm.shape[2:]  # whole patches: the network saw the picture padded to them
    return _cut(resize(matte.err_sm, (rows * PATCH, columns * PATCH)), matte)


def ref(matte: Matte, _: Tensor | None) -> Tensor:
    """White where a patch was refined, (1, 1, H, W)."""
    return _cut(F.interpolate(matte.ref_sm.to(matte.pha.dtype), scale_factor=PATCH, mode="nearest"), matte)


LAYERS: MappingProxyType[str, Layer] = MappingProxyType({"pha": pha, "fgr": fgr, "composite": over, "err": err, "ref": ref})


def pixels(matte: Matte, names: Iterable[str], behind: np.ndarray | None) -> dict[str, np.ndarray]:
    """The layers `names` of one matte as uint8 (H, W), (H, W, 3) or (H, W, 4); `behind` uint8 (H, W, 3) is for `composite`."""
    back = None if behind is None else as_tensor(behind, matte.pha.device)
    return {name: quantised(LAYERS[name](matte, back)) for name in names}


def as_tensor(picture: np.ndarray, device: torch.device) -> Tensor:
    """uint8 (H, W, 3) as (1, 3, H, W), 0–1."""
    return torch.from_numpy(picture).to(device).permute(2, 0, 1)[None].to(torch.float32).div_(255)


def quantised(x: Tensor) -> np.ndarray:
    """(1, C, H, W), 0–1, as uint8 (H, W, C), or (H, W) where there is one channel."""
    array = x[0].mul(255).add_(0.5).to(torch.uint8).permute(1, 2, 0).contiguous().cpu().numpy()
    return array[..., 0] if array.shape[2] == 1 else array


def _cut(x: Tensor, matte: Matte) -> Tensor:
    return x[:, :, : matte.pha.shape[2], : matte.pha.shape[3]]
