"""Where the time of one inference goes, part by part."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from bgmatte.network import MattingNetwork

# In the order of the work; `paste` is the coarse matte enlarged, into which patches go, `rest` what lies between the parts.
PARTS = ("encoder", "context", "decoder", "select", "refine", "paste", "rest")


class Stopwatch:
    """Wall time spent between `start` and `stop` of named parts [ms]; `settle` waits until the device is idle."""

    def __init__(self, settle: Callable[[], None], clock: Callable[[], float] = time.perf_counter) -> None:
        self.settle, self.clock = settle, clock
        self.spent: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count what happens inside as `name`."""
        self.settle()
        start = self.clock()
        yield
        self.settle()
        self.spent[name] = self.spent.get(name, 0.0) + 1000 * (self.clock() - start)

    def watched(self, module: Callable[..., Any], name: str) -> Callable[..., Any]:
        """`module`, each of whose calls counts as `name`."""

        def call(*arguments: Any) -> Any:
            with self.part(name):
                return module(*arguments)

        return call


def time_by_part(network: MattingNetwork, src: Tensor, bgr: Tensor, settle: Callable[[], None]) -> dict[str, float]:
    """Milliseconds of each of `PARTS` in one inference of `src`, `bgr` (B, 3, H, W)."""
    watch = Stopwatch(settle)
    names = {"backbone": "encoder", "aspp": "context", "decoder": "decoder", "choose": "select", "refiner": "refine"}
    parts: Any = {part: watch.watched(getattr(network, part), name) if getattr(network, part) else None for part, name in names.items()}
    with torch.inference_mode():
        with watch.part("total"):
            matte = MattingNetwork(**parts, scale=network.scale)(src, bgr)
        if network.refiner:
            coarse = torch.cat([matte.pha_sm, matte.fgr_sm], 1)
            with watch.part("paste"):
                network.refiner(src, bgr, coarse, coarse, torch.zeros_like(matte.ref_sm))

    spent = {name: watch.spent.get(name, 0.0) for name in PARTS}
    spent["refine"] = max(0.0, spent["refine"] - spent["paste"])
    return {**spent, "rest": max(0.0, watch.spent["total"] - sum(spent.values()))}
