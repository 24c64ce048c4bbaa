"""Words and gaps between the pictures of a sheet."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["beside", "caption", "titles"]

CAPTION, GAP = 20, 4
"""Pixels: height of a line of words, and between pictures."""
Colour = NDArray[np.uint8]


def caption(text: str, width: int) -> Colour:
    """Return a white bar with text, `(CAPTION, width, 3)`; cut where it is too long."""
    bar = np.full((CAPTION, width, 3), 255, np.uint8)
    cv2.putText(bar, text, (4, CAPTION - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
    return bar


def titles(texts: Sequence[str], width: int) -> Colour:
    """Return a line of captions that stand over pictures of `width` beside each other."""
    return beside([caption(text, width) for text in texts])


def beside(pictures: Sequence[Colour], *, gap: int = GAP) -> Colour:
    """Return pictures of equal height in one line, with gaps of so many pixels."""
    space = np.full((pictures[0].shape[0], gap, 3), 255, np.uint8)
    return np.concatenate([part for picture in pictures for part in (picture, space)][:-1], axis=1)
