"""The paper's losses, every weight 1 (its section 4)."""

from typing import NamedTuple

from torch import Tensor
from torch.nn import functional as F

from bgmatte.images import resize, sobel


class Losses(NamedTuple):
    """The parts of a training loss, scalars; their sum is what is minimised."""

    pha: Tensor
    fgr: Tensor
    err: Tensor

    @property
    def total(self) -> Tensor:
        """All parts with weight 1."""
        return self.pha + self.fgr + self.err


def alpha_loss(pha: Tensor, true: Tensor) -> Tensor:
    """L1 of alpha and of its Sobel magnitude, (B, 1, H, W) each."""
    return F.l1_loss(pha, true) + F.l1_loss(sobel(pha), sobel(true))


def foreground_loss(fgr: Tensor, true_fgr: Tensor, true_pha: Tensor) -> Tensor:
    """L1 of the colour (B, 3, H, W) where the true alpha (B, 1, H, W) is above 0, averaged over all pixels."""
    return ((fgr - true_fgr) * (true_pha > 0)).abs().mean()


def error_loss(err: Tensor, pha: Tensor, true: Tensor) -> Tensor:
    """Mean squared difference of the predicted error and |pha − true|, at the size of `true`."""
    size = (true.shape[2], true.shape[3])
    return F.mse_loss(resize(err, size), (resize(pha, size) - true).abs())


def base_losses(pha_sm: Tensor, fgr_sm: Tensor, err_sm: Tensor, true_pha: Tensor, true_fgr: Tensor) -> Losses:
    """The base phase: everything at the base's resolution, the error against the detached alpha."""
    return Losses(
        pha=alpha_loss(pha_sm, true_pha),
        fgr=foreground_loss(fgr_sm, true_fgr, true_pha),
        err=error_loss(err_sm, pha_sm.detach(), true_pha),
    )


def joint_losses(pha: Tensor, fgr: Tensor, pha_sm: Tensor, fgr_sm: Tensor, err_sm: Tensor, true_pha: Tensor, true_fgr: Tensor) -> Losses:
    """The joint phase: alpha and colour at both resolutions, the error at full resolution, not detached (as in the official code)."""
    size = (pha_sm.shape[2], pha_sm.shape[3])
    true_pha_sm, true_fgr_sm = resize(true_pha, size), resize(true_fgr, size)
    return Losses(
        pha=alpha_loss(pha, true_pha) + alpha_loss(pha_sm, true_pha_sm),
        fgr=foreground_loss(fgr, true_fgr, true_pha) + foreground_loss(fgr_sm, true_fgr_sm, true_pha_sm),
        err=error_loss(err_sm, pha_sm, true_pha),
    )
