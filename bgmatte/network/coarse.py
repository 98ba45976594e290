"""The rest of the base network: the context after the encoder, and the decoder that climbs back over the skips."""

import torch
from torch import Tensor, nn

from bgmatte.images import resize

RATES = (3, 6, 9)  # paper, section 3.2


def _conv_bn(entering: int, leaving: int, kernel: int, dilation: int = 1) -> list[nn.Module]:
    margin = 0 if kernel == 1 else dilation
    return [nn.Conv2d(entering, leaving, kernel, padding=margin, dilation=dilation, bias=False), nn.BatchNorm2d(leaving), nn.ReLU()]


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling as in torchvision's DeepLabV3, names included."""

    def __init__(self, entering: int, leaving: int) -> None:
        super().__init__()
        looks = [nn.Sequential(*_conv_bn(entering, leaving, 1))]
        looks += [nn.Sequential(*_conv_bn(entering, leaving, 3, rate)) for rate in RATES]
        looks.append(nn.Sequential(nn.AdaptiveAvgPool2d(1), *_conv_bn(entering, leaving, 1)))
        self.convs = nn.ModuleList(looks)
        self.project = nn.Sequential(*_conv_bn(len(looks) * leaving, leaving, 1), nn.Dropout(0.5))

    def forward(self, x: Tensor) -> Tensor:
        """(B, entering, h, w) → (B, leaving, h, w)."""
        size = (x.shape[2], x.shape[3])
        return self.project(torch.cat([resize(look(x), size) for look in self.convs], 1))


class Projection(nn.Sequential):
    """No context: a 1×1 convolution that keeps the channel count the decoder expects."""

    def __init__(self, entering: int, leaving: int) -> None:
        super().__init__(*_conv_bn(entering, leaving, 1))


class Decoder(nn.Module):
    """Four times: upsample to the next skip, append it, 3×3 convolution."""

    def __init__(self, entering: int, skips: tuple[int, ...], widths: tuple[int, ...]) -> None:
        super().__init__()
        self.relu = nn.ReLU(inplace=True)
        self.skips = skips
        for i, (skip, width) in enumerate(zip(skips, widths, strict=True), start=1):
            last = i == len(widths)
            self.add_module(f"conv{i}", nn.Conv2d(entering + skip, width, 3, padding=1, bias=last))
            if not last:
                self.add_module(f"bn{i}", nn.BatchNorm2d(width))
            entering = width

    def forward(self, x: Tensor, *skips: Tensor) -> Tensor:
        """Features at 1/16 and the skips at 1/8, 1/4, 1/2, 1/1 → (B, widths[-1], H, W)."""
        for i, skip in enumerate(skips, start=1):
            x = torch.cat([resize(x, (skip.shape[2], skip.shape[3])), skip], 1)
            x = getattr(self, f"conv{i}")(x)
            if i < len(skips):
                x = self.relu(getattr(self, f"bn{i}")(x))
        return x
