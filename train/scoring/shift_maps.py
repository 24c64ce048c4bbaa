"""Move the log-odds of anomaly maps by how unlike normal images an image, or each place of it, is."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["shift_by_places", "shift_maps"]

LARGEST_SHIFT = 3.0
"""Deviations beyond which an image is simply unlike the training's: its map is not moved further."""


def shift_maps(maps: Tensor, deviations: Tensor | None, weight: float) -> Tensor:
    """Return maps `(B, H, W)` with `weight` x deviation added to their log-odds, of 3 deviations at most.

    Deviations are of whole images, `(B,)`, or of pixels, `(B, H, W)`.
    """
    if deviations is None or not weight:
        return maps
    shift = weight * deviations.clamp(-LARGEST_SHIFT, LARGEST_SHIFT)
    if shift.ndim == 1:
        shift = shift[:, None, None]
    return torch.sigmoid(torch.logit(maps.clamp(1e-4, 1 - 1e-4)) + shift)


def shift_by_places(maps: Tensor, places: Tensor, weight: float) -> Tensor:
    """Return maps `(B, H, W)` moved by the deviations `(B, h, w)` of places; cut first, so that edges stay bounded."""
    cut = places.clamp(-LARGEST_SHIFT, LARGEST_SHIFT)[:, None]
    enlarged = F.interpolate(cut, size=maps.shape[1:], mode="bilinear", align_corners=False)[:, 0]
    return shift_maps(maps, enlarged, weight)
