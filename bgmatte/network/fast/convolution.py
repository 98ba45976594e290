"""One convolution of a network at rest: its batch norm folded in, its activation and an addition applied on the way out."""

from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_weights

Activation = Literal["relu", "relu6"]
# What oneDNN calls an activation, and its bounds.
_ONEDNN: dict[Activation | None, tuple[str, list[float]]] = {None: ("none", []), "relu": ("relu", []), "relu6": ("hardtanh", [0.0, 6.0])}


class Weights(NamedTuple):
    """What a convolution multiplies by (C', C / groups, k, k) and adds (C',), and how it moves over the picture."""

    weight: Tensor
    bias: Tensor | None
    padding: list[int]
    stride: list[int]
    dilation: list[int]
    groups: int


def folded(conv: nn.Conv2d, norm: nn.BatchNorm2d | None = None) -> Weights:
    """The weights that give `norm(conv(x))` in eval mode."""
    weight, bias = conv.weight.detach(), None if conv.bias is None else conv.bias.detach()
    if norm is not None:
        assert norm.running_mean is not None and norm.running_var is not None
        fused = fuse_conv_bn_weights(weight, bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias)
        weight, bias = (part.detach() for part in fused)
    assert not isinstance(conv.padding, str)
    return Weights(weight, bias, list(conv.padding), list(conv.stride), list(conv.dilation), conv.groups)


class Convolution(nn.Module):
    """`activation(conv(x) + plus)`: in one pass by oneDNN (CPU, float32), else as PyTorch does it.

    oneDNN wants weights in a layout that depends on the picture's size, and PyTorch makes it anew at every call. Here it
    is made at the first call and kept in place of the plain weights, until the size changes.
    """

    def __init__(self, weights: Weights, activation: Activation | None = None, *, pack: bool = True) -> None:
        super().__init__()
        self.register_buffer("weight", weights.weight.contiguous(memory_format=torch.channels_last))
        self.register_buffer("bias", weights.bias)
        self.weight: Tensor
        self.bias: Tensor | None
        self.geometry = weights[2:]
        self.activation = activation
        self.pack, self.packed_for = pack, torch.Size()

    def forward(self, x: Tensor, plus: Tensor | None = None) -> Tensor:
        """(B, C, h, w) → (B, C', h', w'); `plus` (B, C', h', w') is added before the activation and overwritten."""
        if not (self.pack and x.device.type == "cpu" and x.dtype == torch.float32 and torch.backends.mkldnn.is_available()):
            padding, stride, dilation, groups = self.geometry
            x = F.conv2d(x, self.weight, self.bias, stride, padding, dilation, groups)
            return self._activated(x if plus is None else x.add_(plus))

        if self.packed_for != x.shape[1:]:
            plain = self.weight.to_dense() if self.packed_for else self.weight
            self.weight, self.packed_for = torch.ops.mkldnn._reorder_convolution_weight(plain, *self.geometry, x.shape), x.shape[1:]
        if plus is None:
            name, bounds = _ONEDNN[self.activation]
            return torch.ops.mkldnn._convolution_pointwise(x, self.weight, self.bias, *self.geometry, name, bounds, "")
        after = self.activation if self.activation == "relu" else None  # the only one it knows after an addition
        x = torch.ops.mkldnn._convolution_pointwise_.binary(plus, x, self.weight, self.bias, *self.geometry, "add", 1.0, after, [], "")
        return x if after else self._activated(x)

    def _activated(self, x: Tensor) -> Tensor:
        if self.activation is None:
            return x
        return x.relu_() if self.activation == "relu" else x.clamp_(0, 6)
