"""Which column of an undeclared table names the files of the masks."""

import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from artasyn.data_manifests.corpora.annotations import NOTHING
from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.csv_tables import rows
from artasyn.data_manifests.corpora.table_columns import has_column, named_columns

__all__ = ["mask_column"]

Exists = Callable[[str], bool]
"""Says whether a cell names a file."""
LOOKED_AT = 200
"""Rows by which a column is judged."""
OUTLINE = re.compile(r"[\[({]*-?[\d.]+(?:[\s,;:\[\](){}]+-?[\d.]+)+[\s\])};]*")
"""Several numbers, as corners of polygons and boxes are written."""


def mask_column(path: Path, names: list[str], image: str, hand: ByHand, exists: Exists) -> str:
    """Return the column of the masks' files, "" for none. Raises CorpusError for a column not there."""
    return _by_name(path, names, hand.mask_column) or _label_images(path, names, image, hand, exists)


def _by_name(path: Path, names: list[str], chosen: str) -> str:
    """Return the column of the masks' files; one that holds numbers alone, as outlines are written, names none."""
    for name in [chosen] if chosen else named_columns(names, "mask"):
        has_column(path, name, names)
        cells = [cells[name].strip() for cells in islice(rows(path, [name]), LOOKED_AT)]
        said = [cell for cell in cells if cell.lower() not in NOTHING]
        if chosen or not said or not all(map(OUTLINE.fullmatch, said)):
            return name
    return ""


def _label_images(path: Path, names: list[str], image: str, hand: ByHand, exists: Exists) -> str:
    """Return a column called `label` or the like that names files: masks, as in `image,label` of segmentation sets."""
    for name in named_columns(names, "label"):
        if name in (image, hand.label_column):
            continue
        cells = [cells[name].strip() for cells in islice(rows(path, [name]), LOOKED_AT)]
        named = [cell for cell in cells if cell]
        if named and all("." in cell for cell in named) and any(map(exists, named)):
            return name
    return ""
