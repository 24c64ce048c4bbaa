"""The chest's large parts: thickness along the ray of body, air and heart, and where the lungs are."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.synth.sources.phantom.params import PhantomParams

__all__ = ["Chest", "Field", "soft"]

Field = NDArray[np.float32]
DEPTH = 0.8
"""Inside of the chest from front to back, where the whole chest is 1."""


def soft(x: NDArray[np.floating[Any]], width: float) -> Field:
    """Rise from 0 to 1 about x = 0 over `width`."""
    t = np.clip(x / np.float32(width) + np.float32(0.5), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


@dataclass(frozen=True)
class Chest:
    """One chest on a square of `size` pixels; every array (H, W) float32."""

    params: PhantomParams
    size: int

    @cached_property
    def row(self) -> Field:
        """Row of each pixel, 0 top to 1 bottom; (H, 1)."""
        return ((np.arange(self.size, dtype=np.float32) + np.float32(0.5)) / np.float32(self.size))[:, None]

    @cached_property
    def column(self) -> Field:
        """Distance from the midline, negative on the patient's right."""
        across = self.row.T - np.float32(self.params.centre)
        return np.asarray(across - np.float32(self.params.tilt) * (self.row - np.float32(0.5)), np.float32)

    @cached_property
    def along(self) -> Field:
        """Height within the chest, 0 at the apex, 1 at the lowest recess; (H, 1)."""
        p = self.params
        low = p.dome + p.recess + 0.02
        return np.asarray(np.clip((self.row - p.apex) / (low - p.apex), 0, 1), np.float32)

    def wall(self, along: Field) -> Field:
        """Return the half-width of the chest's inside at a height."""
        shape = np.sqrt(1 - (1 - along) ** (2.6 if self.params.child else 3.4))
        return np.asarray(self.params.width * shape * (0.74 + 0.26 * along), np.float32)

    @cached_property
    def sides(self) -> NDArray[np.uint8]:
        """Half of the image: 1 the patient's right, 2 the left."""
        return np.where(self.column < 0, 1, 2).astype(np.uint8)

    @cached_property
    def dome(self) -> Field:
        """Row of the diaphragm's top in each column; (H, W)."""
        p, away = self.params, np.abs(self.column)
        middle = 0.5 * p.width
        outward = np.clip((away - middle) / (p.width - middle), 0, None)
        inward = np.clip((middle - away) / middle, 0, None)
        lower = np.where(self.column > 0, np.float32(0.025), np.float32(0))
        return np.asarray(p.dome + lower + p.recess * outward**2.5 + 0.035 * inward**2, np.float32)

    @cached_property
    def mediastinum(self) -> Field:
        """Thickness of the mediastinum: great vessels, thicker at the aortic arch and the hila."""
        p = self.params
        knob = 0.03 * np.exp(-(((self.row - p.apex - 0.2) / 0.035) ** 2)) * (self.column > 0)
        vessels = 0.02 * np.exp(-(((self.row - p.apex - 0.3) / 0.06) ** 2))
        half = 1.25 * p.mediastinum + knob + vessels + 0.02 * self.along
        away = (self.column - np.float32(p.turn)) / half
        return np.asarray(1.1 * DEPTH * np.clip(1.3 - 1.3 * away**2, 0, 1), np.float32)

    @cached_property
    def cavity(self) -> Field:
        """Thickness of the chest's inside, mediastinum and abdomen left out, each where it lies."""
        p = self.params
        away = np.abs(self.column) / np.maximum(self.wall(self.along), np.float32(1e-3))
        deep = DEPTH * np.sqrt(1 - (1 - self.along) ** 4)
        chord = deep * np.sqrt(np.clip(1 - away**2, 0, 1))
        # The apices are rounded towards the neck.
        neck = 0.09 * np.clip((0.15 - np.abs(self.column)) / 0.15, 0, 1) ** 2
        chord = chord * soft(self.row - p.apex - neck, 0.02)
        below = np.clip((self.row - self.dome) / np.float32(0.1), 0, 1)  # the rear reaches further down
        chord = chord * (1 - np.sqrt(below)) * soft(self.dome + 0.1 - self.row, 0.01)
        return np.asarray(np.maximum(chord - self.mediastinum, 0), np.float32)

    @cached_property
    def heart(self) -> Field:
        """Thickness of the heart."""
        p = self.params
        middle = p.dome + 0.02 - 0.95 * p.heart
        across, down = self.column - np.float32(p.turn), self.row - np.float32(middle)
        turned = across * 0.8 - down * 0.6, down * 0.8 + across * 0.6
        left = (
            1 - ((turned[0] - 0.012) / (0.95 * p.heart)) ** 2 - ((turned[1] - 0.012) / (1.45 * p.heart)) ** 2
        )
        right = 1 - ((across + 0.025) / (0.62 * p.heart)) ** 2 - (down / (1.1 * p.heart)) ** 2
        both = np.maximum(np.clip(left, 0, 1), 0.75 * np.clip(right, 0, 1))
        return np.asarray(0.74 * np.sqrt(both), np.float32)

    @cached_property
    def air(self) -> Field:
        """Thickness of lung, behind the heart and the diaphragm as well."""
        return np.asarray(np.maximum(self.cavity - self.heart, 0), np.float32)

    @cached_property
    def lungs(self) -> NDArray[np.uint8]:
        """Lungs as a reader outlines them, heart and diaphragm left out: 0, 1 right, 2 left."""
        seen = (self.cavity > 0.06) & (self.row < self.dome) & (self.heart < 0.12)
        return np.where(seen, self.sides, 0).astype(np.uint8)

    @cached_property
    def whole_lungs(self) -> NDArray[np.uint8]:
        """Lungs with the parts behind heart and diaphragm."""
        return np.where((self.air > 0.06) | (self.lungs > 0), self.sides, 0).astype(np.uint8)

    @cached_property
    def body(self) -> Field:
        """Thickness of the trunk, shoulders, neck and abdomen; 0 in the air around."""
        p = self.params
        outer = p.width + p.fat + 0.035
        rows = [0.0, p.apex - 0.03, p.apex + 0.05, p.apex + 0.2, p.dome, 1.0]
        half = np.interp(self.row, rows, [0.12, 0.15, outer + 0.13, outer + 0.09, outer, outer - 0.01])
        away = np.abs(self.column) / half.astype(np.float32)
        trunk = np.sqrt(np.clip(1 - away**4, 0, 1)) * soft(np.float32(1) - away, 0.03)
        thick = np.interp(self.row, [0.0, p.apex, p.apex + 0.15, p.dome, 1.0], [0.75, 0.8, 0.95, 1.0, 1.02])
        abdomen = 0.1 * soft(self.row - self.dome, 0.015)
        return np.asarray(trunk * (thick.astype(np.float32) + abdomen), np.float32)
