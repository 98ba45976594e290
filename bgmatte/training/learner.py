"""From a batch to its losses, in single or mixed precision."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Generator, Tensor, nn
from torch.amp.grad_scaler import GradScaler

from bgmatte.config import Precision
from bgmatte.losses import Losses, base_losses, joint_losses
from bgmatte.network import MattingNetwork


class Learner(nn.Module):
    """The trained network under the losses of its phase: `base` trains the coarse network alone, `joint` the whole one.

    With precision "mixed" the network runs in autocast and its results are widened: losses are always float32.
    """

    def __init__(self, network: MattingNetwork, kind: str, precision: Precision) -> None:
        super().__init__()
        self.network, self.kind, self.precision = network, kind, precision

    def forward(self, src: Tensor, bgr: Tensor, pha: Tensor, fgr: Tensor, generator: Generator) -> Losses:
        """Losses of `src`, `bgr`, true `fgr` (B, 3, H, W) and true `pha` (B, 1, H, W); `generator` for the selector's chance."""
        src, bgr = (x.contiguous(memory_format=torch.channels_last) for x in (src, bgr))
        if self.kind == "base":
            with arithmetic(self.precision, src.device):
                coarse = self.network.coarse(src, bgr)
            return base_losses(_wide(coarse.pha), (_wide(coarse.residual) + src).clamp(0, 1), _wide(coarse.err), pha, fgr)
        with arithmetic(self.precision, src.device):
            matte = self.network(src, bgr, generator=generator, true_pha=pha)
        at_full = (_wide(matte.pha), _wide(matte.fgr))
        return joint_losses(*at_full, _wide(matte.pha_sm), _wide(matte.fgr_sm), _wide(matte.err_sm), pha, fgr)


def _wide(x: Tensor) -> Tensor:
    return x if x.dtype in (torch.float32, torch.float64) else x.float()


def arithmetic(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """What a network runs in: float32 as it is, or autocast, to float16 on a GPU as published and to bfloat16 on a CPU, which lacks the other."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.float16 if device.type == "cuda" else torch.bfloat16)


def gradient_scaler(precision: Precision, device: torch.device) -> GradScaler:
    """What keeps small float16 gradients from vanishing; it does nothing where float16 is not used."""
    return GradScaler(device.type, enabled=precision == "mixed" and device.type == "cuda")
