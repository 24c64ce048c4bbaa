"""What brightens normal lungs without being disease: breasts, muscles, scapulae, skin folds, clavicles, supine haze.

Placed by the lung field, painted into the image and its normal image alike, never into a mask. Each shape is a veil,
the share of the way to white, over places in the chest (see `ChestFrame.places`).
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from artasyn.train.augment.chest_frame import measure_chest
from artasyn.train.augment.chosen import Chosen, choose

__all__ = ["SHAPES", "SoftTissue", "add_soft_tissue", "draw_soft_tissue", "plan_soft_tissue"]

AIR = 0.15
"""Grey value below which a pixel outside the lungs counts as air beside the body, the less the darker."""
NUMBERS = 8
"""Uniform numbers drawn for one shape, used or not."""

Shape = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
"""From `out`, `down`, `right` and numbers `(NUMBERS, n, 1, 1)` to the veil `(n, H, W)`."""


def _rise(x: Tensor) -> Tensor:
    """Rise smoothly from 0 at x = 0 to 1 at x = 1."""
    t = x.clamp(0, 1)
    return t * t * (3 - 2 * t)


def _breasts(out: Tensor, down: Tensor, right: Tensor, u: Tensor) -> Tensor:
    """Return two discs that thicken downwards to a convex lower edge, beyond the lung below and beside it."""
    middle = 0.55 + 0.3 * u[0]
    across = (out - middle) / (0.42 + 0.3 * u[1])
    lowest = 0.85 + 0.4 * u[2] + (u[6] - 0.5) * 0.14 * (right - 0.5)
    tall = 0.4 + 0.35 * u[3]
    rim = lowest - tall / 2 + tall / 2 * (1 - across**2).clamp(min=1e-6).sqrt()
    thickness = _rise((down - lowest + tall) / (0.8 * tall)) * _rise((1 - across.abs()) / (0.35 + 0.3 * u[4]))
    edge = _rise((rim - down) / (0.03 + 0.1 * u[4]) + 0.5)
    return (0.1 + 0.3 * u[5]) * (1 + (u[7] - 0.5) * (right - 0.5)) * thickness * edge


def _muscles(out: Tensor, down: Tensor, right: Tensor, u: Tensor) -> Tensor:
    """Return the pectoral muscles: above an oblique edge that falls from the upper chest to the armpit."""
    edge = 0.05 + 0.15 * u[0] + (0.25 + 0.3 * u[1]) * out
    fan = _rise((edge - down) / (0.06 + 0.14 * u[2])) * _rise((out - 0.1) / 0.5) * _rise((down + 0.3) / 0.3)
    return (0.07 + 0.18 * u[3]) * (1 + (u[4] - 0.5) * (right - 0.5)) * fan


def _scapulae(out: Tensor, down: Tensor, right: Tensor, u: Tensor) -> Tensor:
    """Return blades lateral of a nearly upright medial border that ends in a tip."""
    tip = 0.5 + 0.25 * u[0]
    border = 0.68 + 0.25 * u[1] + (0.1 * u[2] - 0.02) * (down - 0.3) + 0.5 * (down - tip + 0.12).clamp(min=0)
    border = border + 0.1 * (u[5] - 0.5) * (right - 0.5)
    blade = _rise((out - border) / (0.015 + 0.05 * u[3]) + 0.5) * _rise((1.8 - out) / 0.5)
    ridge = torch.exp(-(((out - border - 0.02) / 0.018) ** 2))
    tall = _rise((tip - down) / 0.06) * _rise((down + 0.2) / 0.3)
    return (0.05 + 0.13 * u[4]) * (blade + 0.6 * ridge) * tall


def _fold(out: Tensor, down: Tensor, right: Tensor, u: Tensor) -> Tensor:
    """Return one skin fold: it brightens towards a long oblique edge and ends there at once."""
    beyond = (
        out
        - (0.45 + 0.45 * u[0])
        - (0.5 * u[1] - 0.25) * (down - 0.5)
        - 0.15 * (u[5] - 0.5) * (down - 0.5) ** 2
    )
    sheet = _rise(1 - beyond / (0.15 + 0.25 * u[2])) * _rise(beyond / 0.02 + 0.5)
    along = _rise((down + 0.15 - 0.3 * u[6]) / 0.2) * _rise((1.25 - 0.3 * u[7] - down) / 0.2)
    return (0.06 + 0.14 * u[3]) * sheet * along * ((right > 0.5) == (u[4] > 0.5))


def _clavicles(out: Tensor, down: Tensor, right: Tensor, u: Tensor) -> Tensor:
    """Return bright apices under slightly bent bands that rise outwards."""
    axis = 0.08 + 0.12 * u[0] - (0.1 + 0.2 * u[1]) * (out - 0.2) + 0.02 * torch.sin(4 * out + 6 * u[2])
    axis = axis + 0.06 * (u[6] - 0.5) * (right - 0.5)
    band = _rise(1.6 * (1 - (down - axis).abs() / (0.045 + 0.02 * u[3]))) * _rise((out - 0.08) / 0.1)
    cap = _rise((0.28 - down) / 0.3) * _rise((down + 0.4) / 0.4) * _rise((1.25 - out) / 0.4)
    return (0.05 + 0.15 * u[4]) * band + (0.05 + 0.25 * u[5]) * cap


def _haze(out: Tensor, down: Tensor, right: Tensor, u: Tensor) -> Tensor:
    """Return the veil of a patient who lies: soft tissue and layered fluid-like haze, denser below or on one side."""
    level = 0.4 + 0.6 * (down.clamp(0, 1.1) * u[0] + (1 - u[0]))
    side = 1 + 0.5 * (u[1] - 0.5) * (2 * right - 1) * _rise(2 * out)
    return (0.06 + 0.2 * u[2]) * level * side


SHAPES: dict[str, Shape] = {
    "breast": _breasts,
    "muscle": _muscles,
    "scapula": _scapulae,
    "fold": _fold,
    "clavicle": _clavicles,
    "haze": _haze,
}
"""By name, in the order in which they are drawn."""


def draw_soft_tissue(count: int, *, chances: dict[str, float], generator: torch.Generator) -> Tensor:
    """Draw for `count` images: `(count, shapes, 1 + NUMBERS)`, whether a shape is there and its numbers in [0, 1)."""
    drawn = torch.rand(count, len(SHAPES), 1 + NUMBERS, generator=generator)
    chance = torch.tensor([chances[name] for name in SHAPES])
    drawn[:, :, 0] = (drawn[:, :, 0] < chance).float()
    return drawn


class SoftTissue(NamedTuple):
    """What lies over the images of a batch that have any."""

    places: Tensor
    """`(k,)` int64: which images."""
    shapes: tuple[Chosen, ...]
    """For each shape, which of those k images have it, and its numbers `(m, NUMBERS)`."""


def plan_soft_tissue(drawn: Tensor) -> SoftTissue:
    """Sort what was drawn for the images of a batch, `(B, shapes, 1 + NUMBERS)`, by shape."""
    places, drawn = choose(drawn, drawn[:, :, 0].any(dim=1))
    return SoftTissue(places, tuple(choose(shape[:, 1:], shape[:, 0] > 0) for shape in drawn.unbind(dim=1)))


def add_soft_tissue(pixels: Tensor, over: SoftTissue) -> Tensor:
    """Return `(B, 4, H, W)` of image, normal image, mask and lung field, the first two brightened.

    An image without two lungs stays as it is.
    """
    chosen = over.places
    if not len(chosen):
        return pixels
    frame = measure_chest(pixels[chosen, 3])
    out, down, right = frame.places(pixels.shape[2], pixels.shape[3])
    clear = frame.there.float()[:, None, None].expand(-1, *pixels.shape[2:]).clone()
    light = torch.ones_like(clear)
    for shape, which in zip(SHAPES.values(), over.shapes, strict=True):
        if which:
            at, numbers = which.places, which.numbers.T[:, :, None, None]
            light[at] *= 1 - shape(out[at], down[at], right[at], numbers)
    grey, lungs = pixels[chosen, :2], pixels[chosen, 3:4]
    body = torch.maximum(_rise(grey[:, 1:] / AIR), lungs)  # the air beside the body stays dark
    veil = ((1 - light) * clear)[:, None] * body
    result = pixels.clone()
    result[chosen, :2] = grey + veil * (1 - grey)
    return result
