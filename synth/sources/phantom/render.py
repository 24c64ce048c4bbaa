"""Add up a chest along the rays and expose it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.seeds import generator
from artasyn.synth.sources.phantom.bones import bones
from artasyn.synth.sources.phantom.chest import Chest, Field, soft
from artasyn.synth.sources.phantom.lesions import lost_air
from artasyn.synth.sources.phantom.params import PhantomParams
from artasyn.synth.sources.phantom.vessels import vessels
from artasyn.synth.sources.phantom.view import hide_beyond_collimator_, seen

__all__ = ["Phantom", "render_phantom", "scattered"]

GRID = 64
"""Cells of a side on which scatter is spread: it is smooth."""
SCATTER = 6 / 64
"""Standard deviation of its spread, as a share of the side."""
SEEN = 0.03
"""Attenuation added by a lesion that can be seen, as a share of the range from black to white."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phantom:
    """A rendered phantom."""

    image: NDArray[np.uint8]
    """(H, W) grey."""
    lungs: NDArray[np.uint8]
    """(H, W): 0 none, 1 patient's right lung, 2 patient's left lung, as a reader outlines them."""
    whole_lungs: NDArray[np.uint8]
    """(H, W): the same with what lies behind heart and diaphragm."""
    mask: NDArray[np.uint8]
    """(H, W) in {0, 1}: where lesions add attenuation that can be seen."""


def render_phantom(params: PhantomParams, *, size: int) -> Phantom:
    """Render the phantom as a square of `size` pixels."""
    chest = Chest(params, size)
    air = chest.air
    remaining = np.ones_like(air)
    for lesion in params.lesions:
        remaining *= 1 - lost_air(chest, lesion)
    added = params.aeration * air * (1 - remaining)
    attenuation = chest.body - params.aeration * air + added
    attenuation += (
        bones(chest) * (0.5 + 0.5 * np.clip(air / 0.5, 0, 1)) + vessels(chest) * remaining + _breasts(chest)
    )
    visible = added > SEEN * (params.white - params.black)
    mask = cv2.morphologyEx(visible.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    lungs, whole_lungs, mask = (
        np.asarray(seen(labels, params.view), np.uint8) for labels in (chest.lungs, chest.whole_lungs, mask)
    )
    image = _expose(params, seen(attenuation.astype(np.float32), params.view))
    hide_beyond_collimator_(image, np.maximum(whole_lungs, mask), params.view)
    return Phantom(image=image, lungs=lungs, whole_lungs=whole_lungs, mask=mask)


def _breasts(chest: Chest) -> Field:
    """Return soft tissue before the lower lungs, thickest near its lower edge, which is sharp and convex."""
    p = chest.params
    if not p.breasts:
        return np.zeros_like(chest.column)
    across = (np.abs(chest.column) - 0.56 * p.width) / np.float32(0.62 * p.width)
    down = (chest.row - (p.dome - 0.05)) / np.float32(0.2)
    inside = np.clip(1 - across**2 - down**2, 0, 1)
    weight = np.sqrt(inside) * soft(down + 0.35, 1.2)
    return np.asarray(p.breasts * weight * (chest.body > 0.05), np.float32)


def scattered(attenuation: Field) -> Field:
    """Return attenuation `(H, H)` as scattered rays show it: spread by a Gaussian of `SCATTER`, whatever the size."""
    size = attenuation.shape[0]
    small = cv2.resize(attenuation, (GRID, GRID), interpolation=cv2.INTER_AREA)
    wide = cv2.GaussianBlur(small, (0, 0), SCATTER * GRID)
    return np.asarray(cv2.resize(wide, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)


def _expose(params: PhantomParams, attenuation: Field) -> NDArray[np.uint8]:
    rng = generator(params.seed, "phantom", 0, stage="noise")
    size = attenuation.shape[0]
    level = (1 - params.scatter) * attenuation + params.scatter * scattered(attenuation)
    share = (level - params.black) / (params.white - params.black)
    grain = cv2.GaussianBlur(rng.standard_normal(attenuation.shape, np.float32), (0, 0), 0.6)
    noisy = np.clip(share + params.noise * (0.6 + np.clip(share, 0, 1)) * grain, 0, 1)
    grey = np.round(255 * noisy**params.gamma).astype(np.uint8)
    if params.marker:
        place = int(0.88 * size), int(0.1 * size)
        cv2.putText(
            grey, "L", place, cv2.FONT_HERSHEY_SIMPLEX, size / 380, 245, max(1, size // 200), cv2.LINE_AA
        )
    return grey
