"""How much air a lung seems to have lost: how much brighter it is than the darkest part of the same image's lungs.

A network taught synthetic opacities on normal images knows their edges and textures well, and trusts them more than
it should on disease. What any opacity is, less air than in healthy lung, shows in brightness alone; the darkest part
of the same lungs is the one reference that needs neither a label nor a known exposure.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from artasyn.train.models.standardise import standardise

__all__ = ["aeration"]

WINDOW = 0.07
"""Side of the square that brightness is averaged over, as a share of the image's side: wider than vessels and ribs."""
DARKEST = 0.01
"""Share of the image's pixels, the darkest of its lungs, whose mean stands for lung full of air."""
USUAL = 0.8
"""Mean brightness of normal lungs above their darkest part, in deviations of the image."""


def aeration(images: Tensor, lungs: Tensor, *, lung_mean: float) -> Tensor:
    """Return `(B, 1, H, W)`: brightness of the place and of the lungs, above that of normal lungs.

    `images` and `lungs`, the probability of the lung field, are `(B, 1, H, W)` in [0, 1]; `lung_mean` weighs the mean
    over the lungs, beside 1 for the place. The unit is the standard deviation of the image, so gain and offset of its
    grey values do not matter. Outside the lungs the result is as far below the usual as the darkest lung.
    """
    level = _smoothed(standardise(images))
    above = level - _darkest(level, lungs)
    size = lungs.sum(dim=(2, 3), keepdim=True).clamp_min(1)
    mean = (above * lungs).sum(dim=(2, 3), keepdim=True) / size
    return lungs * (above + lung_mean * mean) - (1 + lung_mean) * USUAL


def _smoothed(images: Tensor) -> Tensor:
    """Return means over squares about each pixel; the border is repeated outwards."""
    reach = max(1, round(WINDOW * images.shape[-1] / 2))
    padded = F.pad(images, (reach, reach, reach, reach), mode="replicate")
    return _summed(_summed(padded, 2, 2 * reach + 1), 3, 2 * reach + 1) / (2 * reach + 1) ** 2


def _summed(values: Tensor, dim: int, count: int) -> Tensor:
    """Return the sum of each `count` neighbours along a dimension: pooling takes ten times as long."""
    length = values.shape[dim] - count + 1
    total = values.narrow(dim, 0, length)
    for start in range(1, count):
        total = total + values.narrow(dim, start, length)
    return total


def _darkest(level: Tensor, lungs: Tensor) -> Tensor:
    """Return `(B, 1, 1, 1)`: mean of the darkest pixels of the lungs (of the image's brightest without lungs)."""
    inside = torch.where(lungs >= 0.5, level, level.amax(dim=(2, 3), keepdim=True)).flatten(1)
    count = max(1, round(DARKEST * inside.shape[1]))
    return inside.topk(count, dim=1, largest=False, sorted=False).values.mean(dim=1).view(-1, 1, 1, 1)
