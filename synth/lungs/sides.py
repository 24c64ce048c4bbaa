"""Tell the two lungs of an unlabelled lung mask apart."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["label_sides"]

SPECK = 0.02
"""Components below this share of the largest follow the side they lie on, but do not decide where the middle is."""


def label_sides(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return the lung labels (H, W) uint8 of a mask of both lungs (H, W), marked where above 0.

    1 for components left of the middle (the patient's right lung), 2 for the others. The middle lies half-way between
    the two largest components; a single one is cut at its centre of mass.
    """
    mask = np.asarray(mask) > 0
    count, components, stats, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    labels = np.zeros(mask.shape, np.uint8)
    if count == 1:
        return labels
    columns = centres[1:, 0]
    areas = stats[1:, cv2.CC_STAT_AREA]
    largest = np.argsort(-areas, kind="stable")[:2]
    middle = columns[largest].mean()
    if len(largest) < 2 or areas[largest[1]] < SPECK * areas[largest[0]]:
        right = np.arange(mask.shape[1]) < columns[largest[0]]
        labels[mask] = np.where(np.broadcast_to(right, mask.shape)[mask], 1, 2)
        return labels
    side = np.concatenate([[0], np.where(columns < middle, 1, 2)]).astype(np.uint8)
    return np.asarray(side[components], np.uint8)
