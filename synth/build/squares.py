"""Bring a radiograph, its masks and its boxes to the square of a store."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.corpora.radiograph import Box
from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.geometry import Squaring
from artasyn.data_manifests.images.run_lengths import fits
from artasyn.synth.config import SynthConfig

__all__ = ["square_box", "square_mask", "squaring_of"]


def squaring_of(decoded: NDArray[np.uint8], config: SynthConfig) -> Squaring:
    """Return how a decoded image `(H, W)` becomes an image of the store."""
    return Squaring((decoded.shape[0], decoded.shape[1]), config.size, config.squaring)


def square_mask(mask: NDArray[np.bool_], decoded: NDArray[np.uint8], squaring: Squaring) -> NDArray[np.bool_]:
    """Bring a mask to the size of the store. Raises ImageError where it cannot be its image's."""
    if not fits(mask.shape, decoded.shape):
        (height, width), (rows, columns) = mask.shape, decoded.shape
        reason = f"its mask has {width} x {height} pixels, the image {columns} x {rows}"
        raise ImageError("mask", reason, "give the mask of this very image", kind="bad_mask")
    return replace(squaring, shape=(mask.shape[0], mask.shape[1])).mask(mask)


def square_box(box: Box, squaring: Squaring) -> list[float | str]:
    """Scale a box from pixels of the source to pixels of the stored image; its finding comes last, if it has one."""
    scaled = squaring.box((box.x, box.y, box.width, box.height))
    return [*(round(value, 3) for value in scaled), *([box.finding] if box.finding else [])]
