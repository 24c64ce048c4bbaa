"""Some images of a batch, and what each of them gets."""

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Chosen", "choose"]


class Chosen(NamedTuple):
    """Some images of a batch; how many is known without asking the device."""

    places: Tensor
    """`(k,)` int64: which images."""
    numbers: Tensor
    """`(k, ...)` float32: what each gets."""

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return len(self.places) > 0


def choose(numbers: Tensor, there: Tensor) -> Chosen:
    """Return those images of `numbers` `(B, ...)` that `there` `(B,)` bool says; both on the CPU."""
    places = torch.nonzero(there).flatten()
    return Chosen(places, numbers[places])
