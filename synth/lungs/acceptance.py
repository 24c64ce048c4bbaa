"""Decide whether a pair of lung fields can be what it claims to be."""

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.lungs.lung_field import LEFT, RIGHT

__all__ = ["SHAPE_REASONS", "rejection"]

SHAPE_REASONS = frozenset({"no_lung", "one_lung", "leaks_to_border", "implausible_shape", "flat"})
"""What `rejection` may answer beside ""."""

_MIN_AREA = 0.005
_MAX_AREA = 0.30
_MAX_RATIO = 5.0
_MIN_SOLIDITY = 0.45
_MAX_BORDER = 0.25
_MAX_ONE_GREY = 0.5


def rejection(labels: NDArray[np.uint8], image: NDArray[np.uint8]) -> str:
    """Return "" for labels (H, W) of two plausible lungs of an image (H, W), else the first reason that holds.

    no_lung, one_lung: a side covers less than 0.5 % of the image.
    leaks_to_border: more than 25 % of a lung's contour lies on the image's border.
    implausible_shape: a lung covers more than 30 %, or 5 times the other, or fills less than 45 % of its convex hull,
    or the right lung's centre is not left of the left lung's.
    flat: more than half of a lung has one and the same grey value, as in a mask; in radiographs it is under 15 %.
    """
    areas = [np.count_nonzero(labels == side) / labels.size for side in (RIGHT, LEFT)]
    present = sum(1 for area in areas if area >= _MIN_AREA)
    if present < 2:
        return ("no_lung", "one_lung")[present]
    contours = [_contour(np.asarray(labels == side, np.uint8)) for side in (RIGHT, LEFT)]
    if max(_border_share(contour, labels.shape) for contour in contours) > _MAX_BORDER:
        return "leaks_to_border"
    centres = [np.flatnonzero((labels == side).any(axis=0)).mean() for side in (RIGHT, LEFT)]
    solid = min(_solidity(contour) for contour in contours) >= _MIN_SOLIDITY
    alike = max(areas) <= min(_MAX_AREA, _MAX_RATIO * min(areas))
    if not (solid and alike and centres[0] < centres[1]):
        return "implausible_shape"
    return "flat" if max(_one_grey(image, labels == side) for side in (RIGHT, LEFT)) > _MAX_ONE_GREY else ""


def _contour(mask: NDArray[np.uint8]) -> NDArray[np.int32]:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(max(contours, key=len), np.int32).reshape(-1, 2)


def _border_share(contour: NDArray[np.int32], shape: tuple[int, ...]) -> float:
    last = np.array([shape[1] - 1, shape[0] - 1])
    return float(((contour == 0) | (contour == last)).any(axis=1).mean())


def _solidity(contour: NDArray[np.int32]) -> float:
    return cv2.contourArea(contour) / max(1.0, cv2.contourArea(cv2.convexHull(contour)))


def _one_grey(image: NDArray[np.uint8], lung: NDArray[np.bool_]) -> float:
    """Return the share of a lung that its most frequent grey value covers."""
    pixels = cv2.calcHist([image], [0], lung.astype(np.uint8), [256], [0, 256])
    return float(pixels.max() / pixels.sum())
