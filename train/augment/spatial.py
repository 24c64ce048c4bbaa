"""Geometry of the augmentation: mirror, turn, stretch, shift, bend, and the patient's posture."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from artasyn.train.augment.chest_frame import measure_chest
from artasyn.train.augment.chosen import Chosen
from artasyn.train.augment.config import AugmentConfig
from artasyn.train.augment.draws import draws
from artasyn.train.augment.posture import change_posture

__all__ = ["Places", "affine_matrices", "draw_places", "warp"]


class Places(NamedTuple):
    """How n images are moved."""

    matrix: Tensor
    """`(n, 2, 3)`: from places in the result to places in the source, both in [-1, 1]."""
    bend: Tensor
    """`(n, 2, 5, 5)`: displacement of the lattice's nodes, in half sides."""


def draw_places(config: AugmentConfig, count: int, *, generator: torch.Generator) -> Places:
    """Draw for `count` images."""
    uniform, factor = draws(count, generator)
    shift = config.shift
    matrix = affine_matrices(
        flip=uniform(0, 1) < config.flip,
        degrees=uniform(-config.rotation, config.rotation),
        scale=torch.stack((factor(config.scale), factor(config.scale)), dim=1),
        shift=torch.stack((uniform(-shift, shift), uniform(-shift, shift)), dim=1),
    )
    return Places(matrix, (4 * torch.rand((count, 2, 5, 5), generator=generator) - 2) * config.bend)


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


def warp(pixels: Tensor, matrices: Tensor, bend: Tensor | None, posture: Chosen) -> Tensor:
    """Return `(B, 4, H, W)` resampled bilinearly by matrices `(B, 2, 3)`; beyond the edge the edge goes on.

    `bend` (B, 2, k, k) displaces places in the source, smoothly between the nodes of a lattice: (x, y) in [-1, 1].
    `posture` is that of `draw_posture`; it is applied last, on the lungs in channel 3.
    """
    grid = F.affine_grid(matrices, list(pixels.shape), align_corners=False)
    if bend is not None:
        smooth = F.interpolate(bend, size=pixels.shape[2:], mode="bicubic", align_corners=True)
        grid = grid + smooth.permute(0, 2, 3, 1)
    if posture:
        moved = posture.places
        frame = measure_chest(pixels[moved, 3])
        grid = grid.index_copy(0, moved, change_posture(grid[moved], posture.numbers, frame))
    return F.grid_sample(pixels, grid, mode="bilinear", padding_mode="border", align_corners=False)
