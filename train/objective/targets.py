"""The targets of a batch: what the network should give."""

from typing import NamedTuple

from torch import Tensor

__all__ = ["Targets"]


class Targets(NamedTuple):
    """The targets of a batch: what the network should give."""

    images: Tensor
    """`(B, 1, H, W)`: what the network saw."""
    normals: Tensor
    """`(B, 1, H, W)`: the same without the opacity."""
    masks: Tensor
    """`(B, 1, H, W)` in [0, 1]: share of each pixel under the opacity."""
    lungs: Tensor
    """`(B, 1, H, W)` in [0, 1]: share of each pixel in the lung field."""
    normal_of: Tensor
    """`(B,)`: place in the batch of the normal image of the same study, -1 where it is not there."""
