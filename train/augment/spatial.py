"""Geometry of the augmentation: mirror, turn, stretch, shift, bend."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["affine_matrices", "warp"]


def affine_matrices(*, flip: Tensor, degrees: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Return `(n, 2, 3)` matrices from places in the result to places in the source, both (x, y) in [-1, 1].

    `flip` (n,) bool, `degrees` (n,), `scale` (n, 2) enlargement of x and y, `shift` (n, 2) as a share of the side.
    """
    angle = torch.deg2rad(degrees)
    cos, sin = torch.cos(angle), torch.sin(angle)
    inverse = 1 / scale
    sign = torch.where(flip, -1.0, 1.0)
    first = torch.stack((sign * cos * inverse[:, 0], -sign * sin * inverse[:, 1], 2 * shift[:, 0]), dim=1)
    second = torch.stack((sin * inverse[:, 0], cos * inverse[:, 1], 2 * shift[:, 1]), dim=1)
    return torch.stack((first, second), dim=1)


def warp(pixels: Tensor, matrices: Tensor, bend: Tensor) -> Tensor:
    """Return `(B, C, H, W)` resampled bilinearly by matrices `(B, 2, 3)`; beyond the edge the edge goes on.

    `bend` (B, 2, k, k) displaces places in the source, smoothly between the nodes of a lattice: (x, y) in [-1, 1].
    It stays on the CPU until it is known to matter, so that no device is waited for.
    """
    grid = F.affine_grid(matrices, list(pixels.shape), align_corners=False)
    if bend.any():
        smooth = F.interpolate(bend.to(pixels), size=pixels.shape[2:], mode="bicubic", align_corners=True)
        grid = grid + smooth.permute(0, 2, 3, 1)
    return F.grid_sample(pixels, grid, mode="bilinear", padding_mode="border", align_corners=False)
