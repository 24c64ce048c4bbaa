"""AnatPaste: a patch of the image laid over the lungs with soft borders.

Sato et al., Anatomy-aware self-supervised learning for anomaly detection in chest radiographs, iScience 2023. The lungs
are ours, not those of its thresholding. A patch that would pass the image's border is moved inside, where the authors
cut it: one in five or six, by 14 pixels in the median. It publishes no mask: a pixel is marked where the weight is
above 20 of 255.
"""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.rivals.cut_paste import Cut, draw_cut, jittered
from artasyn.synth.opacities.rivals.scene import Painted, Scene, centred, draw_lung_pixel

__all__ = ["AnatPasteParams", "draw_anat_paste", "render_anat_paste"]

SHRINK, STRENGTH, RADIUS, MARKED = 10, (150, 254), (0, 14), 20
"""Pixels by which the weight's box is smaller than the patch on each side; weight; its blur; the most not marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnatPasteParams:
    """The patch, its centre in the lungs, and the weight it is laid on with."""

    cut: Cut
    row: int
    column: int
    form: Literal["ellipse", "rectangle"]
    strength: int
    """Weight at the centre, of 255."""
    radius: int
    """Standard deviation of the Gaussian that softens the weight, in pixels of a 256-pixel image."""


def draw_anat_paste(scene: Scene, *, rng: np.random.Generator) -> AnatPasteParams:
    """Draw a patch as CutPaste does and lay its centre on a pixel of the lungs."""
    row, column = draw_lung_pixel(scene, rng=rng)
    return AnatPasteParams(
        cut=draw_cut(scene, rng=rng),
        row=row,
        column=column,
        form="ellipse" if rng.random() < 0.5 else "rectangle",
        strength=int(rng.integers(STRENGTH[0], STRENGTH[1] + 1)),
        radius=int(rng.integers(RADIUS[0], RADIUS[1] + 1)),
    )


def render_anat_paste(params: AnatPasteParams, scene: Scene) -> Painted:
    """Lay the patch on; where the softened weight leaves the patch it darkens, as published."""
    size = params.cut.height, params.cut.width
    row, column = centred((params.row, params.column), size, scene.lungs.shape)
    patch = np.zeros(scene.image.shape, np.float32)
    patch[row : row + size[0], column : column + size[1]] = jittered(scene.image, params.cut)
    weight = np.asarray(_weight(params, (row, column), scene) / 255, np.float32)
    altered = np.rint(scene.image * (1 - weight) + patch * weight)
    reached = weight > 0
    return Painted(altered.astype(np.uint8), weight, weight * 255 > MARKED, reached)


def _weight(params: AnatPasteParams, corner: tuple[int, int], scene: Scene) -> NDArray[np.float32]:
    """Return the weight, 0 to 254, (H, W) float32; 0 outside the lungs."""
    shrink = round(SHRINK * scene.lungs.unit)
    weight = np.zeros(scene.image.shape, np.float32)
    height, width = params.cut.height - 2 * shrink, params.cut.width - 2 * shrink
    if min(height, width) < 1:
        return weight
    top, left = corner[0] + shrink, corner[1] + shrink
    rows = (np.arange(height) + 0.5) / height * 2 - 1
    columns = (np.arange(width) + 0.5) / width * 2 - 1
    within = rows[:, None] ** 2 + columns**2 <= (1 if params.form == "ellipse" else 2)
    weight[top : top + height, left : left + width] = params.strength * within
    if params.radius:
        weight = np.asarray(cv2.GaussianBlur(weight, (0, 0), params.radius * scene.lungs.unit), np.float32)
    return np.where(scene.inside, weight, 0).astype(np.float32)
