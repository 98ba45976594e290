"""Several processes that train one network together: torchrun starts them, PyTorch's DistributedDataParallel joins them.

Together they do what one process does with the whole batch, to rounding: each takes its share of the pictures, batch
norms see all of them, dropout is cut from one mask, gradients are averaged.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from bgmatte.jsonable import require
from bgmatte.network import MattingNetwork
from bgmatte.network.matting import Choose
from bgmatte.patches import Scene

PATIENCE = timedelta(hours=1)  # the others wait while the first process draws data sets, validates and saves


@dataclass(frozen=True)
class Team:
    """The processes that train together, seen from one of them; `rank` 0 leads: it alone writes and tells."""

    rank: int
    size: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process writes and tells."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """This process's part of a batch of `count`; raises `ConfigError` unless all parts are equal."""
        require(count % self.size == 0, "phase.batch", count, f"a multiple of the number of processes, {self.size}")
        each = count // self.size
        return slice(self.rank * each, (self.rank + 1) * each)

    def mean(self, values: Tensor) -> Tensor:
        """The mean of `values` over all processes."""
        if self.size > 1:
            dist.all_reduce(values)
            values /= self.size
        return values

    def wait(self) -> None:
        """Return when all processes have come here."""
        if self.size > 1:
            dist.barrier()

    @contextmanager
    def leader_first(self) -> Iterator[None]:
        """The leader does what follows, then the others: what one writes is not written twice."""
        if not self.leads:
            self.wait()
        yield
        if self.leads:
            self.wait()


ALONE = Team(0, 1, torch.device("cpu"))


def team() -> Team:
    """This process's team: as `together` joined it, else alone; on a GPU if there is one."""
    joined = dist.is_available() and dist.is_initialized()
    place = int(os.environ.get("LOCAL_RANK", "0")) if joined else 0
    device = torch.device("cuda", place) if torch.cuda.is_available() else torch.device("cpu")
    return Team(dist.get_rank(), dist.get_world_size(), device) if joined else Team(0, 1, device)


@contextmanager
def together() -> Iterator[Team]:
    """Join the processes that torchrun started (it says so in the environment); without torchrun a team of one.

    Inside another `together` it is the same team: torchrun's processes can join once.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) < 2 or dist.is_initialized():
        yield team()
        return
    gpu = torch.cuda.is_available()
    if gpu:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    dist.init_process_group("nccl" if gpu else "gloo", timeout=PATIENCE)
    try:
        yield team()
    finally:
        dist.destroy_process_group()


def joined(network: MattingNetwork, team: Team) -> MattingNetwork:
    """The same weights in layers that see the whole team's batch; unchanged for a team of one."""
    if team.size == 1:
        return network
    _replace(network, nn.Dropout, lambda layer: JoinedDropout(layer.p, team))
    network.choose = at_least_one(network.choose)
    if team.device.type == "cuda":
        return nn.SyncBatchNorm.convert_sync_batchnorm(network)
    _replace(network, nn.BatchNorm2d, _joined_norm)
    return network


def synchronised(learner: nn.Module, team: Team) -> nn.Module:
    """`learner` with its gradients averaged over the team."""
    if team.size == 1:
        return learner
    places = [team.device.index] if team.device.type == "cuda" else None
    return DistributedDataParallel(learner, device_ids=places, broadcast_buffers=False)  # every process moves its statistics alike


def at_least_one(choose: Choose) -> Choose:
    """`choose`, with the first patch in place of none: a refiner that runs in some processes alone would leave the others waiting."""

    def chosen(scene: Scene) -> Tensor | None:
        found = choose(scene)
        if found is not None and not found.any():
            found = found.clone()
            found[0, 0, 0, 0] = True
        return found

    return chosen


class JoinedDropout(nn.Module):
    """Dropout whose mask is this process's share of the one that a single process would draw, from torch's own generator."""

    def __init__(self, p: float, team: Team) -> None:
        super().__init__()
        self.p, self.team = p, team

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w), every process the same shape."""
        if not self.training:
            return x
        count = len(x) * self.team.size
        flat = x.is_contiguous()
        layout = torch.contiguous_format if flat else torch.channels_last
        noise = torch.empty((count, *x.shape[1:]), dtype=x.dtype, device=x.device, memory_format=layout).bernoulli_(1 - self.p).div_(1 - self.p)
        return x * noise[self.team.share(count)]


class JoinedBatchNorm(nn.BatchNorm2d):
    """What PyTorch's `SyncBatchNorm` is, where that does not run: batch norm over all processes' pictures, on a CPU."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w); processes may differ in B, h and w."""
        if not self.training:
            return super().forward(x)
        assert self.running_mean is not None and self.running_var is not None and self.num_batches_tracked is not None
        assert self.momentum is not None
        wide = x if x.dtype == torch.float64 else x.float()
        count = _Total.apply(wide.new_tensor([x.numel() / x.shape[1]]))
        mean = _Total.apply(wide.sum((0, 2, 3))) / count
        away = wide - mean[:, None, None]
        variance = _Total.apply(away.square().sum((0, 2, 3))) / count
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * (count / (count - 1)), self.momentum)
        gain = self.weight * (variance + self.eps).rsqrt()
        return torch.addcmul(self.bias[:, None, None], away, gain[:, None, None]).to(x.dtype)


class _Total(torch.autograd.Function):
    """The sum over all processes; its slope is the sum of theirs."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        total = x.detach().clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].contiguous().clone()
        dist.all_reduce(total)
        return total


def _joined_norm(norm: nn.BatchNorm2d) -> nn.BatchNorm2d:
    norm.__class__ = JoinedBatchNorm  # the same weights, statistics and names
    return norm


def _replace(module: nn.Module, kind: type[nn.Module], other: Any) -> None:
    for name, child in module.named_children():
        if type(child) is kind:
            setattr(module, name, other(child))
        else:
            _replace(child, kind, other)
