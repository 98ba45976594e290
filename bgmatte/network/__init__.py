"""The network: `build(NetworkConfig(...))` gives a module, `module(src, bgr)` a `Matte`."""

from bgmatte.network.builder import build, with_selector
from bgmatte.network.matting import Matte, MattingNetwork

__all__ = ["Matte", "MattingNetwork", "build", "with_selector"]
