"""Colours of pictures: Okabe and Ito's, RGB, told apart by every kind of colour vision; and grey as RGB."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["GREEN", "ORANGE", "PURPLE", "SKY_BLUE", "as_rgb"]

SKY_BLUE = (86, 180, 233)
ORANGE = (230, 159, 0)
GREEN = (0, 158, 115)
PURPLE = (204, 121, 167)


def as_rgb(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a grey picture `(H, W)` as RGB `(H, W, 3)`."""
    return np.repeat(grey[..., None], 3, axis=2)
