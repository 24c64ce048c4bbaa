"""The mask: exactly the pixels that an opacity changes visibly, specks left out."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["SPECK", "VISIBLE", "visible_mask"]

VISIBLE = 6
"""Least change of a mask pixel in grey values of 255, brighter or darker."""
SPECK = 1 / 2048
"""Least size of a connected piece of the mask (neighbours at edges and corners), as a share of the image's pixels:
32 pixels of a 256-pixel image."""

Grey = NDArray[np.uint8]


def visible_mask(image: Grey, altered: Grey) -> Grey:
    """Return 1 where `altered` differs from `image` by at least `VISIBLE` in a piece of at least `SPECK`, else 0."""
    changed = (cv2.absdiff(image, altered) >= VISIBLE).astype(np.uint8)
    # No 2 x 2 pixels hold two pieces: of few pixels, 16-bit numbers suffice, in half of the time.
    numbers = cv2.CV_16U if changed.size < 2**18 else cv2.CV_32S
    count, found = cv2.connectedComponents(changed, connectivity=8, ltype=numbers)
    pieces = found.astype(np.intp)  # once, as counting and looking up want it
    large = np.bincount(pieces.ravel(), minlength=count) >= SPECK * image.size
    large[0] = False  # what is not changed
    return np.take(large.astype(np.uint8), pieces)
