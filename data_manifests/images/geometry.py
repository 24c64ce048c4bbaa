"""Bring images, masks and boxes to the square of a store, and back."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["pad_to_square", "squeeze_mask_to", "squeeze_to"]

Pixel = TypeVar("Pixel", bound=np.generic)


def squeeze_to(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Resize to (size, size), giving up the proportions: mean over areas along an axis that shrinks, else linear."""
    height = image.shape[0]
    picture = Image.fromarray(image)
    for target in ((size, height), (size, size)):
        shrinks = target[0] < picture.width or target[1] < picture.height
        picture = picture.resize(target, Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR)
    return np.array(picture)


def squeeze_mask_to(mask: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Resize a mask (H, W) to (size, size) by the nearest pixel."""
    picture = Image.fromarray(mask.astype(np.uint8)).resize((size, size), Image.Resampling.NEAREST)
    return np.array(picture).astype(np.bool_)


def pad_to_square(image: NDArray[Pixel]) -> NDArray[Pixel]:
    """Centre an image or mask (H, W) on a black square of its longer side, keeping the proportions."""
    height, width = image.shape
    side = max(height, width)
    square = np.zeros((side, side), dtype=image.dtype)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = image
    return square
