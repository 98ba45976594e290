"""Batch norm in train mode over pixels that count with weights: what it gives over repeated pixels, without repeating them."""

from typing import Any

import torch
from torch import Tensor, nn


def may_be_weighted(norm: nn.Module) -> bool:
    """Whether `weighted_norm_relu` can stand in for a norm: a plain batch norm that learns and follows its batches, in float32 or 64."""
    if type(norm) is not nn.BatchNorm2d or not norm.training:
        return False
    return norm.momentum is not None and norm.affine and norm.running_mean is not None and norm.running_mean.dtype in (torch.float32, torch.float64)


def weighted_norm_relu(norm: nn.BatchNorm2d, x: Tensor, weight: Tensor) -> Tensor:
    """`relu(norm(x))` of (B, G·C, h, w), G groups of C = `norm`'s channels, where pixels count `weight` (B, G, h, w) times.

    Running statistics move as if every pixel stood there as often. `x` is overwritten: it must be the result of a
    convolution that nothing else reads. Statistics are taken in float32 at least.
    """
    assert norm.running_mean is not None and norm.running_var is not None and norm.num_batches_tracked is not None
    assert norm.momentum is not None
    with torch.autocast(x.device.type, enabled=False):
        wide = x if x.dtype == torch.float64 else x.float()
        weight = weight.to(wide.dtype)
        out, mean, variance = _WeightedNormRelu.apply(wide, weight, norm.weight, norm.bias, norm.eps)
    count = weight.sum()
    with torch.no_grad():
        norm.num_batches_tracked += 1
        norm.running_mean.lerp_(mean, norm.momentum)
        norm.running_var.lerp_(variance * (count / (count - 1)), norm.momentum)
    return out.to(x.dtype)  # type: ignore[no-any-return]


class _WeightedNormRelu(torch.autograd.Function):
    """On rows (pixels, G·C); with n pixels in all, d(x) = s · (d(y) − weight · (mean d(y) + x̂ · mean (x̂ · d(y))))."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, gain: Tensor, bias: Tensor, eps: float) -> tuple[Tensor, Tensor, Tensor]:
        rows, weight = _rows(x.detach()), _rows(weight)
        groups = weight.shape[1]
        count = weight.sum()

        mean = _weighted_sum(rows, weight) / count
        rows.sub_(mean.repeat(groups))  # in place: fresh memory of this size costs more than the arithmetic
        variance = _weighted_sum(rows * rows, weight) / count
        scale = (variance + eps).rsqrt()
        out = torch.addcmul(bias.repeat(groups), rows, (gain * scale).repeat(groups)).relu_()

        ctx.save_for_backward(rows, out, weight, gain, scale, count)
        ctx.mark_non_differentiable(mean, variance)
        ctx.shape = x.shape
        return _picture(out, x.shape), mean, variance

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        rows, out, weight, gain, scale, count = ctx.saved_tensors
        groups = weight.shape[1]
        grad = torch.ops.aten.threshold_backward(_rows(gradients[0]), out, 0)
        ones = grad.new_ones(len(grad))
        to_bias = (ones @ grad).view(groups, -1).sum(0)
        common = grad * rows
        to_gain = (ones @ common).view(groups, -1).sum(0) * scale

        slope = gain * scale
        torch.addcmul((-slope * to_bias / count).repeat(groups), rows, (-slope * scale * to_gain / count).repeat(groups), out=common)
        common.view(len(rows), groups, -1).mul_(weight[:, :, None])
        torch.addcmul(common, grad, slope.repeat(groups), out=grad)
        return _picture(grad, ctx.shape), None, to_gain, to_bias, None


def _rows(x: Tensor) -> Tensor:
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])


def _picture(rows: Tensor, shape: torch.Size) -> Tensor:
    batch, channels, height, width = shape
    return rows.view(batch, height, width, channels).permute(0, 3, 1, 2)


def _weighted_sum(rows: Tensor, weight: Tensor) -> Tensor:
    groups = weight.shape[1]
    sums = (weight.t() @ rows).view(groups, groups, -1)  # every group's pixels under every group's weights
    return sums.diagonal(dim1=0, dim2=1).sum(1)
