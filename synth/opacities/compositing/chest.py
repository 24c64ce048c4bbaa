"""One radiograph and its lungs, with what every opacity in it asks for: measured once, when first asked."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field, blur

__all__ = ["Chest", "Tissue"]

Grey = NDArray[np.uint8]

TOUCHING = 6.0
"""How many times as much the tissue at a border counts as the tissue farther away, see `BlendConfig.border`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tissue:
    """What a full opacity is as bright as, and how much air is left to fill; each value as in `BlendConfig`."""

    surroundings: float
    colour: float
    relief: float
    border: float
    behind: float


class Chest:
    """An image `(H, W)` uint8 that must not change any more, and the lungs in it."""

    def __init__(self, image: Grey, lungs: Lungs) -> None:
        self.image = image
        self.lungs = lungs
        self._airs: dict[Tissue, tuple[Field, Field]] = {}

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

    def air(self, tissue: Tissue) -> tuple[Field, Field]:
        """Return how much a full opacity brightens every pixel, and how far the pixel lies above its smooth level.

        Both float32 in grey values; the first is 0 or more, the second at most the first. Kept for the tissue of last
        time: all opacities of one recipe ask for the same.
        """
        if tissue not in self._airs:
            self._airs = {tissue: self._air(tissue)}
        return self._airs[tissue]

    def _air(self, tissue: Tissue) -> tuple[Field, Field]:
        """Measure `air`.

        The goal is soft tissue nearby, or `colour` if `surroundings` is 0; the second is 0 where `relief` is 0. Where
        bone, heart or diaphragm lie before a lung, only the share `behind` of its air is left to fill.
        """
        level, lungs = self.level, self.lungs
        goal = np.full_like(level, tissue.colour)
        if tissue.surroundings:
            goal = _soft_tissue(level, lungs, tissue)
        if not tissue.relief:
            return np.maximum(goal - level, 0), np.zeros_like(level)
        smooth = _lung_level(level, lungs, tissue.relief * lungs.unit)
        gap = np.maximum(goal - smooth, 0)
        # The finer level keeps up with the slope of a border, where the coarser one would leave a dark line.
        finer = blur(level, 0.8 * lungs.unit)
        nearby = np.minimum(blur(level, 2.0 * lungs.unit), finer)
        if tissue.border:  # nor a bright line beyond the border, where there is no relief of a lung to keep
            nearby = np.where(lungs.inside > 0, nearby, finer)
        gap = np.minimum(gap, np.maximum(goal - nearby, np.float32(tissue.behind) * gap))
        return gap, np.minimum(level - smooth, gap)


def _lung_level(level: Field, lungs: Lungs, sigma: float) -> Field:
    """Return the smooth level of the lungs alone: bright surroundings must not leak in over their edge."""
    share = lungs.blurred(sigma)
    lungs_only = blur(level * lungs.inside, sigma) / np.maximum(share, np.float32(1e-3))
    return np.where(share > 0.02, lungs_only, level)


def _soft_tissue(level: Field, lungs: Lungs, wanted: Tissue) -> Field:
    """Return the mean level of what is not lung nearby, without the dark air around the body.

    Tissue within `border` counts more, but for its outermost 4 pixels of 256, which are as blurred as the border.
    """
    # Soft tissue varies slowly: a sixteenth of the pixels tells as much.
    small = max(1, round(level.shape[1] / 4)), max(1, round(level.shape[0] / 4))
    coarse = np.asarray(cv2.resize(level, small, interpolation=cv2.INTER_AREA), np.float32)
    outside = cv2.resize((lungs.labels == 0).astype(np.float32), small, interpolation=cv2.INTER_AREA) > 0.99
    tissue = (outside & (coarse > np.median(level[lungs.labels > 0]))).astype(np.float32)
    around, share = np.full_like(tissue, 1e-3 * wanted.colour), np.full_like(tissue, 1e-3)
    _add_nearby_(around, share, coarse, tissue, sigma=wanted.surroundings * lungs.unit / 4)
    if wanted.border:
        cells = max(1, round(lungs.unit))
        settled = np.asarray(cv2.erode(tissue, np.ones((2 * cells + 1,) * 2, np.uint8)), np.float32)
        sigma = wanted.border * lungs.unit / 4
        _add_nearby_(around, share, coarse, TOUCHING * settled, sigma=sigma)
    mean = np.asarray(around / share, dtype=np.float32)
    return np.asarray(cv2.resize(mean, level.shape[::-1]), dtype=np.float32)


def _add_nearby_(around: Field, share: Field, level: Field, weight: Field, *, sigma: float) -> None:
    """Change `around` and `share` in place: add the weighted levels, and the weights, within `sigma` cells."""
    around += cv2.GaussianBlur(level * weight, (0, 0), sigma)
    share += cv2.GaussianBlur(weight, (0, 0), sigma)
