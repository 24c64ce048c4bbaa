"""Refuse lung labels that would be misread, and say how to make them right."""

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ImageError

__all__ = ["check_labels"]

REMEDY = "of a mask of both lungs, artasyn.label_sides(mask > 0) makes such labels"
OTHER = 0.2
"""Area of a second part from which it may be the other lung, as a share of the largest."""


def check_labels(labels: NDArray[np.uint8], shape: tuple[int, ...]) -> None:
    """Raise ImageError (bad_labels) unless labels of an image of `shape` are 0, 1 (patient's right lung), 2 (left)."""
    if labels.dtype != np.uint8 or labels.max(initial=0) > 2:
        highest = labels.max(initial=0)
        reason = f"must be uint8: 0, 1 (patient's right lung), 2 (left); got {labels.dtype} up to {highest}"
        raise ImageError("lung labels", reason, REMEDY, kind="bad_labels")
    if labels.shape != shape:
        reason = f"the lung labels have shape {labels.shape}, the image {shape}"
        raise ImageError("opacity", reason, "segment the lungs of this very image", kind="bad_labels")
    present = [label for label in (1, 2) if (labels == label).any()]
    if len(present) == 1 and _is_both(labels):
        reason = f"{present[0]} marks two parts side by side: both lungs, which need 1 (patient's right) and 2 (left)"
        raise ImageError("lung labels", reason, REMEDY, kind="bad_labels")


def _is_both(labels: NDArray[np.uint8]) -> bool:
    """Say whether what is marked has two large parts, no column of which is the other's."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((labels > 0).astype(np.uint8))
    parts = stats[1:][np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable")[:2]]
    if len(parts) < 2 or parts[1, cv2.CC_STAT_AREA] < OTHER * parts[0, cv2.CC_STAT_AREA]:
        return False
    left, right = sorted((int(p[cv2.CC_STAT_LEFT]), int(p[cv2.CC_STAT_WIDTH])) for p in parts)
    return left[0] + left[1] <= right[0]
