"""The published rule for lung fields, slow and obvious: written from the text (WACV 2026, arXiv 2512.00310)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_fill_holes
from skimage.measure import label, regionprops

from artasyn.synth.lungs import LEFT, RIGHT, PbtsegConfig


def oracle(image: NDArray[np.uint8], config: PbtsegConfig) -> NDArray[np.uint8]:
    """Return labels (H, W) by labelling every cut and measuring every component."""
    lungs: dict[int, NDArray[np.bool_]] = {}
    areas = {RIGHT: 0, LEFT: 0}
    for threshold in range(config.first_threshold, config.last_threshold + 1, config.step):
        components = label(image <= threshold, connectivity=2)
        candidates = [r for r in regionprops(components) if is_candidate(r, image.shape, config)]
        candidates.sort(key=lambda r: r.area, reverse=True)
        for region in candidates[:2]:
            _, left, _, right = region.bbox
            side = RIGHT if left < image.shape[1] / 3 else LEFT if right > image.shape[1] * 2 / 3 else 0
            if side and region.area > areas[side]:
                areas[side] = region.area
                lungs[side] = components == region.label
        if not candidates and threshold > config.hopeless_after:
            break
    labels = np.zeros(image.shape, np.uint8)
    for side in sorted(lungs):
        labels[binary_fill_holes(lungs[side])] = side
    return labels


def is_candidate(region: Any, shape: tuple[int, ...], config: PbtsegConfig) -> bool:
    top, left, bottom, right = region.bbox
    row, column = region.centroid
    height, width = shape
    return (
        config.min_area * height * width < region.area < config.max_area * height * width
        and bottom - top > right - left
        and region.solidity > config.min_solidity
        and height / 6 < row < height * 5 / 6
        and width / 6 < column < width * 5 / 6
        and border_share(region, shape) < config.max_border
    )


def border_share(region: Any, shape: tuple[int, ...]) -> float:
    top, left, bottom, right = region.bbox
    hull = np.zeros(shape, np.uint8)
    hull[top:bottom, left:right] = region.image_convex
    border = np.ones(shape, bool)
    border[1:-1, 1:-1] = False
    return (hull.astype(bool) & border).sum() / max(1, regionprops(hull)[0].perimeter)
