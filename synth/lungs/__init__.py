"""Lung fields of a chest radiograph, found without any labelled example."""

import numpy as np
from numpy.typing import NDArray

from synth.lungs.field import LEFT, RIGHT, LungField, check_image
from synth.lungs.published import PublishedLungs, segment_as_published

__all__ = ["LEFT", "RIGHT", "LungConfig", "LungField", "PublishedLungs", "segment_lungs"]

LungConfig = PublishedLungs


def segment_lungs(image: NDArray[np.uint8], config: LungConfig) -> LungField:
    """Outline both lung fields of a grey image (H, W) uint8 of any size, upright and facing the viewer.

    Raises ImageError unless the image is grey uint8.
    """
    check_image(image)
    labels = segment_as_published(np.ascontiguousarray(image), config)
    sides = int((labels == RIGHT).any()) + int((labels == LEFT).any())
    return LungField(labels=labels, quality=sides / 2, reason=("no_lung", "one_lung", "")[sides])
