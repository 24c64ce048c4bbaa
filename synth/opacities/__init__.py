"""Opacities: drawn at random, rendered exactly."""

from synth.opacities.config import OpacityConfig
from synth.opacities.engine import Opacity, draw_opacity, draw_variant_count, render_opacity, synthesize
from synth.opacities.record import OpacityRecord
from synth.opacities.tips import load_tip

__all__ = [
    "Opacity",
    "OpacityConfig",
    "OpacityRecord",
    "draw_opacity",
    "draw_variant_count",
    "load_tip",
    "render_opacity",
    "synthesize",
]
