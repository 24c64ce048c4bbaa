"""Keep the moving average of the weights, which is what validation and use see."""

import copy

import torch
from torch import Tensor, nn

__all__ = ["average_copy", "update_average_"]


def average_copy(network: nn.Module) -> nn.Module:
    """Return the network to be averaged into: a copy without gradients, in evaluation mode."""
    return copy.deepcopy(network).eval().requires_grad_(False)


@torch.no_grad()
def update_average_(
    average: nn.Module, network: nn.Module, *, decay: float, step: int, finite: Tensor
) -> None:
    """Move `average` towards `network` in place: a += (1 - d) (w - a), d = min(decay, (1 + step) / (10 + step)).

    The smaller decay of the first steps forgets the random start. Buffers (running statistics) are copied. Where
    `finite`, a bool on the device, is false, the step was left out and the average stays.
    """
    rate = finite.float() * (1 - min(decay, (1 + step) / (10 + step)))
    for weight, target in zip(average.parameters(), network.parameters(), strict=True):
        weight.lerp_(target, rate)
    for mine, theirs in zip(average.buffers(), network.buffers(), strict=True):
        mine.copy_(theirs)
