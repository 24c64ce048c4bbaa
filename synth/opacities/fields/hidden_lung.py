"""The part of a lung that a frontal radiograph hides behind heart, diaphragm and mediastinum, estimated.

A lung goes on behind the dome of the diaphragm and behind the heart; the lung field ends at their borders. Its outline
is nearly convex, and on the heart's side it resembles the other lung mirrored.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.fields.noise import Field

__all__ = ["hidden_share"]

GRID = 96
"""Longer side of the coarse grid on which shapes are estimated, in cells."""
RECESS = 0.09
"""How far a lung reaches below the visible base, as a share of its height: the posterior costophrenic recess."""
FADE = 0.04
"""Distance from the visible lung at which its hidden part is 1 / e as thick, as a share of the image's side."""

RIM = 1 / GRID
"""Width of the strip about the visible lung in which the hidden part is as thick as at its border, likewise."""

Labels = NDArray[np.uint8]


def hidden_share(labels: Labels, sides: tuple[int, ...], *, rim: float = RIM) -> dict[int, Field]:
    """Return for each side in `sides` what a ray outside the lung field still meets of that lung.

    1 at the border of the lung field, falling to 0 away from it; 0 in the lung field. `(H, W)` float32.
    """
    scale = GRID / max(labels.shape)
    cells = max(1, round(labels.shape[1] * scale)), max(1, round(labels.shape[0] * scale))
    small = np.asarray(cv2.resize(labels, cells, interpolation=cv2.INTER_NEAREST), np.uint8)
    away = cv2.distanceTransform((small == 0).astype(np.uint8), cv2.DIST_L2, 5)
    fade = np.exp(-np.maximum(away - rim * GRID, 0) / (FADE * GRID))
    outside = labels == 0
    found = {}
    for side in sides:
        whole = _whole_lung(small, side) & (small != 3 - side)
        share = cv2.GaussianBlur((whole * fade).astype(np.float32), (0, 0), 0.8)
        found[side] = np.asarray(cv2.resize(share, labels.shape[::-1]) * outside, dtype=np.float32)
    return found


def _whole_lung(small: NDArray[np.uint8], side: int) -> NDArray[np.bool_]:
    """Return the convex shape of a lung, the other one mirrored added towards the heart, and the recess below."""
    own = (small == side).astype(np.uint8)
    if not own.any():
        return np.zeros_like(own, bool)
    corners = cv2.convexHull(np.asarray(cv2.findNonZero(own)))
    whole = np.asarray(cv2.fillConvexPoly(np.zeros_like(own), corners, (1,)), np.uint8)
    rows, columns = np.nonzero(own)
    if (small == 3 - side).any():
        middle = (columns.mean() + np.nonzero(small == 3 - side)[1].mean()) / 2
        whole |= _mirrored(small == 3 - side, middle) & _towards_heart(own, columns.mean(), side, middle)
    below = max(1, round(RECESS * (rows.max() - rows.min())))
    kernel = np.ones((2 * below + 1, 3), np.uint8)
    kernel[below + 1 :] = 0  # what lies above a cell decides: shapes grow downwards
    return np.asarray(cv2.dilate(whole, kernel) > 0)


def _mirrored(other: NDArray[np.bool_], middle: float) -> NDArray[np.uint8]:
    sources = np.round(2 * middle - np.arange(other.shape[1])).astype(int)
    inside = (sources >= 0) & (sources < other.shape[1])
    return np.asarray(other[:, sources.clip(0, other.shape[1] - 1)] & inside, np.uint8)


def _towards_heart(own: NDArray[np.uint8], centre: float, side: int, middle: float) -> NDArray[np.uint8]:
    """Return the columns between a lung's centre and the middle of the chest."""
    columns = np.arange(own.shape[1])
    between = (
        (columns >= centre) & (columns <= middle) if side == 1 else (columns <= centre) & (columns >= middle)
    )
    return np.broadcast_to(between, own.shape).astype(np.uint8)
