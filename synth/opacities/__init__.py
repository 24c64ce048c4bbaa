"""Opacities: drawn at random, rendered exactly."""

from artasyn.synth.opacities.brush.tips import load_tip
from artasyn.synth.opacities.config import OpacityConfig
from artasyn.synth.opacities.engine import (
    Opacity,
    draw_opacity,
    draw_variant_count,
    prepare_chest,
    read_record,
    render_opacity,
    synthesize,
    synthesize_in,
)
from artasyn.synth.opacities.record import OpacityRecord
from artasyn.synth.opacities.rivals.record import RivalRecord
from artasyn.synth.opacities.rivals.scene import SecondImage

__all__ = [
    "Opacity",
    "OpacityConfig",
    "OpacityRecord",
    "RivalRecord",
    "SecondImage",
    "draw_opacity",
    "draw_variant_count",
    "load_tip",
    "prepare_chest",
    "read_record",
    "render_opacity",
    "synthesize",
    "synthesize_in",
]
