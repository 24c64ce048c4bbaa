"""What a grey image given as an array must be."""

import numpy as np

from artasyn.data_manifests.errors import ImageError

__all__ = ["MAX_PIXELS", "check_grey"]

MAX_PIXELS = 100_000_000
"""Largest image taken, in pixels; a chest radiograph has about 10 million."""


def check_grey(image: object) -> None:
    """Raise ImageError unless `image` is a grey (H, W) uint8 array with at least one pixel."""
    if not isinstance(image, np.ndarray):
        raise ImageError(
            "image",
            f"must be a grey array (H, W) of uint8, got {type(image).__name__}",
            "read a file with artasyn.data_manifests.images.decode.read_image",
            kind="not_grey_uint8",
        )
    if image.ndim != 2 or image.dtype != np.uint8:
        raise ImageError(
            "image",
            f"must be grey (H, W) uint8, got shape {image.shape} and dtype {image.dtype}",
            "read a file with artasyn.data_manifests.images.decode.read_image; "
            "grey values from 0 to 1 become uint8 by (255 * image).round().astype('uint8')",
            kind="not_grey_uint8",
        )
    if not 0 < image.size <= MAX_PIXELS:
        raise ImageError("image", f"must have 1 to {MAX_PIXELS} pixels, got {image.shape}", kind="bad_size")
