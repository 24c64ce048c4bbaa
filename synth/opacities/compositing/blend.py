"""Lay an 8-bit alpha into the image: as paint, or as attenuation that leaves finer structures in relief."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.config import BlendConfig
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field, blur

__all__ = ["DrawnBlend", "blend", "draw_blend"]

Grey = NDArray[np.uint8]

BEHIND = 0.15
"""Share of a lung's air that lies behind heart, diaphragm or bone where these touch the lung field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnBlend:
    """The grey value of a full opacity and how it treats relief; see BlendConfig."""

    colour: float
    reach: float
    surroundings: float
    relief: float
    fade: float


def draw_blend(image: Grey, config: BlendConfig, *, rng: np.random.Generator) -> DrawnBlend:
    """Draw the grey value from the image's own percentiles, and the share of relief."""
    return DrawnBlend(
        colour=_percentile(image, rng.uniform(*config.colour)),
        reach=float(rng.uniform(*config.reach)),
        surroundings=config.surroundings,
        relief=config.relief,
        fade=float(rng.uniform(*config.fade)),
    )


def blend(image: Grey, alpha: Grey, drawn: DrawnBlend, *, lungs: Lungs) -> Grey:
    """Brighten `image` where alpha > 0; never darken; bit-identical elsewhere.

    Grey values of a radiograph follow the attenuation along the ray, so an opacity that fills the share alpha of
    the lung's air lifts the *smooth* level by alpha times its distance to soft tissue. Finer structures (vessels,
    ribs, noise) keep their relief but for the share `fade` that a full opacity hides. Where bone, heart or diaphragm
    lie before a lung, less air is left to fill, but some is: a dense opacity hides their borders.
    """
    weight = np.take(_strengths(drawn.reach), alpha)
    level: Field = image.astype(np.float32)
    goal = _soft_tissue(level, lungs, drawn) if drawn.surroundings else np.float32(drawn.colour)
    smooth = _lung_level(level, lungs, drawn.relief * lungs.unit) if drawn.relief else level
    gap = np.maximum(goal - smooth, 0)
    if drawn.relief:
        # The finer level keeps up with the slope of a border, where the coarser one would leave a dark line.
        nearby = np.minimum(blur(level, 2.0 * lungs.unit), blur(level, 0.8 * lungs.unit))
        air = np.maximum(goal - nearby, np.float32(BEHIND) * gap)
        gap = np.minimum(gap, air)
    lifted = level + weight * gap
    if drawn.fade and drawn.relief:
        lifted -= weight * np.float32(drawn.fade) * np.minimum(level - smooth, gap)
    brightened: Grey = np.clip(np.rint(lifted), 0, 255).astype(np.uint8)
    return np.maximum(image, brightened)


def _strengths(reach: float) -> Field:
    """Return for each 8-bit alpha the share of the way to soft tissue: `reach` times alpha at first, at most 1.

    Up to a reach of 1 it is alpha times `reach` throughout.
    """
    alpha = np.arange(256, dtype=np.float64) / 255
    return np.asarray(alpha * reach if reach <= 1 else 1 - (1 - alpha) ** reach, dtype=np.float32)


def _lung_level(level: Field, lungs: Lungs, sigma: float) -> Field:
    """Return the smooth level of the lungs alone: bright surroundings must not leak in over their edge."""
    inside = (lungs.labels > 0).astype(np.float32)
    share = blur(inside, sigma)
    lungs_only = blur(level * inside, sigma) / np.maximum(share, np.float32(1e-3))
    return np.where(share > 0.02, lungs_only, level)


def _soft_tissue(level: Field, lungs: Lungs, drawn: DrawnBlend) -> Field:
    """Return the mean level of what is not lung nearby, without the dark air around the body."""
    # Soft tissue varies slowly: a sixteenth of the pixels tells as much.
    small = max(1, round(level.shape[1] / 4)), max(1, round(level.shape[0] / 4))
    coarse = cv2.resize(level, small, interpolation=cv2.INTER_AREA)
    outside = cv2.resize((lungs.labels == 0).astype(np.float32), small, interpolation=cv2.INTER_AREA) > 0.99
    tissue = (outside & (coarse > np.median(level[lungs.labels > 0]))).astype(np.float32)
    sigma = drawn.surroundings * lungs.unit / 4
    around = cv2.GaussianBlur(coarse * tissue, (0, 0), sigma) + np.float32(1e-3 * drawn.colour)
    share = cv2.GaussianBlur(tissue, (0, 0), sigma) + np.float32(1e-3)
    return np.asarray(cv2.resize(around / share, level.shape[::-1]), dtype=np.float32)


def _percentile(image: Grey, percent: float) -> float:
    """Return the percentile of grey values; by counting, which is faster than sorting."""
    below = np.cumsum(np.bincount(image.ravel(), minlength=256))
    return float(np.searchsorted(below, percent / 100 * image.size))
