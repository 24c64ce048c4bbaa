"""DRAEM: another image, strongly changed, mixed in where Perlin noise is high.

Zavrtanik et al., DRAEM: A Discriminatively Trained Reconstruction Embedding for Surface Anomaly Detection, ICCV 2021.
The texture is the second normal image in place of the Describable Textures Dataset.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.rivals.scene import Painted, Scene
from artasyn.synth.opacities.rivals.texture_changes import TextureChange, changed, draw_changes
from artasyn.synth.seeds import generator

__all__ = ["PerlinParams", "draw_perlin", "perlin_noise", "render_perlin"]

MARKED, OWN_SHARE, EXPONENTS = 0.5, (0.0, 0.8), (0, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerlinParams:
    """The noise, the changes of the texture, and the share of the image itself."""

    rows: int
    """Cells of the noise down the image."""
    columns: int
    angle: float
    """Degrees by which the noise is turned."""
    seed: int
    own: float
    """Share of the image itself, 0 to 0.8."""
    changes: tuple[TextureChange, ...]


def draw_perlin(_scene: Scene, *, rng: np.random.Generator) -> PerlinParams:
    """Draw 1 to 32 cells along each axis, a turn, the own share, and 3 of 10 changes of the texture."""
    low, high = EXPONENTS
    return PerlinParams(
        rows=2 ** int(rng.integers(low, high + 1)),
        columns=2 ** int(rng.integers(low, high + 1)),
        angle=float(rng.uniform(-90, 90)),
        seed=int(rng.integers(2**31)),
        own=float(rng.uniform(*OWN_SHARE)),
        changes=draw_changes(rng=rng),
    )


def render_perlin(params: PerlinParams, scene: Scene) -> Painted:
    """Mix the changed texture in; label 1 where the noise is above one half."""
    rng = generator(params.seed, "", 0, stage="perlin")
    noise = perlin_noise(scene.lungs.shape, (params.rows, params.columns), rng=rng)
    height, width = scene.lungs.shape
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), params.angle, 1)
    mask = np.asarray(cv2.warpAffine(noise, turn, (width, height))) > MARKED
    texture = changed(scene.second.pixels, params.changes).astype(np.float32)
    mixed = params.own * scene.image.astype(np.float32) + (1 - params.own) * texture
    altered = np.where(mask, np.rint(np.clip(mixed, 0, 255)), scene.image).astype(np.uint8)
    return Painted(altered, mask.astype(np.float32), mask, mask)


def perlin_noise(
    shape: tuple[int, int], cells: tuple[int, int], *, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return gradient noise (H, W), about -1 to 1: random slopes at the corners of cells, faded smoothly between."""
    angles = rng.uniform(0, 2 * np.pi, (cells[0] + 1, cells[1] + 1))
    slopes = np.cos(angles), np.sin(angles)
    row, column = (np.arange(n) * c / n for n, c in zip(shape, cells, strict=True))
    cell = row.astype(int)[:, None], column.astype(int)[None]
    down, across = (row - row.astype(int))[:, None], (column - column.astype(int))[None]
    corner = [
        [
            slopes[0][cell[0] + i, cell[1] + j] * (down - i)
            + slopes[1][cell[0] + i, cell[1] + j] * (across - j)
            for j in (0, 1)
        ]
        for i in (0, 1)
    ]
    fades = [t * t * t * (t * (6 * t - 15) + 10) for t in (down, across)]
    upper, lower = (left + fades[1] * (right - left) for left, right in corner)
    return np.asarray(np.sqrt(2) * (upper + fades[0] * (lower - upper)), np.float32)
