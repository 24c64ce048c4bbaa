"""The outline: what a reader would draw, one smooth region and not every gap of a texture."""

import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import blur

__all__ = ["fill_outline", "reader_outline"]

Grey = NDArray[np.uint8]

FILL = 0.42
"""A pixel belongs to the outline when in this share of the lung about it alpha lies above the threshold."""


def reader_outline(alpha: Grey, lungs: Lungs, *, threshold: int, clip: bool) -> Grey:
    """Return 1 where alpha > `threshold`, else 0; with `clip` inside the lung field only, as readers draw."""
    drawn = alpha > threshold
    return (drawn & (lungs.labels > 0) if clip else drawn).astype(np.uint8)


def fill_outline(alpha: Grey, lungs: Lungs, *, threshold: int, width: float) -> Grey:
    """Raise `alpha` to just above `threshold` in bays and gaps narrower than about `width` (256ths of the image).

    Only inside the lungs, and to at most `threshold` + 1: the outline stays a function of alpha. Beyond it the veil
    fades away, so that its end does not show as a line.
    """
    inside, sigma = lungs.inside, width * lungs.unit
    near = blur((alpha > threshold) * inside, sigma) / np.maximum(lungs.blurred(sigma), np.float32(0.05))
    fading = np.clip(2 * near / np.float32(FILL) - 1, 0, 1) * threshold  # none where half as much lies about
    veil = np.where(near > FILL, threshold + 1, fading).astype(np.uint8)
    return np.where(inside > 0, np.maximum(alpha, veil), alpha)
