"""No dark line of spared lung between an opacity and the heart, the diaphragm or the chest wall."""

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field

__all__ = ["close_border_gap"]

GRID = 128
"""Longer side of the grid on which gaps are sought, in cells: two pixels of a 256-pixel image each."""
EDGE = 2.0
"""How far beyond the border the filling fades away, in pixels of a 256-pixel image."""


def close_border_gap(alpha: Field, lungs: Lungs, *, width: float) -> Field:
    """Raise `alpha` `(H, W)` in strips narrower than `width` (256ths of the image) between an opacity and the border.

    Disease that comes so near a border of the lung touches it on a radiograph. Only what the border encloses is
    filled, up to the density of the strip's thinner rim and never beyond it; gaps within the lung stay.
    """
    scale = GRID / max(lungs.shape)
    cells = max(1, round(lungs.shape[1] * scale)), max(1, round(lungs.shape[0] * scale))
    own = np.asarray(cv2.resize(alpha, cells, interpolation=cv2.INTER_AREA), dtype=np.float32)
    inside = cv2.resize(lungs.labels, cells, interpolation=cv2.INTER_NEAREST) > 0
    level = _filled(own, inside, across=max(1, round(width * lungs.unit * scale)))
    # A cell may hold both rim and strip: the level reaches one cell further, where the rim hides it.
    soft = cv2.GaussianBlur(cv2.dilate(level, _disc(3)), (0, 0), 0.6)
    within = np.minimum(2 * lungs.blurred(EDGE * lungs.unit), 1)
    return np.asarray(np.maximum(alpha, cv2.resize(soft, lungs.shape[::-1]) * within), dtype=np.float32)


def _filled(own: Field, inside: NDArray[np.bool_], *, across: int) -> Field:
    """Return the level of strips narrower than `across` cells between an opacity and the border, 0 elsewhere."""
    # Beyond the border an opacity is thought to go on as dense as it is at most within reach of the gap.
    near = cv2.dilate(np.asarray(own * inside, np.float32), _disc(2 * across + 1))
    beyond: Field = np.where(inside, own, np.maximum(own, near)).astype(np.float32)
    raised = np.subtract(_closed(beyond, across), _closed(own, across))
    return np.where(raised > 0, own + raised, 0).astype(np.float32)


def _closed(field: Field, across: int) -> Field:
    """Fill valleys narrower than `across` cells."""
    return np.asarray(cv2.morphologyEx(field, cv2.MORPH_CLOSE, _disc(across | 1)), dtype=np.float32)


def _disc(size: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
