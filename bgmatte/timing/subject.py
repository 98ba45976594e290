"""What is timed: a full-width network with seeded random weights and one seeded pair of pictures."""

from collections.abc import Callable

import torch
from torch import Tensor

from bgmatte.config import NetworkConfig
from bgmatte.images import resize
from bgmatte.jsonable import changed
from bgmatte.network import Matte, MattingNetwork, build
from bgmatte.profiles import TimingSize

CLAMPED = (0, 4)  # outputs of the base network that are clamped to 0–1: alpha, predicted error
SMALL = (128, 224)  # of the picture that sets their level [px]
REACH = 0.5  # between their smallest and largest value on it


def sized(network: NetworkConfig, size: TimingSize) -> NetworkConfig:
    """A row's network at full width, with the scale and the budget of patches of a size."""
    budget = {"refine.patches": size.patches} if network.refine and network.refine.patches is not None else {}
    return changed(network, {"width": 1.0, "scale": size.scale, **budget})


def timed_network(config: NetworkConfig, seed: int = 0) -> MattingNetwork:
    """A network in eval mode whose predicted error is above 0 everywhere, so that every selector spends its budget.

    Speed does not depend on weights, only on the patches spent, and the error selector skips patches of error 0. So the
    last layer's alpha and error are moved to one half and to at most a quarter around it on a small picture; they still
    follow the picture, and differ enough from patch to patch that rounding seldom decides which are chosen.
    """
    network = build(config, seed).eval()
    weight, bias = (network.get_parameter(f"decoder.conv4.{name}") for name in ("weight", "bias"))
    with torch.no_grad():
        deep, *skips = network.backbone(torch.cat(picture_pair(*SMALL), 1))
        seen = network.decoder(network.aspp(deep), *skips)[0].flatten(1)
        gain = REACH / (seen.amax(1) - seen.amin(1)).clamp_min(1e-6)
        for output in CLAMPED:
            weight[output] *= gain[output]
            bias[output] = 0.5 + (bias[output] - seen[output].mean()) * gain[output]
    # A tenth to a fifth less time on a CPU.
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def picture_pair(height: int, width: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Source and captured background (1, 3, H, W), 0–1: noise of falling amplitude with detail, a figure in front."""
    generator = torch.Generator().manual_seed(seed)
    bgr, fgr = _clouds(height, width, generator), _clouds(height, width, generator)
    down, across = torch.linspace(-1, 1, height)[:, None], torch.linspace(-1, 1, width)[None]
    outline = 0.6 - across.abs() * 2 - (down - 0.2).abs() * 0.5 + (fgr[0, 0] - 0.5) * 0.3
    pha = (outline * 20).clamp(0, 1)  # a soft, ragged edge
    return pha * fgr + (1 - pha) * bgr, bgr


def inference(network: MattingNetwork, src: Tensor, bgr: Tensor) -> Callable[[], Matte]:
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
