"""Masks that are odd: taken for a radiograph, inverted, or empty where something should be marked."""

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.corpora.radiograph import Radiograph
from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.mask_labels import looks_like_mask

__all__ = ["mask_notes", "refuse_mask"]

MARKS_ALL = 0.9
"""Share of the image from which a mask is told to mark everything."""


def refuse_mask(radiograph: Radiograph, decoded: NDArray[np.uint8]) -> None:
    """Raise ImageError where an image without lungs is a mask: scored as a radiograph it would flatter any figure."""
    if looks_like_mask(decoded):
        reason = "holds a few grey values and no lungs: a mask, it seems, not a radiograph"
        remedy = "name the folder of the masks with --mask-dir"
        raise ImageError(radiograph.image_id, reason, remedy, kind="suspected_mask")


def mask_notes(mask: NDArray[np.bool_] | None, radiograph: Radiograph) -> list[str]:
    """Return what is odd about a mask that is taken all the same, each as a kind and a sentence."""
    if mask is None:
        return []
    if mask.mean() > MARKS_ALL:
        return [f"mask_marks_all: {mask.mean():.0%} of the image, perhaps inverted"]
    if radiograph.label == "abnormal" and not mask.any():
        return ["empty_mask: nothing is marked in an abnormal image"]
    return []
