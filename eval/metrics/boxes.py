"""What an anomaly map says of the boxes that readers drew: one image at a time, arrays in, numbers out.

Boxes are `(n, 4)` float64: x, y, width, height in pixels of the image. A pixel lies in a box where its centre does.
"""

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.ratio import ratio
from artasyn.eval.metrics.regions import EIGHT_CONNECTED

__all__ = [
    "draw_boxes",
    "energy_inside",
    "fill_boxes",
    "find_marks",
    "intersections",
    "match_boxes",
    "pointing",
]

Map = NDArray[np.float32]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

REACH = 16
"""Marks are local maxima: no higher value lies within a 1 / REACH of the image's side, in rows and columns."""

LEAST_AREA = 0.001
"""Regions of the map smaller than this share of the image are specks and give no box."""


def fill_boxes(boxes: Floats, shape: tuple[int, int]) -> Mask:
    """Return the union of the boxes, `(H, W)`; a box narrower than a pixel marks the one that holds its middle."""
    filled = np.zeros(shape, bool)
    for x, y, width, height in boxes:
        filled[_span(y, height, shape[0]), _span(x, width, shape[1])] = True
    return filled


def pointing(anomaly: Map, truth: Mask) -> float:
    """Return 1 where the map's highest pixel lies in the truth, else 0; among equals, the share of them that does."""
    return float(truth[anomaly == anomaly.max()].mean())


def energy_inside(anomaly: Map, truth: Mask) -> float:
    """Return the share of the map's sum that lies in the truth; 0 for an empty map."""
    total = float(anomaly.sum(dtype=np.float64))
    return float(anomaly[truth].sum(dtype=np.float64)) / total if total > 0 else 0.0


def find_marks(anomaly: Map) -> tuple[Map, Floats]:
    """Return the local maxima above 0: their values `(K,)` and centres `(K, 2)`, x and y in pixels.

    Equal neighbours are one mark, at the mean of their places.
    """
    from scipy import ndimage  # a fifth of a second: spared where figures are only added up

    side = 2 * max(1, round(max(anomaly.shape) / REACH)) + 1
    highest = ndimage.maximum_filter(anomaly, size=side, mode="constant", cval=0.0)
    labels, count = ndimage.label((anomaly == highest) & (anomaly > 0), structure=EIGHT_CONNECTED)
    if not count:
        return np.zeros(0, np.float32), np.zeros((0, 2))
    numbers = np.arange(1, count + 1)
    centres = np.array(ndimage.center_of_mass(labels > 0, labels, numbers))
    return np.asarray(ndimage.maximum(anomaly, labels, numbers), np.float32), centres[:, ::-1] + 0.5


def draw_boxes(anomaly: Map, *, threshold: float) -> tuple[Floats, Map]:
    """Return the boxes `(K, 4)` around the map's 8-connected regions at or above `threshold`, and their highest values.

    Regions smaller than `LEAST_AREA` of the image are left out.
    """
    from scipy import ndimage  # as above

    labels, count = ndimage.label(anomaly >= float(np.float32(threshold)), structure=EIGHT_CONNECTED)
    areas = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    kept = np.flatnonzero(areas >= LEAST_AREA * anomaly.size)
    places = ndimage.find_objects(labels)
    boxes = [_around(*places[k]) for k in kept]
    values = ndimage.maximum(anomaly, labels, kept + 1) if len(kept) else []
    return np.array(boxes, np.float64).reshape(-1, 4), np.asarray(values, np.float32)


def intersections(drawn: Floats, truth: Floats) -> Floats:
    """Return intersection over union of each drawn with each true box: `(K, 4)`, `(n, 4)` -> `(K, n)`."""
    start = np.maximum(drawn[:, None, :2], truth[None, :, :2])
    ends = [boxes[..., :2] + boxes[..., 2:] for boxes in (drawn[:, None], truth[None])]
    shared = np.clip(np.minimum(*ends) - start, 0, None).prod(-1)
    areas = drawn[:, None, 2:].prod(-1) + truth[None, :, 2:].prod(-1) - shared
    return ratio(shared, areas, empty=0.0)


def match_boxes(overlaps: Floats, values: Map, *, least: float) -> Mask:
    """Tell which drawn boxes find a true one, `(K,)`: the highest first, each the free one it overlaps most.

    A true box is found once; a drawn box needs an overlap of at least `least`.
    """
    matched, free = np.zeros(len(values), bool), np.ones(overlaps.shape[1], bool)
    for k in np.argsort(-values, kind="stable"):
        open_to = np.where(free, overlaps[k], -1.0)
        best = int(open_to.argmax()) if free.any() else -1
        if best >= 0 and open_to[best] >= least:
            matched[k], free[best] = True, False
    return matched


def _span(start: float, length: float, side: int) -> slice:
    """Return the pixels whose centres lie between both ends, cut at the image's border; at least one."""
    first, last = round(start), round(start + length)
    if first >= last:
        first = int(start + length / 2)
        last = first + 1
    first = min(max(first, 0), side - 1)
    return slice(first, max(min(last, side), first + 1))


def _around(rows: slice, columns: slice) -> tuple[int, int, int, int]:
    return columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start
