"""Let lung and surroundings compete for the pixels between them, each with its grey values nearby.

No single cut fits a whole lung: the recesses beside the diaphragm and the apices are brighter than the middle. Here a
pixel at the edge goes to the region whose local mean it is nearer to, as in localised region-based active contours
(Lankton and Tannenbaum, IEEE Trans Image Process 17(11), 2008).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.lungs.lung_field import LEFT, RIGHT
from artasyn.synth.lungs.morphology import MARGIN, disc, straighten_wall

__all__ = ["refine_edges"]

Mask = NDArray[np.uint8]
Grey = NDArray[np.float32]

_ROUNDS = 8
_WINDOW = 17
_BAND = 2
_SMOOTHING = 0.8


def refine_edges(square: NDArray[np.uint8], right: Mask, left: Mask) -> tuple[Mask, Mask]:
    """Return both lungs {0, 1} with their edges moved to where the image (H, W) uint8 changes nearby."""
    grey = np.asarray(cv2.GaussianBlur(square.astype(np.float32), (0, 0), _SMOOTHING), np.float32)
    for _ in range(_ROUNDS):
        outside = _local_mean(grey, 1 - np.maximum(right, left))
        right, left = _moved(grey, right, outside, RIGHT), _moved(grey, left, outside, LEFT)
        right = np.minimum(right, 1 - left)
    return right, left


def _local_mean(grey: Grey, region: Mask) -> Grey:
    weight = region.astype(np.float32)
    size = (_WINDOW, _WINDOW)
    total = cv2.blur(grey * weight, size, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(
        total / np.maximum(cv2.blur(weight, size, borderType=cv2.BORDER_REPLICATE), 0.02), np.float32
    )


def _moved(grey: Grey, lung: Mask, outside: Grey, side: int) -> Mask:
    """Return the lung after one round; unchanged where nothing of it would be left."""
    nearer_lung = (grey < (_local_mean(grey, lung) + outside) / 2).astype(np.uint8)
    core = cv2.erode(lung, disc(_BAND))
    moved = np.asarray(cv2.medianBlur(cv2.min(cv2.max(nearer_lung, core), cv2.dilate(lung, disc(_BAND))), 3))
    framed = cv2.copyMakeBorder(moved, *(MARGIN,) * 4, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(framed, cv2.MORPH_CLOSE, disc(2))
    count, parts, boxes, _ = cv2.connectedComponentsWithStats(closed, connectivity=8, ltype=cv2.CV_16U)
    if count < 2:
        return lung
    largest = np.asarray(parts == 1 + boxes[1:, cv2.CC_STAT_AREA].argmax(), np.uint8)
    return straighten_wall(largest, side)[MARGIN:-MARGIN, MARGIN:-MARGIN]
