"""What every lung segmentation takes and returns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ImageError

__all__ = ["LEFT", "MAX_PIXELS", "RIGHT", "LungField", "check_image"]

RIGHT = 1
"""Label of the patient's right lung, which lies on the left side of the image."""

LEFT = 2
"""Label of the patient's left lung, which lies on the right side of the image."""

MAX_PIXELS = 100_000_000
"""Largest image taken, in pixels; a chest radiograph has about 10 million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LungField:
    """Both lung fields of one radiograph, with the segmentation's opinion of itself."""

    labels: NDArray[np.uint8]
    """Shape (H, W): 0 outside, `RIGHT` and `LEFT` inside."""

    quality: float
    """In [0, 1]; higher means that the outline is more likely to be right."""

    reason: str
    """Empty when accepted, else why not: one of `artasyn.synth.lungs.REASONS` of the method."""


def check_image(image: NDArray[np.uint8]) -> None:
    """Raise ImageError unless `image` is a grey (H, W) uint8 image with at least one pixel."""
    if image.ndim != 2 or image.dtype != np.uint8:
        raise ImageError(
            "image",
            f"must be grey (H, W) uint8, got shape {image.shape} and dtype {image.dtype}",
            "decode it with artasyn.data_manifests.images.decode.read_image",
            kind="not_grey_uint8",
        )
    if not 0 < image.size <= MAX_PIXELS:
        raise ImageError("image", f"must have 1 to {MAX_PIXELS} pixels, got {image.shape}", kind="bad_size")
