"""Lay an 8-bit alpha into the image: as paint, or as attenuation that leaves finer structures in relief."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from synth.opacities.anatomy import Field
from synth.opacities.config import BlendConfig
from synth.opacities.layers import blur
from synth.seeds import generator

__all__ = ["DrawnBlend", "blend", "draw_blend"]

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnBlend:
    """The grey value of a full opacity and how it treats relief and noise; see BlendConfig."""

    colour: float
    relief: float
    fade: float
    grain: float
    grain_seed: int


def draw_blend(image: Grey, config: BlendConfig, *, rng: np.random.Generator) -> DrawnBlend:
    """Draw the grey value from the image's own percentiles."""
    return DrawnBlend(
        colour=float(np.percentile(image, rng.uniform(*config.colour))),
        relief=config.relief,
        fade=float(rng.uniform(*config.fade)),
        grain=float(rng.uniform(*config.grain)),
        grain_seed=int(rng.integers(2**31)),
    )


def blend(image: Grey, alpha: Grey, drawn: DrawnBlend, *, unit: float) -> Grey:
    """Brighten `image` where alpha > 0; never darken; bit-identical elsewhere.

    Grey values of a radiograph follow the attenuation along the ray, so an opacity that fills the share alpha of
    the lung's air lifts the *smooth* level by alpha times its distance to soft tissue. Finer structures keep their
    relief but for what fluid hides (`fade`): vessels vanish in fluid, ribs and noise do not.
    """
    weight: Field = alpha.astype(np.float32) * np.float32(1 / 255)
    level: Field = image.astype(np.float32)
    if drawn.relief == 0:
        lifted = np.asarray(level * (1 - weight) + np.float32(drawn.colour) * weight, dtype=np.float32)
    else:
        lifted = _lift(level, weight, drawn, unit=unit)
    return np.maximum(image, np.clip(np.rint(lifted), 0, 255).astype(np.uint8))


def _lift(level: Field, weight: Field, drawn: DrawnBlend, *, unit: float) -> Field:
    smooth = blur(level, drawn.relief * unit)
    vessels = cv2.GaussianBlur(level, (0, 0), 1.0 * unit) - smooth
    lifted = level + weight * (np.maximum(drawn.colour - smooth, 0) - np.float32(drawn.fade) * vessels)
    if drawn.grain:
        lifted += (
            weight * np.float32(drawn.grain * _noise_level(level)) * _grain(level.shape, drawn.grain_seed)
        )
    return lifted


def _noise_level(level: Field) -> float:
    """Estimate the image's noise (grey values) from its second differences (Immerkaer 1996), robustly."""
    second = cv2.filter2D(level, -1, np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32))
    return float(np.median(np.abs(second[::2, ::2])) / 0.6745 / 6)


def _grain(shape: tuple[int, ...], seed: int) -> Field:
    rng = generator(seed, "", 0, stage="grain")
    return np.asarray(rng.standard_normal(shape, np.float32))
