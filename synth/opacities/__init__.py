"""Opacities: drawn at random, rendered exactly."""

from artasyn.synth.opacities.brush.tips import load_tip
from artasyn.synth.opacities.config import OpacityConfig
from artasyn.synth.opacities.engine import (
    Opacity,
    draw_opacity,
    draw_variant_count,
    render_opacity,
    synthesize,
)
from artasyn.synth.opacities.record import OpacityRecord

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
