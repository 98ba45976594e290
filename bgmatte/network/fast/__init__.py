"""The fast equivalent of a network for inference: nothing is approximated, results differ by rounding alone."""

from functools import partial
from typing import cast

import torch
from torch import nn

from bgmatte.network.fast.coarse import FastDecoder, fast_part
from bgmatte.network.fast.convolution import Convolution
from bgmatte.network.fast.refiner import TiledRefiner, coalescable
from bgmatte.network.matting import MattingNetwork
from bgmatte.network.refiner import Refiner


def prepare_for_inference(network: MattingNetwork, compile: bool = False) -> MattingNetwork:
    """A network with the same call and the same results up to rounding, in eval mode and faster; `network` stays as it is.

    Batch norms are folded into convolutions, activations and additions applied on the way out, patches coalesced into
    tiles. Gradients do not pass. Put `network` on its device and into its precision
    before: on a CPU the weights are laid out for oneDNN at the first call and can then neither be moved, copied nor
    saved. `compile=True` gives the base network to `torch.compile` instead, which needs a C++ compiler and up to a
    minute at the first call of each size.
    """
    if isinstance(network.refiner, TiledRefiner) or isinstance(network.decoder, FastDecoder):
        return network
    make = partial(Convolution, pack=not compile)
    backbone, aspp, decoder = (fast_part(part, make) for part in (network.backbone, network.aspp, network.decoder))
    if compile:
        backbone, aspp, decoder = (cast(nn.Module, torch.compile(part, options={"freezing": True})) for part in (backbone, aspp, decoder))
    refiner = network.refiner
    if refiner and coalescable(refiner):
        refiner = cast(Refiner, TiledRefiner(refiner, Convolution))  # the same call
    return MattingNetwork(backbone, aspp, decoder, refiner, network.choose, network.scale).eval()
