"""What a study is: the stored samples of one radiograph, or the reason why it is left out."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.corpora.radiograph import Radiograph
from artasyn.data_manifests.errors import ConfigError, CorpusError, ImageError
from artasyn.data_manifests.images.file_bytes import Reader
from artasyn.data_manifests.images.fingerprints import perceptual_hash, pixels_sha256
from artasyn.data_manifests.store.contract import CHANNELS, Row
from artasyn.synth.build.inputs import Planned
from artasyn.synth.config import SynthConfig
from artasyn.synth.sources.source import Source

__all__ = [
    "Grey",
    "Recipe",
    "Study",
    "first_row",
    "json_text",
    "made_or_rejected",
    "portable",
    "rejected_study",
    "stack_sample",
]

Grey = NDArray[np.uint8]
FAULTS = (ArithmeticError, IndexError, TypeError, ValueError, cv2.error)
"""What a fault of our own on one odd image would raise: that image is left out by name, the build goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What every study of a version has in common; sent to the workers once a shard."""

    source: Source
    config: SynthConfig
    seed: int
    pool: tuple[Planned, ...] = ()
    """Radiographs that a second image is drawn from, where a kind of opacity needs one."""


@dataclass(frozen=True, slots=True)
class Study:
    """The stored samples by slot, `(C, H, W)` uint8 each, and one row a slot."""

    samples: Mapping[int, Grey]
    rows: tuple[Row, ...]


MakeStudy = Callable[[Radiograph, int, Recipe, Reader], Study]


def rejected_study(image_id: str, study: int, slots: int, *, kind: str, message: str) -> Study:
    """Return rows that keep the place and the reason of an image that is left out."""
    reason = f"{kind}: {message}"
    row = Row(image_id=image_id, study=study, variant=0, status="rejected", reason=reason)
    return Study({}, tuple(replace(row, variant=variant) for variant in range(slots)))


def made_or_rejected(
    make: MakeStudy, radiograph: Radiograph, study: int, recipe: Recipe, read: Reader, *, slots: int
) -> Study:
    """Return what `make` makes, or the rows of an image that it refuses or fails on."""
    try:
        return make(radiograph, study, recipe, read)
    except (ConfigError, CorpusError):
        raise  # a mistake in the settings or a file that changed meanwhile is not the image's
    except ImageError as error:
        made = rejected_study(
            radiograph.image_id, study, slots, kind=error.kind, message=portable(error, radiograph)
        )
    except FAULTS as error:
        made = rejected_study(radiograph.image_id, study, slots, kind="fault", message=repr(error))
    return Study({}, tuple(_of(radiograph, row) for row in made.rows))


def portable(error: ImageError, radiograph: Radiograph) -> str:
    """Return what was wrong with which file, without where the corpus lies."""
    names = {radiograph.mask: "its mask ", radiograph.lung_mask: "its lung mask "}
    names |= dict.fromkeys(radiograph.more_masks, "one of its masks ")
    names[radiograph.other_lung_mask] = "its other lung's mask "
    subject = next((name for path, name in names.items() if path and error.subject == str(path)), "")
    return f"{subject}{error.reason}" + (f" ({error.remedy})" if error.remedy else "")


def _of(radiograph: Radiograph, row: Row) -> Row:
    return replace(row, label=radiograph.label, split=radiograph.split, patient=radiograph.patient)


def first_row(radiograph: Radiograph, decoded: Grey, study: int) -> Row:
    """Return the row of a study's first slot, not yet made, with what is known once its image is decoded."""
    return Row(
        image_id=radiograph.image_id,
        study=study,
        variant=0,
        status="absent",
        label=radiograph.label,
        patient=radiograph.patient,
        pixels_sha256=pixels_sha256(decoded),
        perceptual_hash=perceptual_hash(decoded),
        attributes=json_text(dict(radiograph.attributes)),
    )


def stack_sample(*channels: Grey) -> Grey:
    """Stack the channels in the contract's order; reference lungs that are not given stay 0."""
    missing = len(CHANNELS) - len(channels)
    return np.stack([*channels, *[np.zeros_like(channels[0])] * missing])


def json_text(values: dict[str, Any]) -> str:
    """Return the one way in which equal values are written."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"))
