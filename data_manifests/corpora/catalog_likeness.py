"""Recognise a public corpus by its files' names or its table's columns, where its folder or table alone is given."""

import posixpath
from collections.abc import Collection, Sequence
from fnmatch import fnmatch

from artasyn.data_manifests.corpora.manifest import Source, catalog_names, catalogued
from artasyn.data_manifests.corpora.patterns import named_groups
from artasyn.data_manifests.corpora.source_rows import named_by, needed_columns
from artasyn.data_manifests.corpora.templates import fields_of

__all__ = ["by_its_rules", "folder_like", "table_like"]

SAMPLED = 200
"""So many paths are compared: a large folder has hundreds of thousands."""
SHARE = 0.5
"""Share of them that must be called as a corpus declares."""


def folder_like(paths: Sequence[str], *, above: str = "", share: float = SHARE) -> str:
    """Return the catalogued corpus whose images are called as a `share` of these paths is, "" for none.

    `above` is the path of the folder that they are relative to: a corpus may be given by a folder of its own.
    """
    sample = [posixpath.join(above, path) for path in paths[:: max(1, len(paths) // SAMPLED)]]
    for name in catalog_names():
        sources = [source for source in catalogued(name).sources if source.files]
        fitting = sum(any(named_by(source, path) is not None for source in sources) for path in sample)
        if fitting and fitting >= share * len(sample):
            return name
    return ""


def by_its_rules(name: str) -> str:
    """Return what to do to read a catalogued corpus as such."""
    return f"give `{name} --root FOLDER` to read them by the rules of that corpus"


def table_like(name: str, columns: Collection[str]) -> str:
    """Return the catalogued corpus that reads a table of this file name and these columns, "" for none."""
    for corpus in catalog_names():
        if any(_reads(source, name, set(columns)) for source in catalogued(corpus).sources):
            return corpus
    return ""


def _reads(source: Source, name: str, columns: set[str]) -> bool:
    derived = {group for pattern in source.extract.values() for group in named_groups(pattern)}
    needed = needed_columns(source) - derived - {listing.column for listing in source.lists}
    if source.table and fnmatch(name, source.table):
        return bool(needed & columns) if source.joins else needed <= columns
    if source.boxes and fnmatch(name, source.boxes.table.removeprefix("?")):
        return fields_of(source.boxes.key) | set(source.boxes.columns) <= columns
    return any(fnmatch(name, join.table) and fields_of(join.key) <= columns for join in source.joins)
