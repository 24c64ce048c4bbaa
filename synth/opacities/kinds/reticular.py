"""Kind `reticular`: an interstitial network of fine lines over a faint veil, mostly at the base and the rim."""

from dataclasses import dataclass

import cv2
import numpy as np

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field, smooth_noise
from artasyn.synth.opacities.fields.regions import (
    Region,
    draw_regions,
    draw_unevenness,
    mottle,
    render_region,
)
from artasyn.synth.opacities.fields.request import Request
from artasyn.synth.seeds import generator

__all__ = ["ReticularParams", "draw_reticular", "render_reticular"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReticularParams:
    """Regions, and the mesh in them; `grain` and `depth` as in `mottle`."""

    regions: tuple[Region, ...]
    veil: float
    """Alpha of the veil before it is mottled."""
    lines: float
    """Alpha of the lines, on top of the veil."""
    mesh: float
    """Grain of the noise whose zero lines are the net, in pixels of a 256-pixel image."""
    line: float
    """Half-width of a line, in deviations of that noise."""
    grain: float
    depth: float
    seed: int


def draw_reticular(_lungs: Lungs, request: Request, *, rng: np.random.Generator) -> ReticularParams:
    """Draw a mesh of 6 to 16 pixels; density of the veil and of the lines 0.2 (faint) to 0.55 (dense)."""
    density = 0.2 + 0.35 * request.severity
    return ReticularParams(
        regions=draw_regions(request, grain=(30, 70), softness=(0.8, 1.8), rng=rng),
        veil=float(density * rng.uniform(0.8, 1.2)),
        lines=float(density * rng.uniform(0.8, 1.2)),
        mesh=float(rng.uniform(6, 16)),
        line=float(rng.uniform(0.1, 0.22)),
        grain=float(rng.uniform(8, 20)),
        depth=draw_unevenness(density, rng=rng),
        seed=int(rng.integers(2**31)),
    )


def render_reticular(params: ReticularParams, lungs: Lungs) -> Field:
    """Draw the network over the veil; alpha in [0, 1]."""
    rng = generator(params.seed, "", 0, stage="mesh")
    cell = params.mesh * lungs.unit
    # The zero lines of smooth noise form an irregular net; two nets of different mesh hide its regularity.
    nets = [np.abs(smooth_noise(lungs.shape, (size, size), rng=rng)) for size in (cell, 0.6 * cell)]
    net = np.maximum(np.exp(-((nets[0] / params.line) ** 2)), 0.6 * np.exp(-((nets[1] / params.line) ** 2)))
    net = cv2.GaussianBlur(net.astype(np.float32), (0, 0), 0.6 * lungs.unit)
    strength = np.float32(0.5) + np.float32(0.3) * smooth_noise(lungs.shape, (3 * cell, 3 * cell), rng=rng)
    veil = mottle(lungs, grain=params.grain, depth=params.depth, seed=params.seed + 1)
    alpha = np.float32(params.veil) * veil + np.float32(params.lines) * net * np.clip(strength, 0, 1)
    where = sum(
        (render_region(region, lungs) for region in params.regions), np.zeros(lungs.shape, np.float32)
    )
    return np.asarray(np.clip(alpha, 0, 1) * where, dtype=np.float32)
