"""The refiner in operations of fixed shapes, which ONNX can hold; everything else of the network exports as it is."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bgmatte.config import PATCH, NetworkConfig
from bgmatte.images import resize
from bgmatte.network import MattingNetwork, with_config
from bgmatte.network.refiner import Refiner
from bgmatte.patches import crop, paste


class FixedRefiner(nn.Module):
    """`Refiner` for at most `budget` chosen patches an image: always so many are computed, those not chosen are not kept."""

    def __init__(self, refiner: Refiner, budget: int) -> None:
        super().__init__()
        self.refiner = refiner
        self.budget = budget

    def forward(self, src: Tensor, bgr: Tensor, matte: Tensor, hidden: Tensor, chosen: Tensor) -> Tensor:
        """As `Refiner.forward`."""
        columns, size = chosen.shape[3], (src.shape[2], src.shape[3])
        budget = min(self.budget, chosen.shape[2] * columns)
        enlarged = resize(matte, size)
        if budget == 0:
            return enlarged

        kept, cell = chosen.flatten(1).to(src.dtype).topk(budget)  # the chosen ones come first
        image = torch.arange(len(src), device=src.device)[:, None].expand(-1, budget)
        where = torch.stack([image, cell // columns, cell % columns], 2).flatten(0, 1)  # (B · budget, 3)
        refined = resize(self.refiner.through_stages(torch.cat([src, bgr], 1), torch.cat([hidden, matte], 1), where), (PATCH, PATCH))
        return paste(enlarged, torch.where(kept.reshape(-1, 1, 1, 1) > 0, refined, crop(enlarged, where, PATCH, 0)), where)


class MaskedRefiner(nn.Module):
    """`Refiner` for any number of chosen patches: everything is computed, what is not chosen is not kept."""

    def __init__(self, refiner: Refiner) -> None:
        super().__init__()
        self.refiner = refiner

    def forward(self, src: Tensor, bgr: Tensor, matte: Tensor, hidden: Tensor, chosen: Tensor | None) -> Tensor:
        """As `Refiner.forward`."""
        refined = self.refiner(src, bgr, matte, hidden, None)
        if chosen is None:
            return refined
        mask = F.interpolate(chosen.to(src.dtype), scale_factor=PATCH, mode="nearest") > 0
        return torch.where(mask, refined, resize(matte, (src.shape[2], src.shape[3])))


class Exportable(nn.Module):
    """A network with the choices of `config` as a function of two tensors with six results, which the exporter can follow."""

    def __init__(self, network: MattingNetwork, config: NetworkConfig) -> None:
        super().__init__()
        self.network = with_config(network, config)
        if config.refine and self.network.refiner:
            budget = config.refine.patches
            refiner = MaskedRefiner(self.network.refiner) if budget is None else FixedRefiner(self.network.refiner, budget)
            self.network.refiner = refiner  # type: ignore[assignment] # one by its call

    def forward(self, src: Tensor, bgr: Tensor) -> tuple[Tensor, ...]:
        """(B, 3, H, W) twice → the fields of `Matte` in order."""
        return tuple(self.network(src, bgr))
