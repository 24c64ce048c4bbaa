"""Masks and boxes that are odd: a mask taken for a radiograph, inverted, or empty; boxes outside their image."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.corpora.radiograph import Box, Radiograph
from artasyn.data_manifests.corpora.understood import some
from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.mask_labels import class_shares, looks_like_mask

__all__ = [
    "box_notes",
    "class_notes",
    "fills_lungs",
    "hollow_notes",
    "lung_agreement",
    "mask_notes",
    "refuse_mask",
]

MARKS_ALL = 0.9
"""Share of the image from which a mask is told to mark everything."""
AS_LUNGS = 0.85
"""Dice with the lungs from which a mask may be one of the lungs: 98 % of 109 human lung masks have more, and a third
of as many outlines of COVID-19, which are coarse."""
FEW = 8
"""More labels, none as large as a lung, are instances."""
LUNG = 0.04
"""Share of the image from which a label may be a lung: such a mask has classes, though each is whole."""
HOLLOW = 2.5
"""Times its own area from which a mask surrounds what it does not mark; 220 masks of COVID-19 surround nothing."""
INSIDE = 0.1
"""Share of a mask in the frame around the lungs below which it is told; of 218 masks of COVID-19 the least has 0.93."""
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
        return [f"mask_marks_all: {100 * mask.mean():.0f} % of the image, perhaps inverted"]
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    if border.all():
        return ["mask_marks_border: all of its border, perhaps inverted, or with a frame"]
    if radiograph.label == "normal" and mask.any():
        return [
            f"mask_in_normal: {100 * mask.mean():.1f} % of a normal image, perhaps a lung mask (--lung-mask-dir)"
        ]
    if radiograph.label == "abnormal" and not mask.any():
        values = ", ".join(map(str, radiograph.mask_values))
        without = f", no pixel has the value {values}" if values else ""
        return [f"empty_mask: nothing is marked in an abnormal image{without}"]
    return []


def class_notes(labels: NDArray[np.integer[Any]] | None) -> list[str]:
    """Return that a mask (H, W) has several values, which may be classes of which not all are disease."""
    shares = {} if labels is None else class_shares(labels)
    if labels is None or not shares or (len(shares) > FEW and max(shares.values()) < LUNG):
        return []
    said = some(f"{value} ({100 * share:.1f} % of it)" for value, share in shares.items())
    if max(shares.values()) < LUNG and _are_instances(labels):
        reason = f"its values {said} are a piece each, apart from the others: taken for one lesion each"
        return [f"mask_instances: {reason}; name those of disease with --mask-values if they are classes"]
    return [
        f"mask_classes: its values {said} all count as disease, name those of disease with --mask-values if not all are"
    ]


def _are_instances(labels: NDArray[np.integer[Any]]) -> bool:
    """Say whether labels (H, W) number pieces that do not touch: 1, 2, 3, each of them whole."""
    values = np.unique(labels[labels > 0])
    if not np.array_equal(values, np.arange(1, len(values) + 1)):
        return False
    count, pieces = cv2.connectedComponents((labels > 0).astype(np.uint8), connectivity=8)
    pairs = np.unique(pieces[labels > 0].astype(np.int64) * (len(values) + 1) + labels[labels > 0])
    return len(values) == count - 1 == len(pairs)


def hollow_notes(mask: NDArray[np.bool_] | None) -> list[str]:
    """Return that a mask (H, W) is a line around something: drawn outlines that nobody filled."""
    if mask is None or not mask.any():
        return []
    outside = np.pad(mask.astype(np.uint8), 1)
    cv2.floodFill(outside, None, (0, 0), 2)
    times = np.count_nonzero(outside != 2) / np.count_nonzero(mask)
    return (
        [f"mask_hollow: it surrounds {times:.1f} times its own area, outlines not filled perhaps"]
        if times > HOLLOW
        else []
    )


def lung_agreement(marked: NDArray[np.uint8], lungs: NDArray[np.uint8]) -> list[str]:
    """Return what is odd about a mask (H, W) beside the lungs (H, W): it marks them whole, or lies elsewhere."""
    return [*fills_lungs(marked, lungs), *_outside(marked, lungs)]


def _outside(marked: NDArray[np.uint8], lungs: NDArray[np.uint8]) -> list[str]:
    """Return that a mask (H, W) lies beside the frame around both lungs (H, W): turned, shifted, or another image's."""
    rows, columns = (np.flatnonzero((lungs > 0).any(axis=axis)) for axis in (1, 0))
    total = np.count_nonzero(marked)
    if not total or not len(rows):
        return []
    inside = np.count_nonzero(marked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]) / total
    said = f"mask_outside_lungs: {100 * inside:.0f} % of it lies in the frame around the lungs, another image's perhaps"
    return [said] if inside < INSIDE else []


def fills_lungs(marked: NDArray[np.uint8], lungs: NDArray[np.uint8]) -> list[str]:
    """Return that a mask (H, W) marks both lungs (H, W) and little else: a lung mask taken for one of disease."""
    total = int(np.count_nonzero(marked)) + int(np.count_nonzero(lungs))
    dice = 2 * int(np.count_nonzero((marked > 0) & (lungs > 0))) / max(1, total)
    said = f"mask_fills_lungs: Dice {dice:.2f} with the lungs, perhaps a lung mask (--lung-mask-dir)"
    return [said] if dice > AS_LUNGS else []


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
