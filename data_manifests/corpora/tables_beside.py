"""Tables that lie with a folder of images and tell of them: who gives the folder alone may have missed them."""

import os
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from artasyn.data_manifests.corpora.assemble import Findings, resolve
from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.catalog_likeness import table_like
from artasyn.data_manifests.corpora.csv_tables import header
from artasyn.data_manifests.corpora.file_tree import Tree
from artasyn.data_manifests.corpora.label_rules import Label
from artasyn.data_manifests.corpora.label_words import is_number
from artasyn.data_manifests.corpora.manifest import Source
from artasyn.data_manifests.corpora.source_rows import rows_of
from artasyn.data_manifests.corpora.table_columns import image_columns
from artasyn.data_manifests.corpora.table_labels import likely_labels
from artasyn.data_manifests.corpora.text_files import TABLES
from artasyn.data_manifests.corpora.undeclared_table import table_manifest
from artasyn.data_manifests.corpora.understood import Doubt, Understood, counted, some
from artasyn.data_manifests.errors import CorpusError

__all__ = ["Told", "labels_told", "table_of", "tables_of"]

UNSURE: Label = "unlabelled"
MOST = 20
"""Tables that are looked into."""


class Told(NamedTuple):
    """A table in or around a folder that tells of its images."""

    path: Path
    reason: str
    """Why its images are not to be taken for normal; "" where it says nothing against it."""
    sure: bool
    """Whether it says so in words that are understood."""
    like: str
    """The corpus of the catalog that it is called as a table of, "" for none."""
    rank: tuple[bool, bool, bool, int, int]
    """The table with most images, some of them normal in words, is the one to read."""

    def doubt(self, root: Path) -> Doubt:
        """Return why the bare folder `root` is not to be taken for normal, and how to read the table."""
        command = shlex.join(["artasyn-synth", "build", str(self.path), "STORE", "--root", str(root)])
        remedy = f"`{command}` reads it"
        if self.like:
            whole = os.path.commonpath([self.path.resolve().parent, root.resolve()])
            command = shlex.join(["artasyn-synth", "build", self.like, "STORE", "--root", whole])
            remedy = f"`{command}` reads that corpus, else {remedy}"
        remedy += "; where all images are normal, say --assume-normal"
        return Doubt(kind="no_label", subject=str(root), reason=self.reason, remedy=remedy)


def tables_of(tree: Tree, around: Sequence[Path]) -> Iterator[Path]:
    """Yield the first tables in a folder and `around` it."""
    inside = [tree.root / path for path in tree.paths if path.lower().endswith(TABLES)]
    yield from islice([*inside, *(path for path in around if path.name.lower().endswith(TABLES))], MOST)


def table_of(tree: Tree, around: Sequence[Path], exists: Callable[[str], bool]) -> Told | None:
    """Return the table in a folder, or around it, that tells most of its images, None where none does."""
    told = [found for path in tables_of(tree, around) if (found := _told(path, tree, exists))]
    return max(told, key=lambda found: (bool(found.reason), found.rank), default=None)


def labels_told(source: Source, tree: Tree) -> dict[str, Label]:
    """Return what an undeclared table says of the images that are there; nothing sure where its rows contradict.

    Raises CorpusError.
    """
    found = Findings()
    bare = replace(source, mask="", lung_mask="", boxes=None, runs=None, patient="", split="", attributes={})
    resolve(bare, tree, rows_of(bare, tree), salt="", findings=found)
    unsure = [name for name, entry in found.skipped.items() if entry.reason == "contradiction"]
    return dict.fromkeys(unsure, UNSURE) | {
        entry.image_id: entry.label for entry in found.radiographs.values()
    }


def _told(path: Path, tree: Tree, exists: Callable[[str], bool]) -> Told | None:
    """Return what a table tells of images that are there, None where that is nothing."""
    try:
        names = header(path)
        hits = image_columns(path, names, exists)
        if not hits:
            return None
        manifest, understood = table_manifest(path, ByHand(), exists)
        (source,) = manifest.sources
        labels = labels_told(source, tree)
        others = set(labels_told(replace(source, keep={}), tree)) - set(labels) if source.keep else set()
    except CorpusError:
        return None
    like = table_like(path.name, names)
    said, sure = _said(source, understood, labels, others)
    if not said and source.label:
        said = _may_say(understood, likely_labels(names), like)
    if not said and not source.by_class:
        return None
    rule = source.by_class
    in_words = bool(source.by_findings or (rule and not all(map(is_number, rule.normal))))
    rank = (sure, "normal" in labels.values(), in_words, max(hits.values()), path.stat().st_size)
    return Told(path, f"its table {path.name} {said}" if said else "", sure, like, rank)


def _said(
    source: Source, understood: Understood, labels: Mapping[str, Label], others: Collection[str]
) -> tuple[str, bool]:
    """Return what a table says against taking its images for normal, "" for nothing; `others` are no frontal views."""
    said = set(labels.values())
    silent = said <= {UNSURE} and not any(doubt.kind == "label_values" for doubt in understood.doubts)
    if not source.label and not silent and not said <= {"normal"}:
        return f"tells labels of its images ({understood.label})", True
    if others:
        return (
            f"tells that {counted(len(others), 'image')} are no frontal views ({', '.join(source.keep)})",
            True,
        )
    return "", not source.label


def _may_say(understood: Understood, likely: Sequence[str], like: str) -> str:
    """Return what may stand in a table whose labels are not understood, "" for nothing."""
    if like:
        return f"is called as a table of {like} is, whose labels lie in another"
    if understood.mask or understood.boxes:
        return f"tells marks of its images ({understood.mask or understood.boxes})"
    return (
        f"may tell labels of its images in columns that are not understood: {some(likely)}" if likely else ""
    )
