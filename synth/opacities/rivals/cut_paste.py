"""CutPaste: a rectangle, or a thin turned strip, of the image pasted hard at another place.

Li et al., CutPaste: Self-Supervised Learning for Anomaly Detection and Localization, CVPR 2021.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.rivals.scene import Painted, Scene, centred, draw_centre

__all__ = [
    "CutPasteParams",
    "draw_cut",
    "draw_patch",
    "draw_scar",
    "draw_union",
    "jittered",
    "render_cut_paste",
]

AREA, ASPECT, JITTER = (0.02, 0.15), 0.3, 0.1
SCAR_WIDTH, SCAR_HEIGHT, SCAR_ANGLE = (2.0, 16.0), (10.0, 25.0), 45.0

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A rectangle of the image with changed brightness and contrast; corner and size in pixels."""

    row: int
    column: int
    height: int
    width: int
    brightness: float
    contrast: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CutPasteParams:
    """What is cut out and where it is pasted."""

    cut: Cut
    row: int
    """First row of the box that holds the pasted patch."""
    column: int
    angle: float
    """Degrees, counter-clockwise."""


def draw_patch(scene: Scene, *, rng: np.random.Generator) -> CutPasteParams:
    """Draw the variant *patch*: 2 to 15 % of the image, sides up to 1 : 3.3."""
    size = _draw_size(scene, rng=rng)
    row, column = _draw_corner(scene, size, rng=rng)
    return CutPasteParams(cut=draw_cut(scene, size, rng=rng), row=row, column=column, angle=0.0)


def draw_scar(scene: Scene, *, rng: np.random.Generator) -> CutPasteParams:
    """Draw the variant *scar*: a strip of 2-16 by 10-25 pixels, turned by up to 45 degrees."""
    unit = scene.lungs.unit
    size = max(1, round(rng.uniform(*SCAR_HEIGHT) * unit)), max(1, round(rng.uniform(*SCAR_WIDTH) * unit))
    angle = float(rng.uniform(-SCAR_ANGLE, SCAR_ANGLE))
    row, column = _draw_corner(scene, _turned_size(size, angle), rng=rng)
    return CutPasteParams(cut=draw_cut(scene, size, rng=rng), row=row, column=column, angle=angle)


def draw_union(scene: Scene, *, rng: np.random.Generator) -> CutPasteParams:
    """Draw *patch* or *scar*, each in half of the cases."""
    return draw_patch(scene, rng=rng) if rng.random() < 0.5 else draw_scar(scene, rng=rng)


def render_cut_paste(params: CutPasteParams, scene: Scene) -> Painted:
    """Paste the patch; label 1 and mask on all of it."""
    patch = jittered(scene.image, params.cut)
    covered = np.full(patch.shape, 255, np.uint8)
    if params.angle:
        patch, covered = _turned(patch, params.angle), _turned(covered, params.angle)
    box = (
        slice(params.row, params.row + patch.shape[0]),
        slice(params.column, params.column + patch.shape[1]),
    )
    mask = np.zeros(scene.image.shape, np.bool_)
    mask[box] = covered > 0
    altered = scene.image.copy()
    altered[box] = np.where(covered > 0, patch, altered[box])
    return Painted(altered, mask.astype(np.float32), mask, mask)


def draw_cut(scene: Scene, size: tuple[int, int] | None = None, *, rng: np.random.Generator) -> Cut:
    """Draw a rectangle anywhere in the image, of `size` or of the size of the variant *patch*, and its jitter."""
    height, width = size or _draw_size(scene, rng=rng)
    rows, columns = scene.image.shape
    return Cut(
        row=int(rng.integers(rows - height + 1)),
        column=int(rng.integers(columns - width + 1)),
        height=height,
        width=width,
        brightness=float(rng.uniform(1 - JITTER, 1 + JITTER)),
        contrast=float(rng.uniform(1 - JITTER, 1 + JITTER)),
    )


def jittered(image: Grey, cut: Cut) -> Grey:
    """Return the rectangle with its brightness and contrast changed."""
    patch = image[cut.row : cut.row + cut.height, cut.column : cut.column + cut.width].astype(np.float32)
    bright = np.clip(patch * np.float32(cut.brightness), 0, 255)
    mean = bright.mean()
    changed = np.rint(mean + np.float32(cut.contrast) * (bright - mean))
    return np.asarray(np.clip(changed, 0, 255), np.uint8)


def _draw_size(scene: Scene, *, rng: np.random.Generator) -> tuple[int, int]:
    area = rng.uniform(*AREA) * scene.image.size
    aspect = np.exp(rng.uniform(np.log(ASPECT), -np.log(ASPECT)))
    height, width = scene.image.shape
    return min(height, max(1, round(np.sqrt(area / aspect)))), min(
        width, max(1, round(np.sqrt(area * aspect)))
    )


def _draw_corner(scene: Scene, size: tuple[int, int], *, rng: np.random.Generator) -> tuple[int, int]:
    height, width = scene.image.shape
    if scene.in_lung:
        return centred(draw_centre(scene, (0, height), (0, width), rng=rng), size, (height, width))
    return int(rng.integers(max(1, height - size[0] + 1))), int(rng.integers(max(1, width - size[1] + 1)))


def _turned_size(size: tuple[int, int], angle: float) -> tuple[int, int]:
    """Return height and width of the box that a turned rectangle fills."""
    cosine, sine = abs(np.cos(np.deg2rad(angle))), abs(np.sin(np.deg2rad(angle)))
    height, width = size
    return int(np.ceil(height * cosine + width * sine)), int(np.ceil(width * cosine + height * sine))


def _turned(patch: Grey, angle: float) -> Grey:
    height, width = _turned_size(patch.shape, angle)
    matrix = cv2.getRotationMatrix2D(((patch.shape[1] - 1) / 2, (patch.shape[0] - 1) / 2), angle, 1)
    matrix[:, 2] += (width - patch.shape[1]) / 2, (height - patch.shape[0]) / 2
    return np.asarray(cv2.warpAffine(patch, matrix, (width, height), flags=cv2.INTER_NEAREST), np.uint8)
