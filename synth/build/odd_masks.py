"""Masks and boxes that are odd: a mask taken for a radiograph, inverted, or empty; boxes outside their image."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.corpora.radiograph import Box, Radiograph
from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.mask_labels import looks_like_mask

__all__ = ["box_notes", "mask_notes", "refuse_mask"]

MARKS_ALL = 0.9
"""Share of the image from which a mask is told to mark everything."""
SLIP = 1.02
"""Share of a side at which a box may end: a reader's hand slips over the border a little."""


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


def box_notes(boxes: Sequence[Box], shape: tuple[int, ...]) -> list[str]:
    """Return what is odd about boxes that are taken all the same."""
    height, width = shape[:2]
    beyond = sum(_ends_beyond(box, height * SLIP, width * SLIP) for box in boxes)
    empty = sum(not box.width or not box.height for box in boxes)
    said = f"boxes_beyond: {beyond} end outside the {width} x {height} pixels: of another size, perhaps"
    return [*([said] if beyond else []), *([f"boxes_empty: {empty} have no area"] if empty else [])]


def _ends_beyond(box: Box, height: float, width: float) -> bool:
    slip = min(height, width) * (1 - SLIP)  # below 0
    return min(box.x, box.y) < slip or box.x + box.width > width or box.y + box.height > height
