"""From a dark component to the outline of a lung: what ribs, clavicles and noise bite off is given back."""

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.lungs.lung_field import LEFT, RIGHT

__all__ = ["MARGIN", "complete_outline", "disc", "fill_holes", "reach_behind_ribs", "straighten_wall"]

Mask = NDArray[np.uint8]

MARGIN = 8
"""Empty pixels that a mask must have on every side, so that nothing here meets its border."""

_NOTCH = 4
_RIB_MARGIN = 1
_APEX_MARGIN = 1


def complete_outline(component: Mask, side: int) -> Mask:
    """Return the lung (H, W) {0, 1} whose dark part is `component`, on an image of 128 x 128 pixels.

    Holes and notches up to 8 pixels are closed. The chest wall is convex, so on its side the outline becomes that of
    the convex hull; towards the heart and the diaphragm it stays.
    """
    return straighten_wall(
        np.asarray(cv2.morphologyEx(fill_holes(component), cv2.MORPH_CLOSE, disc(_NOTCH))), side
    )


def straighten_wall(lung: Mask, side: int) -> Mask:
    """Make the lung (H, W) {0, 1} convex towards the chest wall of its side."""
    outwards = np.asarray(lung if side == RIGHT else cv2.flip(lung, 1), np.uint8)
    outwards = fill_holes(_convex_to_the_left(outwards))
    return outwards if side == RIGHT else np.asarray(cv2.flip(outwards, 1), np.uint8)


def reach_behind_ribs(lung: Mask, side: int) -> Mask:
    """Widen the lung by a pixel to its side and up, where it lies behind the ribs' bright tangents."""
    outwards = (_RIB_MARGIN if side == LEFT else 0, 0)
    wider = cv2.dilate(lung, np.ones((1, _RIB_MARGIN + 1), np.uint8), anchor=outwards)
    return np.asarray(cv2.dilate(wider, np.ones((_APEX_MARGIN + 1, 1), np.uint8), anchor=(0, 0)), np.uint8)


def disc(radius: int) -> Mask:
    """Return a round structuring element of 2 * radius + 1 pixels across."""
    size = 2 * radius + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def fill_holes(mask: Mask) -> Mask:
    """Return the mask {0, 1} with every background region that its border does not reach filled."""
    framed = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    outside = cv2.connectedComponents(1 - np.asarray(framed, np.uint8), connectivity=4, ltype=cv2.CV_32S)[1]
    return np.asarray(outside != outside[0, 0], np.uint8)[1:-1, 1:-1]


def _convex_to_the_left(mask: Mask) -> Mask:
    """Fill each row from the convex hull's left edge to the mask's own."""
    rows = np.flatnonzero(mask.any(axis=1))
    inner, right = mask[rows].argmax(axis=1), mask.shape[1] - 1 - mask[rows, ::-1].argmax(axis=1)
    ends = np.stack([np.concatenate([inner, right]), np.tile(rows, 2)], axis=1).astype(np.int32)
    hull = np.zeros_like(mask)
    cv2.fillConvexPoly(hull, cv2.convexHull(ends), (1,))
    outer = hull[rows].argmax(axis=1)
    columns = np.arange(mask.shape[1])
    filled = mask.copy()
    filled[rows] |= (columns >= outer[:, None]) & (columns <= inner[:, None])
    return filled
