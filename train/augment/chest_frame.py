"""Places in a chest: how far out and how far down a pixel lies, measured on the lung field."""

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["ChestFrame", "measure_chest"]


@dataclass(frozen=True, slots=True)
class ChestFrame:
    """Where the lungs of `B` images begin and end, in shares of the side."""

    top: Tensor
    """`(B, 2)`: apex of the lung on the image's left and on its right."""
    bottom: Tensor
    """`(B, 2)`: base of each."""
    edge: Tensor
    """`(B, 2)`: lateral end of each."""
    there: Tensor
    """`(B,)` bool: whether both lungs are there."""

    @property
    def centre(self) -> Tensor:
        """Return the middle between the lateral ends, `(B,)`."""
        return self.edge.mean(dim=1)

    def places(self, height: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return `out`, `down`, `right`, `(B, height, width)` or broadcast to it.

        `out` is 0 in the middle and 1 at the lung's lateral end, `down` 0 at its apex and 1 at its base, `right` 1 on
        the image's right half, else 0.
        """
        device = self.top.device
        rows = (torch.arange(height, device=device) + 0.5)[None, :, None] / height
        columns = (torch.arange(width, device=device) + 0.5)[None, None, :] / width
        centre = self.centre[:, None, None]
        right = (columns >= centre).float()
        half = (self.edge[:, 1:] - self.edge[:, :1])[:, :, None] / 2
        top = torch.lerp(self.top[:, :1, None], self.top[:, 1:, None], right)
        bottom = torch.lerp(self.bottom[:, :1, None], self.bottom[:, 1:, None], right)
        return (columns - centre).abs() / half, (rows - top) / (bottom - top), right


def measure_chest(lungs: Tensor) -> ChestFrame:
    """Measure lung fields `(B, H, W)` in [0, 1]; no number is fetched from the device."""
    inside = lungs > 0.5
    height, width = lungs.shape[1:]
    left, right = _ends(inside.any(dim=1))
    centre = ((left + right) / 2)[:, None, None] * width
    on_right = torch.arange(width, device=lungs.device)[None, None, :] >= centre
    ends = [_ends((inside & side).any(dim=2)) for side in (~on_right, on_right)]
    top, bottom = (torch.stack([end[k] for end in ends], dim=1) for k in (0, 1))
    there = (inside & on_right).flatten(1).any(dim=1) & (inside & ~on_right).flatten(1).any(dim=1)
    least = 1 / max(height, width)
    return ChestFrame(
        top,
        torch.maximum(bottom, top + least),
        torch.stack((left, torch.maximum(right, left + least)), dim=1),
        there,
    )


def _ends(line: Tensor) -> tuple[Tensor, Tensor]:
    """Return begin and end of what is true in each row of `(B, n)`, in shares of n."""
    values, n = line.float(), line.shape[1]
    return values.argmax(dim=1) / n, 1 - values.flip(1).argmax(dim=1) / n
