"""Regions of a radiograph that may be a lung: dark components of many cuts, outlined and measured."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.lungs.lung_field import LEFT, RIGHT
from artasyn.synth.lungs.morphology import MARGIN, complete_outline, disc

__all__ = ["WORK_SIZE", "Candidate", "find_candidates"]

WORK_SIZE = 128
"""Side of the square in which lungs are looked for, in pixels."""

_LEVELS = np.linspace(0.06, 0.72, 14)
_NECK_RADII = (0, 2)
_SMOOTHING = 0.8
_NEIGHBOURHOOD = 85


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One possible lung, measured on the `WORK_SIZE` square; lengths and areas are shares of its side and area."""

    side: int
    """`RIGHT` or `LEFT`: the half of the image where the dark component's centroid lies."""
    corner: tuple[int, int]
    """Row and column of `mask`'s first pixel, which may lie up to `MARGIN` pixels outside the square."""
    mask: NDArray[np.uint8]
    """Outline (h, w) {0, 1} up to the ribs' tangents, with an empty margin."""
    area: float
    left: float
    right: float
    top: float
    bottom: float
    contrast: float
    """Grey step from just inside to just outside the outline, in standard deviations of the image."""
    solidity: float
    """Area over the area of the convex hull."""
    roundness: float
    """4 pi area / perimeter squared: 1 for a disc, low for a ragged outline."""
    darkness: float
    """Share of the outline that the dark component filled by itself."""
    border: float
    """Length along which the dark component meets the border of the image."""


def find_candidates(square: NDArray[np.uint8]) -> list[Candidate]:
    """Cut the image (WORK_SIZE, WORK_SIZE) uint8 at many grey levels and return each component like a lung.

    Levels are quantiles, so exposure does not matter. Cuts are made in the image and in its locally normalised twin
    (lungs brighter below than above), each as it is and with thin necks opened (leaks through the apex).
    """
    grey = np.asarray(cv2.GaussianBlur(square.astype(np.float32), (0, 0), _SMOOTHING), np.float32)
    middle = slice(WORK_SIZE // 10, -(WORK_SIZE // 10))
    found = []
    for image in (grey, _locally_normalised(grey)):
        for level in np.unique(np.quantile(image[middle, middle], _LEVELS)):
            cut = (image <= level).astype(np.uint8)
            for radius in _NECK_RADII:
                found += [_measured(c, side, grey, opened=radius > 0) for c, side in _components(cut, radius)]
    return found


def _locally_normalised(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    size = (_NEIGHBOURHOOD, _NEIGHBOURHOOD)
    mean = cv2.blur(grey, size, borderType=cv2.BORDER_REFLECT)
    variance = cv2.blur(grey * grey, size, borderType=cv2.BORDER_REFLECT) - mean * mean
    return np.asarray((grey - mean) / np.sqrt(np.maximum(variance, 0) + 25), np.float32)


@dataclass(frozen=True, slots=True)
class _Component:
    mask: NDArray[np.uint8]  # cropped
    row: int
    column: int
    border: int  # pixels


def _components(cut: NDArray[np.uint8], neck_radius: int) -> Iterator[tuple[_Component, int]]:
    """Yield the components of roughly a lung's size, shape and place, each with its side."""
    opened = cv2.morphologyEx(cut, cv2.MORPH_OPEN, disc(neck_radius)) if neck_radius else cut
    _, labels, boxes, centroids = cv2.connectedComponentsWithStats(opened, connectivity=4, ltype=cv2.CV_16U)
    for label, ((x, y, w, h, area), (column, row)) in enumerate(zip(boxes, centroids, strict=True)):
        fits = 0.012 < area / WORK_SIZE**2 < 0.24 and h >= max(0.8 * w, 0.22 * WORK_SIZE)
        central = 0.12 < column / WORK_SIZE < 0.88 and 0.2 < row / WORK_SIZE < 0.8
        if label == 0 or not (fits and central) or y == 0:
            continue
        mask = np.asarray(labels[y : y + h, x : x + w] == label, np.uint8)
        at_right, at_bottom = x + w == WORK_SIZE, y + h == WORK_SIZE
        border = (x == 0) * mask[:, 0].sum() + at_right * mask[:, -1].sum() + at_bottom * mask[-1].sum()
        if border <= 0.08 * WORK_SIZE:
            yield _Component(mask, y, x, int(border)), RIGHT if column < WORK_SIZE / 2 else LEFT


def _measured(component: _Component, side: int, grey: NDArray[np.float32], *, opened: bool) -> Candidate:
    dark = cv2.copyMakeBorder(component.mask, *(MARGIN,) * 4, cv2.BORDER_CONSTANT, value=0)
    mask = complete_outline(np.asarray(cv2.dilate(dark, disc(1)) if opened else dark, np.uint8), side)
    corner = (component.row - MARGIN, component.column - MARGIN)
    contour = max(cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=cv2.contourArea)
    x, y, w, h = cv2.boundingRect(contour)
    area, length, hull = int(mask.sum()), cv2.arcLength(contour, closed=True), cv2.convexHull(contour)
    return Candidate(
        side=side,
        corner=corner,
        mask=mask,
        area=area / WORK_SIZE**2,
        left=(corner[1] + x) / WORK_SIZE,
        right=(corner[1] + x + w) / WORK_SIZE,
        top=(corner[0] + y) / WORK_SIZE,
        bottom=(corner[0] + y + h) / WORK_SIZE,
        contrast=_contrast(mask, corner, grey),
        solidity=area / (cv2.contourArea(hull) + cv2.arcLength(hull, closed=True) / 2 + 1),
        roundness=4 * np.pi * area / length**2,
        darkness=component.mask.sum() / area,
        border=component.border / WORK_SIZE,
    )


def _contrast(mask: NDArray[np.uint8], corner: tuple[int, int], grey: NDArray[np.float32]) -> float:
    rows = np.clip(np.arange(mask.shape[0]) + corner[0], 0, WORK_SIZE - 1)
    columns = np.clip(np.arange(mask.shape[1]) + corner[1], 0, WORK_SIZE - 1)
    around = grey[np.ix_(rows, columns)]
    outside = cv2.subtract(cv2.dilate(mask, disc(2)), mask)
    inside = cv2.subtract(mask, cv2.erode(mask, disc(2)))
    step = cv2.mean(around, outside)[0] - cv2.mean(around, inside)[0]
    eighth = slice(WORK_SIZE // 8, -(WORK_SIZE // 8))
    return float(step / (grey[eighth, eighth].std() + 5))
