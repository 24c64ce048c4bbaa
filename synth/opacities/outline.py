"""Make the mask what a reader would outline: one smooth region, not every gap of a texture."""

import numpy as np
from numpy.typing import NDArray

from synth.opacities.anatomy import Lungs
from synth.opacities.fields import blur

__all__ = ["fill_outline"]

FILL = 0.42
"""A pixel belongs to the outline when this share of the lung about it lies in the mask."""


def fill_outline(
    alpha: NDArray[np.uint8], lungs: Lungs, *, threshold: int, width: float
) -> NDArray[np.uint8]:
    """Raise `alpha` to just above `threshold` in bays and gaps narrower than about `width` (256ths of the image).

    Only inside the lungs, and by at most `threshold` + 1 grey levels of alpha: the mask stays a function of alpha.
    """
    inside = (lungs.labels > 0).astype(np.float32)
    sigma = width * lungs.unit
    near = blur((alpha > threshold) * inside, sigma) / np.maximum(blur(inside, sigma), np.float32(0.05))
    return np.where((near > FILL) & (inside > 0), np.maximum(alpha, np.uint8(threshold + 1)), alpha)
