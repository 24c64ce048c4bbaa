"""What every lung segmentation takes and returns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEFT", "RIGHT", "LungField"]

RIGHT = 1
"""Label of the patient's right lung, which lies on the left side of the image."""

LEFT = 2
"""Label of the patient's left lung, which lies on the right side of the image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LungField:
    """Both lung fields of one radiograph, with the segmentation's opinion of itself."""

    labels: NDArray[np.uint8]
    """Shape (H, W): 0 outside, `RIGHT` and `LEFT` inside."""

    quality: float
    """In [0, 1]; higher means that the outline is more likely to be right."""

    reason: str
    """Empty when accepted, else why not: one of `artasyn.synth.lungs.REASONS` of the method."""

    def __repr__(self) -> str:
        """Return shape, shares of the image and verdict, not the pixels."""
        right, left = (
            np.count_nonzero(self.labels == side) / max(self.labels.size, 1) for side in (RIGHT, LEFT)
        )
        shares = f"right {100 * right:.1f} %, left {100 * left:.1f} % of {self.labels.shape}"
        return f"LungField({shares}, quality={self.quality:.3f}, reason={self.reason!r})"
