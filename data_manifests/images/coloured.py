"""Refuse pictures of several strong colours: heat maps, and radiographs with one drawn over them."""

from pathlib import Path

import numpy as np
from PIL import Image

from artasyn.data_manifests.errors import ImageError

__all__ = ["refuse_coloured"]

SIDE = 256
"""Pixels to which a side is reduced: colours of areas count, not of letters."""
STRONG = 40
"""Difference between the channels from which a colour is strong; a tinted radiograph is one colour, however strong."""
SHARE = 0.05
"""Share of the pixels that a strong colour must have."""
SECTORS = 6
"""Of the circle of colours: red, yellow, green, cyan, blue, magenta."""


def refuse_coloured(path: Path, picture: Image.Image) -> None:
    """Raise ImageError (colour) where strong colours that are no neighbours fill 5 % of an RGB picture each."""
    small = picture.resize((min(SIDE, picture.width), min(SIDE, picture.height)), Image.Resampling.NEAREST)
    pixels = np.array(small, np.int16)
    strong = pixels.max(axis=2) - pixels.min(axis=2) > STRONG
    if strong.mean() < 2 * SHARE:
        return
    hues = np.array(small.convert("HSV"))[..., 0][strong].astype(np.int64)
    sectors = (hues * SECTORS + 128) // 256 % SECTORS
    found = np.flatnonzero(np.bincount(sectors, minlength=SECTORS) >= SHARE * strong.size)
    if any(min(b - a, SECTORS - b + a) > 1 for a in found for b in found if b > a):
        reason = "is in several strong colours: a heat map, or a radiograph with one over it"
        raise ImageError(path, reason, "give the grey radiograph", kind="colour")
