"""Measures of the published rule that tell a lung from other dark components, as scikit-image has them."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.lungs.pbtseg.components import DarkComponent

__all__ = ["border_share", "is_central", "is_solid"]

Mask = NDArray[np.uint8]

_NEIGHBOURS = np.array([[10, 2, 10], [2, 1, 2], [10, 2, 10]], np.uint8)
"""Weights that give each way in which an outline can pass through a pixel a number of its own."""


def is_central(component: DarkComponent, shape: tuple[int, ...]) -> bool:
    """Tell whether the centroid lies in the central two thirds of the image, both axes."""
    return all(
        length * component.area
        < 6 * (start * component.area + _moment(component.mask, axis))
        < 5 * length * component.area
        for axis, length, start in zip((0, 1), shape, component.box[1::-1], strict=True)
    )


def _moment(mask: Mask, axis: int) -> int:
    """Return the sum of all pixels' rows (`axis` 0) or columns (1)."""
    counts = np.asarray(cv2.reduce(mask, 1 - axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S)).ravel()
    return int(counts @ np.arange(len(counts)))


def is_solid(component: DarkComponent, least: float) -> bool:
    """Tell whether area over the area of the convex hull, both in pixels, is above `least`.

    Pick's theorem bounds the hull's pixels by area and perimeter of the polygon through the outermost centres; few
    components need the hull itself.
    """
    polygon = _polygon(component)
    area, length = cv2.contourArea(polygon), cv2.arcLength(polygon, True)
    if component.area / (area + length + 4) > least:
        return True
    if component.area / (area + 1) <= least:
        return False
    first, last = _hull(component)
    return bool(component.area / (last - first + 1).sum() > least)


def border_share(component: DarkComponent, shape: tuple[int, ...]) -> float:
    """Return the convex hull's pixels on the image border over the hull's perimeter."""
    x, y, w, h = component.box
    if x > 0 and y > 0 and x + w < shape[1] and y + h < shape[0]:
        return 0.0
    first, last = _hull(component)
    columns = np.arange(w)
    hull = ((columns >= first[:, None]) & (columns <= last[:, None])).view(np.uint8)
    inside = hull[int(y == 0) : shape[0] - 1 - y, int(x == 0) : shape[1] - 1 - x]
    return (np.count_nonzero(hull) - np.count_nonzero(inside)) / max(1.0, _perimeter(hull))


def _perimeter(mask: Mask) -> float:
    """Return the length of the outline as scikit-image estimates it (Benkrid and Crookes), in less time."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    inner = cv2.erode(mask, cross, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    outline = mask - np.asarray(inner, np.uint8)
    kinds = cv2.filter2D(outline, -1, _NEIGHBOURS, borderType=cv2.BORDER_CONSTANT)
    lengths = np.zeros(50)
    lengths[[5, 7, 15, 17, 25, 27]] = 1
    lengths[[21, 33]] = 2**0.5
    lengths[[13, 23]] = (1 + 2**0.5) / 2
    return float(np.bincount(kinds[outline > 0], minlength=50) @ lengths)


def _hull(component: DarkComponent) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each row the first and last column of the convex hull's pixels.

    As scikit-image has it: the hull of the mid-points of all pixels' sides, and of the pixels those whose centre lies
    in it or on its edge. Doubled coordinates keep the mid-points whole.
    """
    sides = np.array([[-1, 0], [1, 0], [0, -1], [0, 1]], np.int32)
    hull = _convex((2 * _polygon(component)[:, None] + sides).reshape(-1, 2))
    hull = np.roll(hull, -int(hull[:, 1].argmin()), axis=0)
    bottom = int(hull[:, 1].argmax())
    down, up = hull[: bottom + 1], np.concatenate([hull[:1], hull[: bottom - 1 : -1]])
    rows = np.arange(0, 2 * component.box[3], 2)
    edges = [np.interp(rows, side[:, 1], side[:, 0]) / 2 for side in (down, up)]
    # Crossings are fractions with denominators below 4 * height: far coarser than the tolerance.
    first = np.ceil(np.minimum(*edges) - 1e-9).astype(np.int64)
    return first, np.floor(np.maximum(*edges) + 1e-9).astype(np.int64)


def _polygon(component: DarkComponent) -> NDArray[np.int32]:
    """Return the corners (x, y) of the convex hull of the pixels' centres."""
    outlines, _ = cv2.findContours(component.mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return _convex(outlines[0])


def _convex(points: NDArray[Any]) -> NDArray[np.int32]:
    return np.asarray(cv2.convexHull(points), np.int32).reshape(-1, 2)
