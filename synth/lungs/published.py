"""Lung fields by the published rule: the largest plausible dark component on each side."""

from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.measure import perimeter

from data_manifests.errors import ConfigError
from synth.lungs.lung_field import LEFT, RIGHT
from synth.lungs.outlines import fill_holes

__all__ = ["PublishedLungs", "segment_as_published"]

Mask = NDArray[np.uint8]
Components = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedLungs:
    """PBTSeg of Cao, Fan and Cai (WACV 2026, arXiv 2512.00310); areas are shares of the image."""

    method: Literal["published"] = "published"
    """Tells this table from the other kinds in a settings file."""

    first_threshold: int = 50
    """Lowest grey value at which the image is cut."""

    last_threshold: int = 160
    """Highest grey value at which the image is cut."""

    step: int = 5
    """Distance of two cuts, in grey values."""

    hopeless_after: int = 130
    """Grey value above which the first cut without a candidate ends the search."""

    min_area: float = 2000 / 65536
    """A lung covers more than this share of the image."""

    max_area: float = 10000 / 65536
    """A lung covers less than this share of the image."""

    min_solidity: float = 0.6
    """Area over the area of the convex hull, both in pixels, is above this."""

    max_border: float = 0.15
    """Pixels of the convex hull on the image border, over the hull's perimeter, are below this."""

    def __post_init__(self) -> None:
        """Refuse settings that could never find a lung."""
        if not 0 <= self.first_threshold <= self.last_threshold <= 255 or self.step < 1:
            raise ConfigError("thresholds", "must rise within 0 to 255 by a step of at least 1")
        if not 0 < self.min_area < self.max_area <= 1:
            raise ConfigError("min_area", "must be above 0 and below max_area, which is at most 1")


@dataclass(frozen=True, slots=True)
class _Component:
    area: int
    box: tuple[int, int, int, int]  # x, y, width, height
    mask: Mask  # (height, width), 0 or 1


def segment_as_published(image: NDArray[np.uint8], config: PublishedLungs) -> NDArray[np.uint8]:
    """Return labels (H, W) uint8: 0, RIGHT, LEFT; a side where nothing fits stays empty.

    Equal to labelling every cut and measuring every component with scikit-image, in a fraction of the time.
    """
    thresholds = range(config.first_threshold, config.last_threshold + 1, config.step)
    late = {}
    for threshold in (t for t in thresholds if t > config.hopeless_after):
        late[threshold] = _components(image, threshold, config)
        if not any(_plausible(c, image.shape, config) for c in late[threshold]):
            break
    best: dict[int, _Component] = {}
    # Downwards, components only shrink: most cannot win any more and need no measuring.
    for threshold in reversed([t for t in thresholds if t <= config.hopeless_after or t in late]):
        useful = min(c.area for c in best.values()) if len(best) == 2 else 0
        components = late[threshold] if threshold in late else _components(image, threshold, config, useful)
        candidates = (c for c in components if c.area >= useful and _plausible(c, image.shape, config))
        for candidate in islice(candidates, 2):
            side = _side(candidate, image.shape[1])
            if side and (side not in best or candidate.area >= best[side].area):
                best[side] = candidate
    labels = np.zeros(image.shape, np.uint8)
    for side in sorted(best):
        x, y, w, h = best[side].box
        labels[y : y + h, x : x + w][fill_holes(best[side].mask) > 0] = side
    return labels


def _components(
    image: NDArray[np.uint8], threshold: int, config: PublishedLungs, least: int = 0
) -> list[_Component]:
    """Return the components of one cut in the range of areas, of at least `least` pixels.

    Largest first, equals in the order of their first pixel.
    """
    smallest, largest = max(config.min_area * image.size, least - 1), config.max_area * image.size
    cut = cv2.threshold(image, threshold, 1, cv2.THRESH_BINARY_INV)[1]  # inRange takes ten times as long
    if cv2.countNonZero(cut) <= smallest:
        return []
    kind = cv2.CV_16U if image.size <= 2**16 else cv2.CV_32S  # at most every second pixel starts a component
    components = np.asarray(cv2.connectedComponents(cut, connectivity=8, ltype=kind)[1])
    masks = [(components == label).view(np.uint8) for label in _tall(components, int(smallest**0.5))]
    found = [_component(mask) for mask in masks if smallest < cv2.countNonZero(mask) < largest]
    return sorted(found, key=lambda c: (-c.area, _first_pixel(c)))


def _tall(components: Components, height: int) -> list[int]:
    """Return the labels that may be `height` rows tall: a lung is, being taller than wide.

    A connected component meets every row between its first and its last, so few rows tell.
    """
    rows = components[:: max(1, height // 3)]
    met = np.zeros((len(rows), int(rows.max()) + 1), np.bool_)
    met[np.arange(len(rows))[:, None], rows] = True
    return [int(label) for label in np.flatnonzero(met.sum(axis=0) >= min(3, height)) if label]


def _component(mask: Mask) -> _Component:
    x, y, w, h = cv2.boundingRect(mask)
    inside = mask[y : y + h, x : x + w]
    return _Component(cv2.countNonZero(inside), (x, y, w, h), inside)


def _first_pixel(component: _Component) -> tuple[int, int]:
    return component.box[1], component.box[0] + int(component.mask[0].argmax())


def _side(component: _Component, width: int) -> int:
    x, _, w, _ = component.box
    if 3 * x < width:
        return RIGHT
    return LEFT if 3 * (x + w) > 2 * width else 0


def _plausible(component: _Component, shape: tuple[int, ...], config: PublishedLungs) -> bool:
    _, _, w, h = component.box
    return (
        h > w
        and _central(component, shape)
        and _solid(component, config.min_solidity)
        and _border_share(component, shape) < config.max_border
    )


def _central(component: _Component, shape: tuple[int, ...]) -> bool:
    x, y, _, _ = component.box
    moments = cv2.moments(component.mask, binaryImage=True)
    row, column = y + moments["m01"] / moments["m00"], x + moments["m10"] / moments["m00"]
    return shape[0] < 6 * row < 5 * shape[0] and shape[1] < 6 * column < 5 * shape[1]


def _solid(component: _Component, least: float) -> bool:
    if component.area > least * _octagon_area(component):
        return True  # the hull is no larger
    first, last = _hull(component)
    return bool(component.area > least * (last - first + 1).sum())


def _octagon_area(component: _Component) -> int:
    """Return the pixels of the smallest octagon, with sides at multiples of 45 degrees, around the component."""
    height, width = component.mask.shape
    left, right = _ends(component.mask)
    rows = np.arange(height)
    gap = width - 1 - right
    corners = [int((side + order).min()) for side in (left, gap) for order in (rows, rows[::-1])]
    return int(width * height - sum(corner * (corner + 1) // 2 for corner in corners))


def _ends(mask: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and the last column of each row."""
    filled = mask.view(np.bool_)
    return filled.argmax(axis=1), mask.shape[1] - 1 - filled[:, ::-1].argmax(axis=1)


def _hull(component: _Component) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each row the first and last column of the convex hull's pixels.

    As scikit-image has it: the hull of the mid-points of all pixels' sides, and of the pixels those whose centre lies
    in it or on its edge. Doubled coordinates keep the mid-points whole.
    """
    left, right = _ends(component.mask)
    height = len(left)
    rows = np.tile(np.arange(height), 2)
    centres = _convex(2 * np.stack([np.concatenate([left, right]), rows], axis=1))
    hull = _convex((centres[:, None] + np.array([[-1, 0], [1, 0], [0, -1], [0, 1]])).reshape(-1, 2))
    hull = np.roll(hull, -int(hull[:, 1].argmin()), axis=0)
    bottom = int(hull[:, 1].argmax())
    down, up = hull[: bottom + 1], np.concatenate([hull[:1], hull[: bottom - 1 : -1]])
    edges = [np.interp(2 * rows[:height], side[:, 1], side[:, 0]) / 2 for side in (down, up)]
    # Crossings are fractions with denominators below 4 * height: far coarser than the tolerance.
    first = np.ceil(np.minimum(*edges) - 1e-9).astype(np.int64)
    return first, np.floor(np.maximum(*edges) + 1e-9).astype(np.int64)


def _convex(points: NDArray[np.int64]) -> NDArray[np.int32]:
    return np.asarray(cv2.convexHull(points.astype(np.int32)), np.int32).reshape(-1, 2)


def _border_share(component: _Component, shape: tuple[int, ...]) -> float:
    """Return the convex hull's pixels on the image border over the hull's perimeter."""
    x, y, w, h = component.box
    if x > 0 and y > 0 and x + w < shape[1] and y + h < shape[0]:
        return 0.0
    first, last = _hull(component)
    columns = np.arange(w)
    hull = (columns >= first[:, None]) & (columns <= last[:, None])
    whole = np.zeros(shape, bool)
    whole[y : y + h, x : x + w] = hull
    inside = whole[1:-1, 1:-1].sum()
    return float((whole.sum() - inside) / max(1.0, perimeter(hull)))  # type: ignore[no-untyped-call]
