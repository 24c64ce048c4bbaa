"""Tables that lie with a folder of images and tell their labels: who gives the folder alone may have missed them."""

import shlex
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.csv_tables import header
from artasyn.data_manifests.corpora.file_tree import Tree
from artasyn.data_manifests.corpora.table_columns import image_columns
from artasyn.data_manifests.corpora.text_files import TABLES
from artasyn.data_manifests.corpora.undeclared_table import table_manifest
from artasyn.data_manifests.corpora.understood import Doubt
from artasyn.data_manifests.errors import CorpusError

__all__ = ["Told", "table_of"]

MOST = 20
"""Tables that are looked into."""


class Told(NamedTuple):
    """A table in or beside a folder that tells labels, masks or boxes of its images."""

    path: Path
    label: str
    """What it understands as their label; "" where it has none, or all are normal."""

    def doubt(self, root: Path) -> Doubt:
        """Return why the bare folder `root` is not to be taken for normal: the table says that some images are not."""
        command = shlex.join(["artasyn-synth", "build", str(self.path), "STORE", "--root", str(root)])
        reason = f"its table {self.path.name} tells labels of its images ({self.label})"
        remedy = f"`{command}` reads it; where all images are normal, say --assume-normal"
        return Doubt(kind="no_label", subject=str(root), reason=reason, remedy=remedy)


def table_of(tree: Tree, exists: Callable[[str], bool]) -> Told | None:
    """Return the table in a folder, or beside it, that tells labels of its images, else one with masks or boxes."""
    inside = [tree.root / path for path in tree.paths if path.lower().endswith(TABLES)]
    second = None
    for path in islice([*inside, *_beside(tree.root)], MOST):
        told = _told(path, exists)
        if told and told.label:
            return told
        second = second or told
    return second


def _beside(root: Path) -> list[Path]:
    try:
        return sorted(path for path in root.resolve().parent.iterdir() if path.name.lower().endswith(TABLES))
    except OSError:
        return []


def _told(path: Path, exists: Callable[[str], bool]) -> Told | None:
    """Return what a table tells of images that are there, None where that is nothing."""
    try:
        if not image_columns(path, header(path), exists):
            return None
        manifest, understood = table_manifest(path, ByHand(), exists)
    except CorpusError:
        return None
    source = manifest.sources[0]
    if source.label:
        return Told(path, "") if understood.mask or understood.boxes else None
    rule = source.by_class
    all_normal = rule and not rule.neither and rule.abnormal == ("(none)",)
    return Told(path, "" if all_normal else understood.label)
