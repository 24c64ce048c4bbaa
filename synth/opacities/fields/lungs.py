"""The lungs an opacity lies in: the visible lung field, the hidden part behind it, and their measures."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.fields.hidden_lung import hidden_share
from artasyn.synth.opacities.fields.noise import Field, blur

__all__ = ["Lungs"]

RECESS = 8 / 256
"""How far below the visible lung field fluid is as deep as in it, as a share of the image's side."""


class Lungs:
    """Lung labels `(H, W)` uint8 (1 the patient's right lung, 2 the left) with the measures kinds ask for."""

    def __init__(self, labels: NDArray[np.uint8]) -> None:
        self.labels = labels
        self.shape = (labels.shape[0], labels.shape[1])
        self.unit = float(np.sqrt(labels.size) / 256)
        """Pixels of this image in one pixel of a 256-pixel image."""
        self._blurred: dict[float, Field] = {}

    @cached_property
    def points(self) -> dict[int, NDArray[np.int64]]:
        """Flat indices of each lung's pixels; a lung that is not there has no entry."""
        found = {side: np.flatnonzero(self.labels == side) for side in (1, 2)}
        return {side: flat for side, flat in found.items() if flat.size}

    @cached_property
    def sides(self) -> tuple[int, ...]:
        """Labels of the lungs that are there."""
        return tuple(self.points)

    @cached_property
    def boxes(self) -> dict[int, tuple[int, int, int, int]]:
        """First row, last row + 1, first column, last column + 1 of each lung."""
        boxes = {}
        for side, flat in self.points.items():
            rows, columns = np.divmod(flat, self.shape[1])
            boxes[side] = int(rows[0]), int(rows[-1]) + 1, int(columns.min()), int(columns.max()) + 1
        return boxes

    @cached_property
    def inside(self) -> Field:
        """1 in the lung fields, else 0, as float32."""
        return (self.labels > 0).astype(np.float32)

    def blurred(self, sigma: float) -> Field:
        """Return `inside` blurred with a Gaussian; kept, as every opacity of a recipe asks for the same two."""
        if sigma not in self._blurred:
            self._blurred[sigma] = blur(self.inside, sigma)
        return self._blurred[sigma]

    @cached_property
    def hidden(self) -> Field:
        """What a ray outside the lung field still meets of a lung: 1 at its border, 0 far away and inside."""
        return np.asarray(np.maximum.reduce(list(self._hidden.values())), dtype=np.float32)

    @cached_property
    def whole(self) -> Field:
        """1 in the lung fields and `hidden` beyond."""
        return self.hidden + (self.labels > 0)

    def extent(self, side: int) -> Field:
        """Return 1 in one lung's visible field, and its `hidden` share beyond."""
        return self._extents[side]

    def recess(self, side: int) -> Field:
        """Return `extent` with a wider rim: what fluid fills, where a lung field ends above the lung's true base."""
        return self._recesses[side]

    @cached_property
    def _hidden(self) -> dict[int, Field]:
        return hidden_share(self.labels, self.sides)

    @cached_property
    def _extents(self) -> dict[int, Field]:
        return {side: hidden + (self.labels == side) for side, hidden in self._hidden.items()}

    @cached_property
    def _recesses(self) -> dict[int, Field]:
        found = hidden_share(self.labels, self.sides, rim=RECESS)
        return {side: hidden + (self.labels == side) for side, hidden in found.items()}

    def hilum(self, side: int) -> tuple[float, float]:
        """Return about where bronchi and vessels enter a lung: row and column, in pixels."""
        top, bottom, left, right = self.boxes[side]
        inner = right - 0.1 * (right - left) if side == 1 else left + 0.1 * (right - left)
        return top + 0.45 * (bottom - top), inner

    def coordinates(self, side: int) -> tuple[Field, Field]:
        """Return height (0 apex, 1 base; `(H, 1)`) and laterality (0 hilum, 1 rim; `(1, W)`) of a lung's box."""
        top, bottom, left, right = self.boxes[side]
        height = (np.arange(self.shape[0], dtype=np.float32) - top) / max(bottom - top, 1)
        lateral = (np.arange(self.shape[1], dtype=np.float32) - left) / max(right - left, 1)
        lateral = 1 - lateral if side == 1 else lateral
        return height[:, None].astype(np.float32), lateral[None, :].astype(np.float32)

    def from_wall(self, side: int) -> Field:
        """Return the distance `(H, W)` from the chest wall, row by row, in shares of the lung's width; 0 beyond it.

        Below the lung's widest row the wall goes straight down: the lung field narrows there to its angle.
        """
        rows, columns = np.divmod(self.points[side], self.shape[1])
        inwards = columns if side == 1 else self.shape[1] - 1 - columns
        wall = np.full(self.shape[0], self.shape[1])
        np.minimum.at(wall, rows, inwards)
        there = np.flatnonzero(wall < self.shape[1])
        wall[wall.argmin() : there[-1] + 1] = wall.min()
        border = np.interp(np.arange(self.shape[0]), there, wall[there]).astype(np.float32)
        across = np.arange(self.shape[1], dtype=np.float32)
        distance = (across if side == 1 else across[::-1])[None, :] - border[:, None]
        _, _, left, right = self.boxes[side]
        return np.asarray(np.maximum(distance, 0) / max(right - left, 1), dtype=np.float32)
