"""What a network costs besides time: weights, multiplications, memory."""

import multiprocessing
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from bgmatte.allocator import keep_freed_memory
from bgmatte.config import NetworkConfig
from bgmatte.network import prepare_for_inference
from bgmatte.profiles import TimingSize
from bgmatte.timing.subject import inference, picture_pair, timed_network

T = TypeVar("T")
MIB = 2**20


def parameters(network: nn.Module) -> int:
    """How many weights a network learns."""
    return sum(weight.numel() for weight in network.parameters())


def gmacs(call: Callable[[], T]) -> tuple[float, T]:
    """Multiply-accumulates of one call [10⁹], counted on the operations it really runs, and what it returned."""
    with FlopCounterMode(display=False) as counter:
        result = call()
    return counter.get_total_flops() / 2e9, result


def peak_mib(
    config: NetworkConfig, size: TimingSize, device: str, threads: int, *, fast: bool, dtype: torch.dtype = torch.float32, compile: bool = False
) -> float:
    """Most memory that building a network, holding a pair of pictures and one inference took at a time [MiB].

    `fast` measures `prepare_for_inference` (and `compile`), the making included. On CUDA it is what PyTorch's allocator held; on the CPU
    the growth of the resident memory of a process of its own that has only imported the libraries, which differs by a
    few per cent from one process to the next.
    """
    if device.startswith("cuda"):
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        _infer(config, size, device, fast, dtype, compile)
        return float(torch.cuda.max_memory_allocated(device) - before) / MIB
    # A server that has imported this module and used no thread yet forks each process: torch is imported once for all.
    context: Any = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(_resident_growth, config, size, threads, fast, dtype, compile).result()


def _resident_growth(config: NetworkConfig, size: TimingSize, threads: int, fast: bool, dtype: torch.dtype, compile: bool) -> float:
    keep_freed_memory()  # as in every process of the study
    torch.set_num_threads(threads)
    before = _most_resident()
    _infer(config, size, "cpu", fast, dtype, compile)
    return (_most_resident() - before) / MIB


def _most_resident() -> int:
    import resource  # absent on Windows, where the network itself still runs

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _infer(config: NetworkConfig, size: TimingSize, device: str, fast: bool, dtype: torch.dtype, compile: bool) -> None:
    src, bgr = (picture.to(device, dtype) for picture in picture_pair(size.height, size.width))
    network = timed_network(config).to(device, dtype)
    if fast:
        network = prepare_for_inference(network, compile=compile)
    inference(network, src, bgr)()
