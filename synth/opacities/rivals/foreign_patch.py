"""FPI and PII: a square of another image, mixed in by a share (FPI) or by its gradients (PII).

Tan et al., Detecting Outliers with Foreign Patch Interpolation, MELBA 2022 (arXiv 2011.04197).
Tan et al., Detecting Outliers with Poisson Image Interpolation, MICCAI 2021.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.rivals.poisson import rebuild, row_and_column_steps
from artasyn.synth.opacities.rivals.scene import Painted, Scene, draw_centre, square

__all__ = ["ForeignPatchParams", "draw_foreign_patch", "render_fpi", "render_pii"]

Values = NDArray[np.float64]

HALF, MARGIN, SHARE = (13, 50), 25, (0.05, 0.95)
CHANGED = 1e-3
"""Least change that PII labels, in grey values before rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignPatchParams:
    """A square, cut at the image's borders, and how much of it is foreign."""

    row: int
    column: int
    half: int
    """Half of the side, in pixels."""
    foreign: float
    """Share of the other image, 0.05 to 0.95."""


def draw_foreign_patch(scene: Scene, *, rng: np.random.Generator) -> ForeignPatchParams:
    """Draw a square of half-width 13 to 50 pixels and the share of the other image."""
    unit = scene.lungs.unit
    height, width = scene.image.shape
    margin = round(MARGIN * unit)
    row, column = draw_centre(scene, (margin, height - margin - 1), (margin, width - margin - 1), rng=rng)
    return ForeignPatchParams(
        row=row,
        column=column,
        half=max(1, round(int(rng.integers(HALF[0], HALF[1] + 1)) * unit)),
        foreign=float(rng.uniform(*SHARE)),
    )


def render_fpi(params: ForeignPatchParams, scene: Scene) -> Painted:
    """Mix the two images, each normalised to mean 0 and deviation 1; label = the other's share where they differ."""
    box = square((params.row, params.column), params.half, scene.lungs.shape)
    own = scene.image.astype(np.float64)
    other = _at_level_of(own, scene.second.pixels.astype(np.float64))
    altered = scene.image.copy()
    mixed = (1 - params.foreign) * own[box] + params.foreign * other[box]
    altered[box] = np.rint(np.clip(mixed, 0, 255)).astype(np.uint8)
    patch = np.zeros(scene.image.shape, np.bool_)
    patch[box] = True
    mask = patch & (own != other)
    return Painted(altered, np.where(mask, params.foreign, 0).astype(np.float32), mask, patch)


def render_pii(params: ForeignPatchParams, scene: Scene) -> Painted:
    """Rebuild the square from the stronger of the two images' weighted gradients; label where it changed."""
    rows, columns = square((params.row, params.column), params.half, scene.lungs.shape, border=1)
    with_rim = slice(rows.start - 1, rows.stop + 1), slice(columns.start - 1, columns.stop + 1)
    own = scene.image[with_rim].astype(np.float64)
    steps = []
    for mine, theirs in zip(
        row_and_column_steps(own),
        row_and_column_steps(scene.second.pixels[with_rim].astype(np.float64)),
        strict=True,
    ):
        mine, theirs = (1 - params.foreign) * mine, params.foreign * theirs
        steps.append(np.where(np.abs(mine) > np.abs(theirs), mine, theirs))
    solved = np.clip(rebuild(own, *steps), int(scene.image.min()), int(scene.image.max()))
    altered = scene.image.copy()
    altered[rows, columns] = np.rint(solved).astype(np.uint8)
    patch, mask = np.zeros((2, *scene.image.shape), np.bool_)
    patch[rows, columns] = True
    mask[rows, columns] = np.abs(solved - own[1:-1, 1:-1]) > CHANGED
    return Painted(altered, np.where(mask, params.foreign, 0).astype(np.float32), mask, patch)


def _at_level_of(own: Values, other: Values) -> Values:
    """Return the other image with the mean and deviation of `own`: mixing these mixes the normalised images."""
    deviation = max(float(other.std()), 1e-6)
    return np.asarray((other - other.mean()) / deviation * own.std() + own.mean())
