"""What the engine asks of a kind: how severe, how large and where."""

from dataclasses import dataclass

import numpy as np

from artasyn.synth.opacities.config import BrushConfig, OpacityConfig
from artasyn.synth.opacities.fields.lungs import Lungs

__all__ = ["Request", "draw_request"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Severity 0 (faint) to 1 (dense), affected lungs, covered share of them, and preferences of place."""

    severity: float
    share: float
    sides: tuple[int, ...]
    basal: float
    peripheral: float
    erect: float
    """Probability that fluid lies as in an erect patient."""
    brush: BrushConfig


def draw_request(lungs: Lungs, config: OpacityConfig, *, rng: np.random.Generator) -> Request:
    """Draw severity, extent, sides and preferences as the config says."""
    extent = config.extent
    low, high = extent.share
    both = len(lungs.sides) < 2 or rng.random() < extent.bilateral_probability
    return Request(
        severity=float(rng.uniform(*config.severity)),
        share=float(low + (high - low) * rng.random() ** extent.skew),
        sides=lungs.sides if both else (int(rng.choice(lungs.sides)),),
        basal=float(rng.uniform(*extent.basal)),
        peripheral=float(rng.uniform(*extent.peripheral)),
        erect=extent.erect_probability,
        brush=config.brush,
    )
