"""The base network at rest: the layers of `encoders` and `coarse`, each convolution with all that follows it in one pass."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bgmatte.images import resize
from bgmatte.network.coarse import ASPP, Decoder, Projection
from bgmatte.network.encoders import Bottleneck, InvertedResidual, MobileNetV2Encoder, ResNetEncoder, through_blocks
from bgmatte.network.fast.convolution import Activation, Convolution, Weights, folded

Make = Callable[..., Convolution]  # Convolution itself, with the choice of packing made


class FastBottleneck(nn.Module):
    """`encoders.Bottleneck`; the last convolution adds its result to the shortcut in place."""

    def __init__(self, block: Bottleneck, make: Make) -> None:
        super().__init__()
        self.conv1 = make(folded(block.conv1, block.bn1), "relu")
        self.conv2 = make(folded(block.conv2, block.bn2), "relu")
        self.conv3 = make(folded(block.conv3, block.bn3), "relu")
        self.downsample = None if block.downsample is None else make(folded(*block.downsample))

    def forward(self, x: Tensor) -> Tensor:
        """(B, entering, h, w) → (B, leaving, h / stride, w / stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.conv3(self.conv2(self.conv1(x)), shortcut)


class FastResNet(nn.Module):
    """`encoders.ResNetEncoder`. No skip is ever a shortcut, so none is overwritten."""

    def __init__(self, encoder: ResNetEncoder, make: Make) -> None:
        super().__init__()
        self.stem = make(folded(encoder.conv1, encoder.bn1), "relu")
        self.maxpool = encoder.maxpool
        layers = (list[Any](layer.children()) for layer in encoder.layers)
        self.layers = nn.ModuleList(nn.Sequential(*(FastBottleneck(block, make) for block in blocks)) for blocks in layers)

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, channels, H, W) → features at 1/16, 1/8, 1/4, 1/2 and the input itself."""
        half = self.stem(x)
        quarter = self.layers[0](self.maxpool(half))
        eighth = self.layers[1](quarter)
        return [self.layers[3](self.layers[2](eighth)), eighth, quarter, half, x]


class FastInvertedResidual(nn.Module):
    """`encoders.InvertedResidual`, with the addition in the last convolution."""

    def __init__(self, block: InvertedResidual, make: Make) -> None:
        super().__init__()
        *wide, conv, norm = list[Any](block.conv)
        self.wide = nn.Sequential(*(_straight(layers, "relu6", make) for layers in wide))
        self.narrow = make(folded(conv, norm))
        self.same = block.same

    def forward(self, x: Tensor) -> Tensor:
        """(B, entering, h, w) → (B, leaving, h / stride, w / stride)."""
        return self.narrow(self.wide(x), x if self.same else None)


class FastMobileNetV2(nn.Module):
    """`encoders.MobileNetV2Encoder`. The block after a skip has a stride, so it overwrites none."""

    def __init__(self, encoder: MobileNetV2Encoder, make: Make) -> None:
        super().__init__()
        first, *blocks = list[Any](encoder.features)
        self.features = nn.ModuleList([_straight(first, "relu6", make), *(FastInvertedResidual(block, make) for block in blocks)])

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, channels, H, W) → features at 1/16, 1/8, 1/4, 1/2 and the input itself."""
        return through_blocks(self.features, x)


class FastASPP(nn.Module):
    """`coarse.ASPP` without its dropout."""

    def __init__(self, aspp: ASPP, make: Make) -> None:
        super().__init__()
        *looks, pooled = list[Any](aspp.convs)
        self.looks = nn.ModuleList(_straight(look, "relu", make) for look in looks)
        self.pool, self.pooled = pooled[0], make(folded(pooled[1], pooled[2]), "relu")
        conv, norm = list[Any](aspp.project)[:2]
        self.project = make(folded(conv, norm), "relu")

    def forward(self, x: Tensor) -> Tensor:
        """(B, entering, h, w) → (B, leaving, h, w)."""
        everywhere = self.pooled(self.pool(x)).expand(-1, -1, x.shape[2], x.shape[3])
        return self.project(torch.cat([*(look(x) for look in self.looks), everywhere], 1))


class FastDecoder(nn.Module):
    """`coarse.Decoder`; what comes from below and what comes from the skip are convolved apart and added, not joined first."""

    def __init__(self, decoder: Decoder, make: Make) -> None:
        super().__init__()
        layers = numbered(decoder)
        self.outputs = len(layers[-1].weight)
        layers[-1] = filled(layers[-1])
        self.below, self.beside = nn.ModuleList(), nn.ModuleList()
        for weights, skip in zip(layers, decoder.skips, strict=True):
            last = len(self.below) == len(layers) - 1
            self.below.append(make(weights._replace(weight=weights.weight[:, :-skip], bias=None), None if last else "relu"))
            self.beside.append(make(weights._replace(weight=weights.weight[:, -skip:])))

    def forward(self, x: Tensor, *skips: Tensor) -> Tensor:
        """Features at 1/16 and the skips at 1/8, 1/4, 1/2, 1/1 → (B, widths[-1], H, W)."""
        for below, beside, skip in zip(self.below, self.beside, skips, strict=True):
            x = below(resize(x, (skip.shape[2], skip.shape[3])), beside(skip))
        return x[:, : self.outputs]


def filled(weights: Weights) -> Weights:
    """The same convolution with outputs of zero up to a multiple of 16, the width of a processor's registers."""
    spare = -len(weights.weight) % 16
    bias = None if weights.bias is None else F.pad(weights.bias, (0, spare))
    return weights._replace(weight=F.pad(weights.weight, (0, 0, 0, 0, 0, 0, 0, spare)), bias=bias)


def numbered(part: nn.Module) -> list[Weights]:
    """The weights of `conv1`, `conv2` … of a part, each with its `bn`; the last one has none."""
    convs = [layer for layer in part.children() if isinstance(layer, nn.Conv2d)]
    norms = [layer for layer in part.children() if isinstance(layer, nn.BatchNorm2d)]
    return [folded(conv, norm) for conv, norm in zip(convs, [*norms, None], strict=True)]


def fast_part(part: nn.Module, make: Make) -> nn.Module:
    """The fast form of one part of the base network; raises `KeyError` for a part that has none."""
    forms: dict[type, Callable[[Any, Make], nn.Module]] = {
        ResNetEncoder: FastResNet,
        MobileNetV2Encoder: FastMobileNetV2,
        ASPP: FastASPP,
        Projection: lambda layers, make: _straight(layers, "relu", make),
        Decoder: FastDecoder,
    }
    return forms[type(part)](part, make)


def _straight(layers: Any, activation: Activation, make: Make) -> Convolution:
    conv, norm, _ = layers
    return make(folded(conv, norm), activation)
