"""What is timed: a full-width network with seeded random weights and one seeded pair of pictures."""

from collections.abc import Callable

import torch
from torch import Tensor

from bgmatte.config import NetworkConfig
from bgmatte.images import resize
from bgmatte.jsonable import changed
from bgmatte.network import Matte, MattingNetwork, build
from bgmatte.profiles import TimingSize


def sized(network: NetworkConfig, size: TimingSize) -> NetworkConfig:
    """A row's network at full width, with the scale and the budget of patches of a size."""
    budget = {"refine.patches": size.patches} if network.refine and network.refine.patches is not None else {}
    return changed(network, {"width": 1.0, "scale": size.scale, **budget})


def timed_network(config: NetworkConfig, seed: int = 0) -> MattingNetwork:
    """A network in eval mode whose predicted error is above 0 everywhere, so that every selector spends its budget.

    Speed does not depend on weights, only on the patches spent, and the error selector skips patches of error 0. So the
    last layer is turned down and its alpha and error start at one half; what it predicts still follows the picture.
    """
    network = build(config, seed).eval()
    weights = dict(network.named_parameters())
    with torch.no_grad():
        weights["decoder.conv4.weight"].mul_(1e-3)
        weights["decoder.conv4.bias"].zero_()[[0, 4]] = 0.5  # alpha, error
    # The memory layout in which evaluation runs too: a tenth to a fifth less time on a CPU.
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def picture_pair(height: int, width: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Source and captured background (1, 3, H, W), 0–1: noise of falling amplitude with detail, a figure in front."""
    generator = torch.Generator().manual_seed(seed)
    bgr, fgr = _clouds(height, width, generator), _clouds(height, width, generator)
    down, across = torch.linspace(-1, 1, height)[:, None], torch.linspace(-1, 1, width)[None]
    outline = 0.6 - across.abs() * 2 - (down - 0.2).abs() * 0.5 + (fgr[0, 0] - 0.5) * 0.3
    pha = (outline * 20).clamp(0, 1)  # a soft, ragged edge
    return pha * fgr + (1 - pha) * bgr, bgr


def forward(network: MattingNetwork, src: Tensor, bgr: Tensor) -> Callable[[], Matte]:
    """One inference as a call without arguments."""

    def call() -> Matte:
        with torch.inference_mode():
            matte: Matte = network(src, bgr)
            return matte

    return call


def _clouds(height: int, width: int, generator: torch.Generator) -> Tensor:
    # Amplitude falls with frequency, as in photographs.
    total = torch.zeros(1, 3, height, width)
    for octave in range(2, 9):
        grid = torch.rand(1, 3, 2**octave, 2**octave, generator=generator) - 0.5
        total += resize(grid, (height, width)) / 2 ** (octave / 2)
    return (0.5 + total).clamp(0, 1)
