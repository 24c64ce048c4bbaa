"""Uniform numbers and factors for n images from one generator."""

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["draws"]


def draws(
    count: int, generator: torch.Generator
) -> tuple[Callable[[float, float], Tensor], Callable[[float], Tensor]]:
    """Return `uniform(low, high)`, and `factor(largest)`: from 1 / largest to largest, evenly in its logarithm.

    Both give `(count,)`.
    """

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, generator=generator)

    def factor(largest: float) -> Tensor:
        return torch.pow(torch.tensor(largest), uniform(-1, 1))

    return uniform, factor
