"""How a refiner starts: as the upsampled coarse matte, so that short training begins with no harm done."""

import torch
from torch import Generator, Tensor, nn

from bgmatte.network.matting import MattingNetwork
from bgmatte.network.refiner import MATTE, PAIR

LIFT = 1.0  # carried values are lifted by this, so that no ReLU cuts a negative residual


def start_as_identity(network: MattingNetwork, src: Tensor, bgr: Tensor, *, generator: Generator, true_pha: Tensor) -> None:
    """Set the refiner's weights so that alpha and residual pass through it unchanged on this batch (arguments as the network's).

    The first four channels of every layer carry them: a centre tap in each convolution, and in each batch norm the
    batch's own spread and mean, which undo its normalisation. The other channels keep their random weights, from which
    training starts. A network without a refiner stays as it is.
    """
    refiner = network.refiner
    if refiner is None:
        return
    network.eval()
    refiner.train()
    hooks = []
    with torch.no_grad():
        for index in range(1, refiner.total + 1):
            conv = getattr(refiner, f"conv{index}")
            _carry(conv, entering=conv.in_channels - PAIR - MATTE if index == 1 else 0, last=index == refiner.total)
            if index < refiner.total:
                norm = getattr(refiner, f"bn{index}")
                hooks.append(norm.register_forward_pre_hook(_Keep(LIFT if index == 1 else 0.0)))
        network(src, bgr, generator=generator, true_pha=true_pha)
    for hook in hooks:
        hook.remove()


def _carry(conv: nn.Conv2d, entering: int, last: bool) -> None:
    """Centre taps from the carried inputs, which begin at channel `entering`, to the first four outputs."""
    middle = conv.kernel_size[0] // 2
    outputs = torch.arange(MATTE)
    if last:
        conv.weight[:, :MATTE] = 0
    else:
        conv.weight[:MATTE] = 0
    conv.weight[outputs, entering + outputs, middle, middle] = 1
    if conv.bias is not None:
        conv.bias.fill_(-LIFT)


class _Keep:
    """A hook that gives a batch norm the scale and offset of what it is about to normalise, and its running statistics."""

    def __init__(self, lift: float) -> None:
        self.lift = lift

    def __call__(self, norm: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
        variance, mean = torch.var_mean(inputs[0], (0, 2, 3), correction=0)
        norm.weight[:MATTE] = (variance[:MATTE] + norm.eps).sqrt()
        norm.bias[:MATTE] = mean[:MATTE] + self.lift
        for running, value in ((norm.running_mean, mean), (norm.running_var, variance)):
            if running is not None:
                running.copy_(value)
