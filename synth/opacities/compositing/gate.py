"""The gates by which anatomy holds an opacity back."""

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.config import GateConfig
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field, blur

__all__ = ["gate_alpha"]


def gate_alpha(
    alpha: Field, image: NDArray[np.uint8], lungs: Lungs, *, gates: GateConfig, room: Field
) -> Field:
    """Hold an alpha field in [0, 1] back where `room` ends and under bones; clipped to [0, 1].

    Where opacities are not clipped to the lungs, the lung field's own edge counts and `room` does not.

    ART-ASyn, anatomy-aware masking: soft lung edge, brighter structures stay visible.
    """
    ribs = np.float32(gates.rib_floor) + np.float32((1 - gates.rib_floor) / 255) * image
    gated = (
        alpha
        * (room if gates.clip_to_lung else _lung_gate(lungs, gates=gates))
        * ribs
        * np.float32(gates.gain)
    )
    return np.clip(gated, 0, 1, out=gated)


def _lung_gate(lungs: Lungs, *, gates: GateConfig) -> Field:
    """Return 1 inside the lungs falling softly to 0 outside."""
    inside = (lungs.labels > 0).astype(np.uint8)
    reach = round((gates.dilate - 1) / 2 * lungs.unit)
    widened = cv2.dilate(inside, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) if reach else inside
    return blur(widened.astype(np.float32), gates.edge * lungs.unit)
