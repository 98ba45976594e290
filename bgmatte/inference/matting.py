"""A network ready for one user's pictures, whatever their size."""

import numpy as np
import torch

from bgmatte.config import NetworkConfig
from bgmatte.inference.layers import as_tensor
from bgmatte.inference.refusals import MatteError
from bgmatte.inference.settings import Settings, configured
from bgmatte.network import Matte, MattingNetwork, prepare_for_inference, with_config

# The CPU's allocator (Linux, Windows) and Apple's GPU raise a plain RuntimeError with these words.
SHORT = ("can't allocate memory", "not enough memory", "out of memory")


class Matter:
    """Mattes one picture at a time, with the scale and the budget that its size asks for."""

    def __init__(self, network: MattingNetwork, config: NetworkConfig, settings: Settings, device: torch.device) -> None:
        self.network = prepare_for_inference(network.eval().to(device))
        self.config = config
        self.settings = settings
        self.device = device

    def __call__(self, src: np.ndarray, bgr: np.ndarray) -> Matte:
        """Matte uint8 (H, W, 3) pictures of one size; raises `ConfigError` or `MatteError` where it cannot be done."""
        height, width = src.shape[:2]
        network = with_config(self.network, configured(self.config, height, width, self.settings))
        try:
            with torch.inference_mode():
                return network(as_tensor(src, self.device), as_tensor(bgr, self.device))
        except (MemoryError, RuntimeError) as error:
            if not isinstance(error, (MemoryError, torch.OutOfMemoryError)) and not any(words in str(error) for words in SHORT):
                raise
            instead = "smaller pictures" if self.device.type == "cpu" else "--device cpu"
            raise MatteError(f"{width}×{height} px need more memory than {self.device} has; allowed: {instead}, or fewer --patches") from None
