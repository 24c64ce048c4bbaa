"""Parts of an opacity: some images keep only those places of it that lie in random blobs, so that it is smaller.

Opacities of the default recipe mostly take a fifth of the lungs to all of them. Cut to parts they also teach what is
small, and a network that knows small ones is less easily taken in by haze over the whole of a normal lung. At the end
of a training they are whole again (`part_until`): so the network marks large ones to their borders.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from artasyn.train.augment.chosen import Chosen

__all__ = ["Parts", "draw_parts", "keep_parts", "plan_parts"]

NODES = (3, 10)
"""Nodes of the lattice along a side, fewest and most: blobs of a third to a tenth of the image."""
LEVELS = (0.0, 0.9)
"""Deviations of the lattice above which a place is kept: some half to a sixth of the image."""
EDGE = 0.15
"""Deviations over which a kept place fades to one that is not."""


class Parts(NamedTuple):
    """What was drawn for n images."""

    nodes: Tensor
    """`(n,)` int64: nodes of the lattice along a side; 0: the opacity is kept whole."""
    level: Tensor
    """`(n,)`: deviations above which a place is kept."""
    lattice: Tensor
    """`(n, NODES[1], NODES[1])` normal deviates, of which the first `nodes` count."""


def draw_parts(count: int, *, probability: float, generator: torch.Generator) -> Parts:
    """Draw for `count` images; each is cut with this probability."""
    u = torch.rand(count, 3, generator=generator)
    nodes = (NODES[0] + (NODES[1] + 1 - NODES[0]) * u[:, 1]).long()
    return Parts(
        nodes * (u[:, 0] < probability),
        LEVELS[0] + (LEVELS[1] - LEVELS[0]) * u[:, 2],
        torch.randn(count, NODES[1], NODES[1], generator=generator),
    )


def plan_parts(drawn: Parts, side: int) -> Chosen:
    """Work out the share of the opacity that is kept, `(side, side)` in [0, 1], of each image that is cut."""
    places = torch.nonzero(drawn.nodes).flatten()
    planes = [
        F.interpolate(drawn.lattice[k, :n, :n][None, None], size=(side, side), mode="bicubic")[0, 0]
        for k, n in zip(places.tolist(), drawn.nodes[places].tolist(), strict=True)
    ]
    field = torch.stack(planes) if planes else torch.empty(0, side, side)
    return Chosen(places, ((field - drawn.level[places, None, None]) / EDGE + 0.5).clamp(0, 1))


def keep_parts(pixels: Tensor, kept: Chosen) -> Tensor:
    """Return `(B, 4, H, W)` of image, normal image, mask and lung field, the opacity cut to what is kept of it.

    A pixel stays in the mask where at least half of its opacity is kept. Masks of what nobody painted stay as they are:
    where image and normal image are the same, the mask is of a real lesion or predicted.
    """
    if not kept:
        return pixels
    image, normal, mask, lungs = pixels[kept.places].unbind(dim=1)
    real = (image == normal).all(dim=2).all(dim=1)[:, None, None]
    cut = torch.stack(
        (normal + kept.numbers * (image - normal), normal, mask * ((kept.numbers >= 0.5) | real), lungs), 1
    )
    return pixels.index_copy(0, kept.places, cut)
