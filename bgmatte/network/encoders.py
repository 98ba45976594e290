"""Encoders of output stride 16 with their skips; names and shapes of the state dict are torchvision's, as the original's."""

from torch import Tensor, nn

from bgmatte.config import Backbone

# Fewer than 8 channels cannot carry what the next layer needs (the refiner gives 4 values a pixel).
FEWEST = 8


def scaled(channels: int, width: float) -> int:
    """A hidden channel count at a width of 0–1, never below 8 unless the full network's is."""
    return max(min(channels, FEWEST), round(channels * width))


class Bottleneck(nn.Module):
    """ResNet's block: 1×1, 3×3, 1×1 (four times as wide) around a shortcut."""

    def __init__(self, entering: int, middle: int, leaving: int, stride: int, dilation: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(entering, middle, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(middle)
        self.conv2 = nn.Conv2d(middle, middle, 3, stride, dilation, dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(middle)
        self.conv3 = nn.Conv2d(middle, leaving, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(leaving)
        self.relu = nn.ReLU(inplace=True)
        same = stride == 1 and entering == leaving
        self.downsample = None if same else nn.Sequential(nn.Conv2d(entering, leaving, 1, stride, bias=False), nn.BatchNorm2d(leaving))

    def forward(self, x: Tensor) -> Tensor:
        """(B, entering, h, w) → (B, leaving, h / stride, w / stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        return self.relu(self.bn3(self.conv3(x)) + shortcut)


class ResNetEncoder(nn.Module):
    """ResNet-50 or -101 without its head; the last stage is dilated by 2 instead of strided."""

    def __init__(self, depths: tuple[int, int, int, int], channels: int, width: float) -> None:
        super().__init__()
        stem = scaled(64, width)
        self.conv1 = nn.Conv2d(channels, stem, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(stem)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)

        middles = [scaled(c, width) for c in (64, 128, 256, 512)]
        entering = stem
        for i, (depth, middle, stride) in enumerate(zip(depths, middles, (1, 2, 2, 1), strict=True), start=1):
            # The first block of the dilated stage keeps the dilation before it, as in torchvision.
            dilations = [1] * depth if i < 4 else [1] + [2] * (depth - 1)
            blocks = []
            for k, dilation in enumerate(dilations):
                blocks.append(Bottleneck(entering, middle, 4 * middle, stride if k == 0 else 1, dilation))
                entering = 4 * middle
            self.add_module(f"layer{i}", nn.Sequential(*blocks))
        self.leaving = entering
        self.skips = (4 * middles[1], 4 * middles[0], stem, channels)

    @property
    def layers(self) -> list[nn.Module]:
        """The four stages, by torchvision's names."""
        return [self.get_submodule(f"layer{i}") for i in (1, 2, 3, 4)]

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, channels, H, W) → features at 1/16, 1/8, 1/4, 1/2 and the input itself."""
        half = self.relu(self.bn1(self.conv1(x)))
        quarter = self.layers[0](self.maxpool(half))
        eighth = self.layers[1](quarter)
        return [self.layers[3](self.layers[2](eighth)), eighth, quarter, half, x]


def _conv_bn(entering: int, leaving: int, kernel: int, stride: int = 1, dilation: int = 1, groups: int = 1) -> nn.Sequential:
    margin = (kernel - 1) // 2 * dilation
    conv = nn.Conv2d(entering, leaving, kernel, stride, margin, dilation, groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(leaving), nn.ReLU6(inplace=True))


class InvertedResidual(nn.Module):
    """MobileNetV2's block: widen, filter each channel by itself, narrow."""

    def __init__(self, entering: int, leaving: int, stride: int, dilation: int, expansion: int) -> None:
        super().__init__()
        wide = entering * expansion
        layers: list[nn.Module] = [] if expansion == 1 else [_conv_bn(entering, wide, 1)]
        layers += [_conv_bn(wide, wide, 3, stride, dilation, groups=wide), nn.Conv2d(wide, leaving, 1, bias=False), nn.BatchNorm2d(leaving)]
        self.conv = nn.Sequential(*layers)
        self.same = stride == 1 and entering == leaving

    def forward(self, x: Tensor) -> Tensor:
        """(B, entering, h, w) → (B, leaving, h / stride, w / stride)."""
        return x + self.conv(x) if self.same else self.conv(x)


# Expansion, channels, blocks, stride of MobileNetV2 (table 2 of its paper).
_MOBILE = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
_MOBILE_SKIPS = (1, 3, 6)  # the last blocks at 1/2, 1/4 and 1/8


class MobileNetV2Encoder(nn.Module):
    """MobileNetV2 without its head; block 14 keeps its stride at 1 and blocks 15–17 are dilated by 2."""

    def __init__(self, channels: int, width: float) -> None:
        super().__init__()
        entering = scaled(32, width)
        features: list[nn.Module] = [_conv_bn(channels, entering, 3, 2)]
        for expansion, full, blocks, first_stride in _MOBILE:
            leaving = scaled(full, width)
            for k in range(blocks):
                index = len(features)
                stride = first_stride if k == 0 and index != 14 else 1
                features.append(InvertedResidual(entering, leaving, stride, 2 if index > 14 else 1, expansion))
                entering = leaving
        self.features = nn.ModuleList(features)
        self.leaving = entering
        self.skips = (scaled(32, width), scaled(24, width), scaled(16, width), channels)

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, channels, H, W) → features at 1/16, 1/8, 1/4, 1/2 and the input itself."""
        return through_blocks(self.features, x)


def through_blocks(blocks: nn.ModuleList, x: Tensor) -> list[Tensor]:
    """MobileNetV2's blocks one after the other: the last result, then the skips from deep to shallow, the input last."""
    kept = [x]
    for index, block in enumerate(blocks):
        x = block(x)
        if index in _MOBILE_SKIPS:
            kept.append(x)
    return [x, *reversed(kept)]


def build_encoder(backbone: Backbone, channels: int, width: float) -> ResNetEncoder | MobileNetV2Encoder:
    """The encoder of a backbone for `channels` inputs; `leaving` and `skips` say how wide its outputs are."""
    if backbone == "mobilenetv2":
        return MobileNetV2Encoder(channels, width)
    depths = {"resnet50": (3, 4, 6, 3), "resnet101": (3, 4, 23, 3)}[backbone]
    return ResNetEncoder(depths, channels, width)
