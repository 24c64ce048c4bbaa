"""Lung fields of a chest radiograph, found without any example outlined by a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ConfigError
from artasyn.data_manifests.images.grey_array import check_grey
from artasyn.synth.lungs.acceptance import SHAPE_REASONS, rejection
from artasyn.synth.lungs.lung_field import LEFT, RIGHT, LungField
from artasyn.synth.lungs.network.segment import segment_by_network
from artasyn.synth.lungs.pbtseg.segment import PbtsegConfig, segment_by_pbtseg
from artasyn.synth.lungs.thresholds.segment import segment_by_thresholds

__all__ = [
    "LEFT",
    "REASONS",
    "RIGHT",
    "LungConfig",
    "LungField",
    "PbtsegConfig",
    "look_for_lungs",
    "segment_lungs",
]

REASONS: Mapping[str, frozenset[str]] = {
    "network": SHAPE_REASONS | {"uncertain", "negative", "not_upright"},
    "thresholds": SHAPE_REASONS,
    "pbtseg": SHAPE_REASONS,
}
"""Why a method may refuse a field, beside the empty reason of an accepted one. negative: lungs that would be accepted
show in the inverted image alone, so that an opacity would go the wrong way. not_upright: they show in the image turned
by 90, 180 or 270 degrees alone, or more surely."""

_SURE = 0.97
"""Quality from which an image is not tried the other way round: the best of 276 upside-down radiographs has 0.951."""
_SURER = 0.01
"""By how much quality must rise for an image to be upside down. Of 276 radiographs it falls by 0.024 to 0.12 when they
are turned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LungConfig:
    """How lungs are found, and how sure the finding must be."""

    method: Literal["network", "thresholds", "pbtseg"] = "network"
    """`network`: distilled from `thresholds`; `thresholds`: many cuts, the best pair; `pbtseg`: the paper's rule."""

    min_quality: float = 0.85
    """Fields of a lower quality, in [0, 1], are refused as `uncertain`."""

    pbtseg: PbtsegConfig = field(default_factory=PbtsegConfig)
    """Settings of the paper's rule."""

    def __post_init__(self) -> None:
        """Refuse a quality outside [0, 1]."""
        if not 0 <= self.min_quality <= 1:
            raise ConfigError("min_quality", f"must be in [0, 1], got {self.min_quality}")


DEFAULT = LungConfig()


def segment_lungs(image: NDArray[np.uint8], config: LungConfig = DEFAULT) -> LungField:
    """Outline both lung fields of a grey image (H, W) uint8 of any size, upright and facing the viewer.

    Raises ImageError unless the image is grey uint8.
    """
    check_grey(image)
    image = np.ascontiguousarray(image)
    labels, quality, negative = _labels(image, config)
    doubt = "uncertain" if quality < config.min_quality else "negative" * negative
    reason = rejection(labels, image) or doubt
    return LungField(labels=labels, quality=quality, reason=reason)


def look_for_lungs(image: NDArray[np.uint8], config: LungConfig = DEFAULT) -> LungField:
    """Outline the lungs of an image (H, W); refused as `negative` where its negative alone shows them.

    Refused as `not_upright` where they show when it is turned; of the methods only the network can tell 180 degrees.
    """
    found = segment_lungs(image, config)
    if found.reason and not segment_lungs(255 - image, config).reason:
        return replace(found, reason="negative")
    return replace(found, reason="not_upright") if _shows_turned(image, found, config) else found


def _shows_turned(image: NDArray[np.uint8], found: LungField, config: LungConfig) -> bool:
    """Say whether lungs are accepted in a turned image alone, or upside down with a higher quality."""
    if config.method != "network" or (not found.reason and found.quality >= _SURE):
        return False
    fields = (
        segment_lungs(np.rot90(image, turns), config) for turns in ((1, 2, 3) if found.reason else (2,))
    )
    least = 0.0 if found.reason else found.quality + _SURER
    return any(not field.reason and field.quality > least for field in fields)


def _labels(image: NDArray[np.uint8], config: LungConfig) -> tuple[NDArray[np.uint8], float, bool]:
    """Return labels, quality, and whether the image is a negative, as far as the method can tell."""
    if config.method == "network":
        return segment_by_network(image)
    if config.method == "pbtseg":
        return segment_by_pbtseg(image, config.pbtseg), 1.0, False
    labels = segment_by_thresholds(image)
    enlarged = cv2.resize(labels, image.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(enlarged, np.uint8), 1.0, False
