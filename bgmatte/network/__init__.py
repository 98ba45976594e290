"""The network: `build(NetworkConfig(...))` gives a module, `module(src, bgr)` a `Matte`."""

from bgmatte.network.builder import build, with_config, with_selector
from bgmatte.network.fast import prepare_for_inference
from bgmatte.network.matting import Matte, MattingNetwork

__all__ = ["Matte", "MattingNetwork", "build", "prepare_for_inference", "with_config", "with_selector"]
