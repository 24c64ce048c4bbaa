"""Columns of an undeclared table that tell frontal chest radiographs from other views, images and parts of the body."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from artasyn.data_manifests.corpora.csv_tables import rows
from artasyn.data_manifests.corpora.label_rules import ABSENT, PRESENT
from artasyn.data_manifests.corpora.vocabulary import bare
from artasyn.data_manifests.images.body_parts import other_body_part
from artasyn.data_manifests.images.dicom_views import names_frontal_view, names_other_view

__all__ = ["frontal_values"]

VIEWS = frozenset(
    ["view", "views", "viewposition", "viewpoint", "projection", "position", "orientation", "frontallateral"]
)
MODALITIES = frozenset(["modality", "imagemodality", "imagetype"])
BODY_PARTS = frozenset(["bodypart", "bodypartexamined", "anatomy"])
NO_RADIOGRAPH = frozenset(["ct", "mr", "mri", "us", "pt", "pet", "mg", "nm"])
SLICES = re.compile(r"tomogra|magnetic|ultraso|scintigra|mammogra")
SIDE_OR_SLICE = frozenset(["l", "axial", "coronal", "sagittal", "costal", "exclude", "excluded"])
"""Alone in a column of views: the letter for lateral, the planes of CT, and what PadChest writes for ribs and waste."""
SIDEWAYS, AHEAD = frozenset(["lateral", "islateral"]), frozenset(["frontal", "isfrontal"])
"""Columns that say by 1, or by 0, that a view is not frontal."""
FEW = 40
"""So many different values may a column of views have that is not called one."""


def frontal_values(
    path: Path, names: list[str], *, others: Collection[str] = ()
) -> Mapping[str, tuple[str, ...]]:
    """Return the columns that name other views, images or parts of the body, with the values that do not.

    A column is one by its name or, where it is none of `others`, by its values: each names a view, and they are not
    all of one kind.
    """
    columns = [name for name in names if name and not set(name) & set("{}:") and names.count(name) == 1]
    values: dict[str, set[str]] = {name: set() for name in columns}
    for cells in rows(path, columns) if columns else ():
        for name in columns:
            if len(values[name]) <= FEW or _is_called_so(name):
                values[name].add(cells[name])
    told = [
        name for name in columns if _is_called_so(name) or (name not in others and _are_views(values[name]))
    ]
    kept = {name: [value for value in sorted(values[name]) if not _is_other(name, value)] for name in told}
    return {name: tuple(allowed) for name, allowed in kept.items() if len(allowed) < len(values[name])}


def _is_called_so(column: str) -> bool:
    return bare(column) in VIEWS | MODALITIES | BODY_PARTS | SIDEWAYS | AHEAD


def _are_views(values: Collection[str]) -> bool:
    """Say whether each of a few values names a view, one a frontal and one another."""
    said = {value for value in values if value.strip()}
    other = {value for value in said if names_other_view(value, short=False)}
    return (
        len(values) <= FEW
        and bool(other)
        and bool(said - other)
        and all(map(names_frontal_view, said - other))
    )


def _is_other(column: str, value: str) -> bool:
    word = value.strip().lower()
    if bare(column) in MODALITIES:
        return word in NO_RADIOGRAPH or bool(SLICES.search(word))
    if bare(column) in BODY_PARTS:
        return other_body_part(value) is not None
    if bare(column) in SIDEWAYS and word in PRESENT:
        return True
    if bare(column) in AHEAD:
        return word in ABSENT
    return word in SIDE_OR_SLICE or names_other_view(value)
