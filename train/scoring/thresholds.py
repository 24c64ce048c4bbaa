"""The frozen thresholds of a run: what they are, which are asked for, and how a map is compared with one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.bounds import check_bounds
from artasyn.data_manifests.errors import ConfigError

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["FEWEST_NORMALS", "ThresholdConfig", "Thresholds", "predicted_mask"]

FEWEST_NORMALS = 20
"""Normal images that a threshold needs: one that leaves 5 % of fewer above it is their maximum."""

LARGEST = 1 + 1e-6
"""Of a threshold: the lowest above all images of a perfect score lies just above 1."""


@overload
def predicted_mask(anomaly: NDArray[np.float32], threshold: float) -> NDArray[np.bool_]: ...


@overload
def predicted_mask(anomaly: "Tensor", threshold: float) -> "Tensor": ...


def predicted_mask(anomaly: Any, threshold: float) -> Any:
    """Return where the map, an array or a tensor, reaches the threshold; compared in float32, as maps are."""
    return anomaly >= float(np.float32(threshold))


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdConfig:
    """Which thresholds are frozen."""

    false_positives: float = 0.05
    """Share of the lung field that may be marked on normal images, in [0, 1); 0 takes the best mean Dice instead."""
    specificity: float = 0.95
    """Share of held-out normal images below the image threshold."""

    def __post_init__(self) -> None:
        check_bounds(self, "false_positives", table="thresholds", least=0, below=1)
        check_bounds(self, "specificity", table="thresholds", above=0, below=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The frozen thresholds of a run, and how they came about."""

    pixel: float
    """A pixel of an anomaly map is marked at or above this."""
    image: float
    """An image is called abnormal at or above this score."""
    rule: str
    """What `pixel` was chosen for, in words."""
    held_out_dice: float
    """Mean Dice over the held-out synthetic images at `pixel`."""
    best_dice_pixel: float
    """Threshold of the best mean Dice."""
    best_dice: float
    false_positives: float
    """Mean share of the lung field marked on the held-out normal images at `pixel`."""
    sensitivity: float
    """Share of held-out synthetic images at or above `image`."""
    specificity: float
    """Share of held-out normal images below `image`."""
    synthetic_images: int
    normal_images: int
    pixel_at: Mapping[str, float] = field(default_factory=dict)
    """Further pixel thresholds by rule: `marked_0.01` (share of the lung field), and `cautious`, the threshold of the
    best mean Dice where that marks less than `pixel`, else `pixel`; empty in older runs."""
    image_at: Mapping[str, float] = field(default_factory=dict)
    """Further image thresholds: `specificity_0.9`; empty in older runs."""
    normal_scores: tuple[float, ...] = ()
    """Scores of the held-out normal images at 0, 1, ... 100 %; empty in older runs."""

    def __post_init__(self) -> None:
        """Refuse what no training gives."""
        for name in ("pixel", "image", "best_dice_pixel"):
            value = getattr(self, name)
            if not 0 <= value <= LARGEST:  # also refuses nan
                raise ConfigError(f"thresholds.{name}", f"must lie in [0, 1], got {value!r}")
        if min(self.synthetic_images, self.normal_images) < 0:
            raise ConfigError("thresholds", "must come from some images")
