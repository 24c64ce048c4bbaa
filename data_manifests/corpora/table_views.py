"""Columns of an undeclared table that tell frontal chest radiographs from other views, images and parts of the body."""

from collections.abc import Mapping
from pathlib import Path

from artasyn.data_manifests.corpora.csv_tables import rows
from artasyn.data_manifests.corpora.vocabulary import bare
from artasyn.data_manifests.images.body_parts import other_body_part
from artasyn.data_manifests.images.dicom_views import names_other_view

__all__ = ["frontal_values"]

VIEWS = frozenset(
    ["view", "views", "viewposition", "viewpoint", "projection", "position", "orientation", "frontallateral"]
)
MODALITIES = frozenset(["modality", "imagemodality", "imagetype"])
BODY_PARTS = frozenset(["bodypart", "bodypartexamined", "anatomy"])
NO_RADIOGRAPH = frozenset(["ct", "mr", "mri", "us", "pt", "pet", "mg", "nm"])
SIDE_OR_SLICE = frozenset(["l", "axial", "coronal", "sagittal"])
"""Alone in a column of views: the letter for lateral, and the planes of CT."""


def frontal_values(path: Path, names: list[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the columns that name other views, images or parts of the body, with the values that do not."""
    columns = [
        name for name in names if bare(name) in VIEWS | MODALITIES | BODY_PARTS and not set(name) & set("{}:")
    ]
    values: dict[str, set[str]] = {name: set() for name in columns}
    for cells in rows(path, columns) if columns else ():
        for name in columns:
            values[name].add(cells[name])
    kept = {name: [value for value in sorted(values[name]) if not _is_other(name, value)] for name in columns}
    return {name: tuple(allowed) for name, allowed in kept.items() if len(allowed) < len(values[name])}


def _is_other(column: str, value: str) -> bool:
    word = value.strip().lower()
    if bare(column) in MODALITIES:
        return word in NO_RADIOGRAPH
    if bare(column) in BODY_PARTS:
        return other_body_part(value) is not None
    return word in SIDE_OR_SLICE or names_other_view(value)
