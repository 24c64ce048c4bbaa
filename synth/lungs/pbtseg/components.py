"""Dark components of a radiograph and what they fall into when the cut is lowered: branches of its component tree."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["DarkComponent", "split", "whole"]

Mask = NDArray[np.uint8]

FEW = 4
"""So many labels, background included, are counted one by one sooner than sorted out."""


@dataclass(frozen=True, slots=True)
class DarkComponent:
    """8-connected pixels; `area` in pixels."""

    area: int
    box: tuple[int, int, int, int]  # x, y, width, height
    mask: Mask  # (height, width), 0 or 1

    @property
    def order(self) -> tuple[int, int, int]:
        """Sort the largest first, equals by their first pixel."""
        x, y, _, _ = self.box
        return -self.area, y, x + int(self.mask[0].argmax())


def whole(image: Mask) -> DarkComponent:
    """Return the component of the highest cut: all pixels."""
    return DarkComponent(image.size, (0, 0, image.shape[1], image.shape[0]), np.ones(image.shape, np.uint8))


def split(parent: DarkComponent, image: Mask, threshold: int, *, least: float) -> list[DarkComponent]:
    """Return the components within `parent`, at this lower cut, that may be or may hold a lung.

    That is those of at least `least` pixels and taller than the root of that: a lung is taller than wide.
    """
    x, y, w, h = parent.box
    cut = cv2.threshold(image[y : y + h, x : x + w], threshold, 1, cv2.THRESH_BINARY_INV)[1]
    cut = cv2.bitwise_and(cut, parent.mask)
    if cv2.countNonZero(cut) < least:
        return []
    kind = cv2.CV_16U if cut.size <= 2**16 else cv2.CV_32S  # at most every second pixel starts a component
    count, labels = cv2.connectedComponents(cut, connectivity=8, ltype=kind)
    masks = [(labels == label).view(np.uint8) for label in _tall(np.asarray(labels), count, int(least**0.5))]
    return [_component(mask, x, y) for mask in masks if cv2.countNonZero(mask) >= least]


def _tall(labels: NDArray[Any], count: int, height: int) -> list[int]:
    """Return those of the `count` labels that may be more than `height` rows tall, but for label 0.

    A connected component meets every row between its first and its last, so few rows tell: three at least of those
    a third of the height apart.
    """
    if count <= FEW or height < 2:
        return list(range(1, count))
    rows = labels[:: max(1, height // 3)]
    met = np.zeros(len(rows) * count, np.bool_)
    met[rows + np.arange(0, len(met), count)[:, None]] = True
    by_row = met.reshape(-1, count)
    by_row[:, 0] = False
    tall: list[int] = np.flatnonzero((by_row[:-2] & by_row[1:-1] & by_row[2:]).any(axis=0)).tolist()
    return tall


def _component(mask: Mask, x: int, y: int) -> DarkComponent:
    """Crop the component to its box; `x` and `y` are where the mask lies in the image."""
    left, top, w, h = cv2.boundingRect(mask)
    inside = mask[top : top + h, left : left + w]
    return DarkComponent(cv2.countNonZero(inside), (x + left, y + top, w, h), inside)
