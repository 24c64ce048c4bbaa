"""How a patient stands and breathes: poor inspiration, a bent spine, a turned chest, as changes of places."""

import math

import torch
from torch import Tensor

from artasyn.train.augment.chest_frame import ChestFrame

__all__ = ["change_posture", "draw_posture"]


def draw_posture(count: int, *, squeeze: float, spine: float, generator: torch.Generator) -> Tensor:
    """Draw `(count, 5)`: squeeze of the lungs' height, bend of the spine, its length and phase, turn of the chest.

    `squeeze` and `spine` are the chances that an image breathes in poorly, and that it is bent and turned; else 0.
    """
    u = torch.rand(count, 7, generator=generator)
    bent = u[:, 1] < spine
    return torch.stack(
        (
            (0.08 + 0.22 * u[:, 2]) * (u[:, 0] < squeeze),
            (0.14 * u[:, 3] - 0.07) * bent,
            math.pi * (0.5 + 0.6 * u[:, 4]),
            2 * math.pi * u[:, 5],
            (0.24 * u[:, 6] - 0.12) * bent,
        ),
        dim=1,
    )


def change_posture(grid: Tensor, posture: Tensor, frame: ChestFrame) -> Tensor:
    """Return places in the source `(n, H, W, 2)`, (x, y) in [-1, 1], of images in another posture `(n, 5)`."""
    squeeze, bend, length, phase, turn = (part[:, None, None] for part in posture.unbind(dim=1))
    x, y = grid.unbind(dim=3)
    top = (2 * frame.top.amin(dim=1) - 1)[:, None, None]
    base = (2 * frame.bottom.amax(dim=1) - 1)[:, None, None]
    squeeze = squeeze * frame.there[:, None, None]
    risen = top + (base - top) * (1 - squeeze)  # where the base comes to lie
    lungs = (y.clamp(min=top, max=risen) - top) / (1 - squeeze)
    below = (y - risen).clamp(min=0) * ((1 - base) / (1 - risen).clamp(min=1e-3))
    sheared = x + bend * torch.sin(length * y + phase)
    turned = sheared + turn * (1 - sheared.clamp(-1, 1) ** 2)
    return torch.stack((turned, torch.where(y < top, y, top + lungs + below)), dim=3)
