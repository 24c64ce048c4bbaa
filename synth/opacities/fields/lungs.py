"""The lungs an opacity lies in: the visible lung field, the hidden part behind it, and their measures."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.fields.hidden_lung import hidden_share
from artasyn.synth.opacities.fields.noise import Field, blur

__all__ = ["Lungs"]


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

    @cached_property
    def _hidden(self) -> dict[int, Field]:
        return hidden_share(self.labels, self.sides)

    @cached_property
    def _extents(self) -> dict[int, Field]:
        return {side: hidden + (self.labels == side) for side, hidden in self._hidden.items()}

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
