"""Compare lung fields with masks drawn by people."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Overlap", "overlap"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Agreement of a lung field with a mask."""

    dice: float
    """2 |A and B| / (|A| + |B|); 1 when both are empty."""
    iou: float
    """|A and B| / |A or B|; 1 when both are empty."""
    hd95: float
    """95th percentile, over both edges, of the distance to the other edge, in pixels; infinite when one is empty."""


def overlap(found: Mask, drawn: Mask) -> Overlap:
    """Measure the agreement of two masks (H, W) of the same size."""
    shared, total = np.count_nonzero(found & drawn), np.count_nonzero(found) + np.count_nonzero(drawn)
    if total == 0:
        return Overlap(dice=1.0, iou=1.0, hd95=0.0)
    return Overlap(dice=2 * shared / total, iou=shared / (total - shared), hd95=_hd95(found, drawn))


def _hd95(a: Mask, b: Mask) -> float:
    edges = _edge(a), _edge(b)
    if not edges[0].any() or not edges[1].any():
        return float("inf")
    distances = [_distance_to(edges[1])[edges[0]], _distance_to(edges[0])[edges[1]]]
    return float(np.percentile(np.concatenate(distances), 95))


def _edge(mask: Mask) -> Mask:
    inner = cv2.erode(
        mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    return mask & ~np.asarray(inner, np.bool_)


def _distance_to(edge: Mask) -> NDArray[np.float32]:
    return np.asarray(
        cv2.distanceTransform((~edge).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32
    )
