"""Tables that lie with a folder of images and tell their labels: who gives the folder alone may have missed them."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.csv_tables import header
from artasyn.data_manifests.corpora.file_tree import Tree
from artasyn.data_manifests.corpora.table_columns import image_columns
from artasyn.data_manifests.corpora.text_files import TABLES
from artasyn.data_manifests.corpora.undeclared_table import table_manifest
from artasyn.data_manifests.corpora.understood import Doubt
from artasyn.data_manifests.errors import CorpusError

__all__ = ["told_by_a_table"]

MOST = 20
"""Tables that are looked into."""


def told_by_a_table(tree: Tree, exists: Callable[[str], bool]) -> Doubt | None:
    """Return why a bare folder is not to be taken for normal: a table in it, or beside it, says that some are not."""
    inside = [tree.root / path for path in tree.paths if path.lower().endswith(TABLES)]
    for path in islice([*inside, *_beside(tree.root)], MOST):
        if label := _label(path, exists):
            reason = f"its table {path.name} tells labels of its images ({label})"
            remedy = f"give {path} in place of the folder, or say --assume-normal"
            return Doubt(kind="no_label", subject=str(tree.root), reason=reason, remedy=remedy)
    return None


def _beside(root: Path) -> list[Path]:
    try:
        return sorted(path for path in root.resolve().parent.iterdir() if path.name.lower().endswith(TABLES))
    except OSError:
        return []


def _label(path: Path, exists: Callable[[str], bool]) -> str:
    """Return what a table understands as the label of images that are there, "" where it is no such table."""
    try:
        if not image_columns(path, header(path), exists):
            return ""
        manifest, understood = table_manifest(path, ByHand(), exists)
    except CorpusError:
        return ""
    source = manifest.sources[0]
    rule = source.by_class
    all_normal = rule and not rule.neither and rule.abnormal == ("(none)",)
    return "" if source.label or all_normal else understood.label
