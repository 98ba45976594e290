"""The one place that knows the network's numbers: a configuration in, a module out."""

import torch
from torch import Tensor, nn

from bgmatte.config import NetworkConfig, RefineConfig, Stage
from bgmatte.jsonable import changed, require
from bgmatte.network.coarse import ASPP, Decoder, Projection
from bgmatte.network.encoders import build_encoder, scaled
from bgmatte.network.matting import Choose, MattingNetwork
from bgmatte.network.refiner import MATTE, PAIR, Refiner
from bgmatte.patches import SCORES, SKIPS_ZERO, Scene, top_k

CONTEXT, HIDDEN, DECODER = 256, 32, (128, 64, 48)  # channels (paper, section 3.2)


def build(config: NetworkConfig, seed: int = 0) -> MattingNetwork:
    """The network of a configuration, in train mode, with random weights drawn from `seed`."""
    width = config.width
    context = {"aspp": ASPP, "projection": Projection}[config.context]
    hidden = scaled(HIDDEN, width)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        backbone = build_encoder(config.backbone, PAIR, width)
        aspp = context(backbone.leaving, scaled(CONTEXT, width))
        widths = (*(scaled(channels, width) for channels in DECODER), MATTE + 1 + hidden)
        decoder = Decoder(scaled(CONTEXT, width), backbone.skips, widths)
        refiner = build_refiner(config.refine, hidden, width) if config.refine else None
        _start_in_the_middle(getattr(decoder, f"conv{len(DECODER) + 1}"), clamped=(0, 4))
        if refiner:
            _start_in_the_middle(getattr(refiner, f"conv{refiner.total}"), clamped=(0,))
    return MattingNetwork(backbone, aspp, decoder, refiner, chooser(config.refine), config.scale)


def _start_in_the_middle(last: nn.Conv2d, clamped: tuple[int, ...]) -> None:
    """Begin near 0.5 in the outputs that are clamped to 0–1 (alpha, error) and near 0 in the foreground residual.

    A clamp gives no gradient outside its range: an output that starts there, or is thrown there by the first
    large steps, would never learn. Small weights keep the first outputs at their bias.
    """
    assert last.bias is not None
    with torch.no_grad():
        last.weight[: MATTE + 1] *= 0.1
        for output in clamped:
            last.bias[output] = 0.5


def build_refiner(config: RefineConfig, hidden: int, width: float) -> Refiner:
    """The refiner of a configuration for `hidden` features; its last layer keeps its 4 outputs at any width."""
    stages = [Stage(stage.scale, tuple(scaled(channels, width) for channels in stage.widths)) for stage in config.stages]
    stages[-1] = Stage(stages[-1].scale, (*stages[-1].widths[:-1], MATTE))
    return Refiner(tuple(stages), hidden, config.kernel)


def chooser(config: RefineConfig | None) -> Choose:
    """The selector of a configuration as one function from a `Scene` to (B, 1, H/4, W/4) booleans, None for everywhere."""
    if config is None or config.everywhere:
        return lambda scene: None
    score, skip = SCORES[config.selector], config.selector in SKIPS_ZERO
    threshold, patches = config.threshold, config.patches

    def choose(scene: Scene) -> Tensor:
        scores = score(scene)
        if threshold is not None:
            return scores > threshold
        chosen = top_k(scores, patches or 0)
        return chosen & (scores > 0) if skip else chosen

    return choose


def with_config(network: MattingNetwork, config: NetworkConfig) -> MattingNetwork:
    """The same weights under the selector, budget and scale of `config`, in the same mode: nothing is copied.

    Without `config.refine` the coarse matte is enlarged. Raises `ConfigError` where it asks for a refiner that is not there.
    """
    require(config.refine is None or network.refiner is not None, "network.refine", config.refine, "None: these weights hold no refiner")
    refiner = network.refiner if config.refine else None
    other = MattingNetwork(network.backbone, network.aspp, network.decoder, refiner, chooser(config.refine), config.scale)
    other.training = network.training
    return other


def with_selector(network: MattingNetwork, config: NetworkConfig, selector: str) -> MattingNetwork:
    """The same weights under another selector: nothing is copied, only the choice differs."""
    return with_config(network, changed(config, {"refine.selector": selector}))
