"""Deformations about a point of a shape: pixels pushed out of it, or drawn into it."""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from artasyn.synth.opacities.rivals.shapes import Shape, reach

__all__ = ["exponent", "pull"]

Values = NDArray[np.float64]


def pull(
    values: Values,
    inside: NDArray[np.bool_],
    shape: Shape,
    centre: tuple[float, float],
    *,
    strength: float,
    outward: bool,
) -> Values:
    """Resample `values` (H, W) in a shape, so that pixels move out of the centre (`outward`) or into it.

    On a ray that meets the edge at R, radius r shows what lay at r^k / R^(k - 1), or at R - (R - r)^k / R^(k - 1).
    """
    places = np.argwhere(inside).astype(np.float64)
    offset = places - centre
    times = np.maximum(reach(shape, centre, offset[:, 0], offset[:, 1]), 1)
    share = 1 / times  # r / R
    k = exponent(_mean_distance(inside, centre), strength=strength, outward=outward)
    sampled = share**k if outward else 1 - (1 - share) ** k
    # The centre itself has no ray.
    factor = np.where(offset.any(axis=1), sampled / share, 1)
    source = centre + offset * factor[:, None]
    result = values.copy()
    result[inside] = map_coordinates(values, source.T, order=1, mode="nearest")
    return result


def exponent(distance: float, *, strength: float, outward: bool) -> float:
    """Return k for a mean distance d from centre to edge: a point near d / 2 moves by about p along each axis.

    p, in pixels, lies between max(0.5, 0.1 M) and min(10, 0.9 M) with M = d / sqrt(2), at `strength` 0 and 1; k is 1
    where the shape is too small for that. The limits 0.5 and 10 are as published, whatever the size of the image.
    """
    most = np.sqrt(distance**2 / 2)
    low, high = max(0.5, 0.1 * most), min(10.0, 0.9 * most)
    if low >= high:
        return 1.0
    q = np.sqrt((low + strength * (high - low)) ** 2 / 2)
    near, far = (distance / 2 - q) / distance, (distance / 2 + q) / distance
    return float(np.log(near) / np.log(far)) if outward else float(np.log(1 - far) / np.log(1 - near))


def _mean_distance(inside: NDArray[np.bool_], centre: tuple[float, float]) -> float:
    """Return the mean distance of the centre to the shape's inner edge, in pixels."""
    padded = np.pad(inside, 1).astype(np.uint8)
    edge = (padded - cv2.erode(padded, np.ones((3, 3), np.uint8)))[1:-1, 1:-1] > 0
    places = np.argwhere(edge)
    return float(np.hypot(*(places - centre).T).mean()) if len(places) else 0.0
