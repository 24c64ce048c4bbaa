"""Lay an 8-bit alpha into the image: as paint, or as attenuation that leaves finer structures in relief."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.compositing.chest import Chest, Tissue
from artasyn.synth.opacities.config import BlendConfig
from artasyn.synth.opacities.fields.noise import Field

__all__ = ["DrawnBlend", "blend", "draw_blend"]

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnBlend:
    """The grey value of a full opacity and how it treats relief; see BlendConfig."""

    colour: float
    reach: float
    surroundings: float
    relief: float
    fade: float
    border: float = 0.0
    behind: float = 0.15


def draw_blend(chest: Chest, config: BlendConfig, *, rng: np.random.Generator) -> DrawnBlend:
    """Draw the grey value from the image's own percentiles, and the share of relief."""
    return DrawnBlend(
        colour=chest.percentile(rng.uniform(*config.colour)),
        reach=float(rng.uniform(*config.reach)),
        surroundings=config.surroundings,
        relief=config.relief,
        fade=float(rng.uniform(*config.fade)),
        border=config.border,
        behind=config.behind,
    )


def blend(chest: Chest, alpha: Grey, drawn: DrawnBlend) -> Grey:
    """Brighten the image where alpha > 0; bit-identical elsewhere.

    Grey values of a radiograph follow the attenuation along the ray, so an opacity that fills the share alpha of
    the lung's air lifts the *smooth* level by alpha times its distance to soft tissue. Finer structures (vessels,
    ribs, noise) keep their relief but for the share `fade` that a full opacity hides. Where bone, heart or diaphragm
    lie before a lung, less air is left to fill, but some is: a dense opacity hides their borders. Nothing darkens:
    the relief that is hidden is never more than the air that is filled, see `Chest.air`.
    """
    weight = np.asarray(cv2.LUT(alpha, _weights(drawn.reach)), np.float32)
    air, relief = chest.air(_tissue(drawn))
    lifted = chest.level + weight * air
    if drawn.fade and drawn.relief:
        lifted -= weight * np.float32(drawn.fade) * relief
    return np.clip(np.rint(lifted), 0, 255).astype(np.uint8)


def _tissue(drawn: DrawnBlend) -> Tissue:
    return Tissue(
        surroundings=drawn.surroundings,
        colour=drawn.colour,
        relief=drawn.relief,
        border=drawn.border,
        behind=drawn.behind,
    )


def _weights(reach: float) -> Field:
    """Return for each 8-bit alpha the share of the way to soft tissue: `reach` times alpha at first, at most 1.

    Up to a reach of 1 it is alpha times `reach` throughout.
    """
    alpha = np.arange(256, dtype=np.float64) / 255
    return np.asarray(alpha * reach if reach <= 1 else 1 - (1 - alpha) ** reach, dtype=np.float32)
