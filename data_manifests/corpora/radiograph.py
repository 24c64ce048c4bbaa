"""What a corpus is a list of."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from artasyn.data_manifests.corpora.label_rules import Label

__all__ = ["Box", "Radiograph", "Skipped"]


class Box(NamedTuple):
    """A rectangle around a finding, in pixels of the source."""

    x: float
    y: float
    width: float
    height: float
    finding: str = ""
    """Its name as the corpus writes it; empty where the corpus names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Radiograph:
    """One image of a corpus and all that the corpus says of it."""

    image_id: str
    """Posix path relative to the corpus; unique."""
    path: Path
    label: Label
    split: str = ""
    """Empty where the corpus has none."""
    patient: str = ""
    """Salted hash of the patient's identifier; empty where it is not known."""
    mask: Path | None = None
    """What the annotators marked."""
    more_masks: tuple[Path, ...] = ()
    """Further files of the same annotation, one lesion each, say; united with `mask`."""
    mask_values: tuple[int, ...] = ()
    """Values of `mask` that mark disease, where it has several classes; (): all but 0."""
    lung_mask: Path | None = None
    other_lung_mask: Path | None = None
    """The second lung, where each lies in its own file."""
    runs: tuple[str, ...] | None = None
    """Masks as run lengths, in place of `mask`; () is a mask without any pixel."""
    run_findings: tuple[str, ...] = ()
    """The finding of each of `runs`; empty where the corpus names none."""
    boxes: tuple[Box, ...] = ()
    attributes: Mapping[str, str]
    """Further facts for breakdowns: class, view, sex, age and the like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """One entry that cannot be used, and why."""

    image_id: str
    reason: str
    """Short kind in snake_case: missing, missing_mask, ambiguous, duplicate, outside_root, no_path."""
    message: str
