"""The outline of a mask, drawn by one rule in every picture."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["outline_of", "with_outline"]

Picture = NDArray[np.uint8]


def outline_of(mask: NDArray[np.bool_], *, width: int = 1) -> NDArray[np.bool_]:
    """Return the pixels of the mask `(H, W)` less than `width` rows and columns away from a pixel outside it.

    What lies beyond the image counts as outside.
    """
    inner = np.pad(mask, width)
    for _ in range(width):
        inner[1:-1] = inner[:-2] & inner[1:-1] & inner[2:]
        inner[:, 1:-1] = inner[:, :-2] & inner[:, 1:-1] & inner[:, 2:]
    return np.asarray(mask & ~inner[width:-width, width:-width])


def with_outline(
    picture: Picture, mask: NDArray[np.bool_], colour: tuple[int, int, int], *, width: int = 1
) -> Picture:
    """Return the RGB picture `(H, W, 3)` with the outline of the mask in `colour`."""
    return np.where(outline_of(mask, width=width)[..., None], np.asarray(colour, np.uint8), picture)
