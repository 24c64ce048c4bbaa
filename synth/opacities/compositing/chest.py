"""One radiograph and its lungs, with what every opacity in it asks for: measured once, when first asked."""

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field, blur

__all__ = ["Chest"]

Grey = NDArray[np.uint8]

BEHIND = 0.15
"""Share of a lung's air that lies behind heart, diaphragm or bone where these touch the lung field."""


class Chest:
    """An image `(H, W)` uint8 that must not change any more, and the lungs in it."""

    def __init__(self, image: Grey, lungs: Lungs) -> None:
        self.image = image
        self.lungs = lungs
        self._airs: dict[tuple[float, float, float], tuple[Field, Field]] = {}

    @cached_property
    def level(self) -> Field:
        """The image as float32."""
        return self.image.astype(np.float32)

    def percentile(self, percent: float) -> float:
        """Return the percentile of grey values; by counting, which is faster than sorting."""
        return float(np.searchsorted(self._counts, percent / 100 * self.image.size))

    @cached_property
    def _counts(self) -> NDArray[np.int64]:
        counts = cv2.calcHist([self.image], [0], None, [256], [0, 256])
        return np.cumsum(np.ravel(counts).astype(np.int64))

    def air(self, surroundings: float, colour: float, relief: float) -> tuple[Field, Field]:
        """Return what `_air` says, kept for the arguments of last time."""
        wanted = surroundings, colour, relief
        if wanted not in self._airs:
            self._airs = {wanted: self._air(*wanted)}
        return self._airs[wanted]

    def _air(self, surroundings: float, colour: float, relief: float) -> tuple[Field, Field]:
        """Return how much a full opacity brightens every pixel, and how far the pixel lies above its smooth level.

        The goal is soft tissue nearby, or `colour` if `surroundings` is 0; the second is 0 where `relief` is 0. Where
        bone, heart or diaphragm lie before a lung, less air is left to fill, but some is.
        """
        level, lungs = self.level, self.lungs
        goal = _soft_tissue(level, lungs, surroundings, colour) if surroundings else np.float32(colour)
        if not relief:
            return np.maximum(goal - level, 0), np.zeros_like(level)
        smooth = _lung_level(level, lungs, relief * lungs.unit)
        gap = np.maximum(goal - smooth, 0)
        # The finer level keeps up with the slope of a border, where the coarser one would leave a dark line.
        nearby = np.minimum(blur(level, 2.0 * lungs.unit), blur(level, 0.8 * lungs.unit))
        gap = np.minimum(gap, np.maximum(goal - nearby, np.float32(BEHIND) * gap))
        return gap, np.minimum(level - smooth, gap)


def _lung_level(level: Field, lungs: Lungs, sigma: float) -> Field:
    """Return the smooth level of the lungs alone: bright surroundings must not leak in over their edge."""
    share = lungs.blurred(sigma)
    lungs_only = blur(level * lungs.inside, sigma) / np.maximum(share, np.float32(1e-3))
    return np.where(share > 0.02, lungs_only, level)


def _soft_tissue(level: Field, lungs: Lungs, surroundings: float, colour: float) -> Field:
    """Return the mean level of what is not lung nearby, without the dark air around the body."""
    # Soft tissue varies slowly: a sixteenth of the pixels tells as much.
    small = max(1, round(level.shape[1] / 4)), max(1, round(level.shape[0] / 4))
    coarse = cv2.resize(level, small, interpolation=cv2.INTER_AREA)
    outside = cv2.resize((lungs.labels == 0).astype(np.float32), small, interpolation=cv2.INTER_AREA) > 0.99
    tissue = (outside & (coarse > np.median(level[lungs.labels > 0]))).astype(np.float32)
    sigma = surroundings * lungs.unit / 4
    around = cv2.GaussianBlur(coarse * tissue, (0, 0), sigma) + np.float32(1e-3 * colour)
    share = cv2.GaussianBlur(tissue, (0, 0), sigma) + np.float32(1e-3)
    return np.asarray(cv2.resize(around / share, level.shape[::-1]), dtype=np.float32)
