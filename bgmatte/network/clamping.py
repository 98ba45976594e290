"""Keeping the predicted error within 0–1, and the slope that training sees beyond."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from bgmatte.config import Clamp


def hard(x: Tensor) -> Tensor:
    """`x` clamped to 0–1, as published: no slope outside, so an error that is 0 everywhere is never heard of again."""
    return x.clamp(0, 1)


def returning(x: Tensor) -> Tensor:
    """The same values; outside 0–1 slopes pass that lead back inside.

    With the high rates of short training the first large steps threw the predicted error below 0 everywhere in one of
    three seeds: it stayed there, and patches were chosen by their place.
    """
    return _Returning.apply(x)  # type: ignore[no-any-return,no-untyped-call]


class _Returning(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.clamp(0, 1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (x,), (slope,) = ctx.saved_tensors, gradients
        return slope * (((x >= 0) | (slope < 0)) & ((x <= 1) | (slope > 0)))  # steps go against the slope


CLAMPS: Mapping[Clamp, Callable[[Tensor], Tensor]] = MappingProxyType({"hard": hard, "returning": returning})
