"""Hold what a table says of its images against the other tables that lie with it."""

import shlex
from collections.abc import Callable
from pathlib import Path

from artasyn.data_manifests.corpora.assemble import Findings
from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.csv_tables import header
from artasyn.data_manifests.corpora.file_tree import Tree
from artasyn.data_manifests.corpora.table_columns import image_columns
from artasyn.data_manifests.corpora.tables_beside import labels_told, tables_of
from artasyn.data_manifests.corpora.undeclared_table import table_manifest
from artasyn.data_manifests.corpora.understood import Doubt, counted, some
from artasyn.data_manifests.errors import CorpusError

__all__ = ["denied_by_others"]


def denied_by_others(
    path: Path, tree: Tree, findings: Findings, exists: Callable[[str], bool]
) -> Doubt | None:
    """Return why images that the table at `path` calls normal may be none: another one calls them abnormal.

    A list of boxes says `0` or `No finding` of an image without a box, whatever else there is.
    """
    normal = {entry.image_id for entry in findings.radiographs.values() if entry.label == "normal"}
    for other in tables_of(tree, ()) if normal else ():
        if other.resolve() == path.resolve():
            continue
        denied = sorted(normal & _abnormal_in(other, tree, exists))
        if denied:
            command = shlex.join(["artasyn-synth", "build", str(other), "STORE", "--root", str(tree.root)])
            return Doubt(
                kind="label_values",
                subject=str(path),
                reason=f"calls {counted(len(denied), 'image')} normal that {other.name} calls abnormal: {some(denied)}",
                remedy=f"`{command}` reads that one; where this one counts, name its column with --label-column",
            )
    return None


def _abnormal_in(path: Path, tree: Tree, exists: Callable[[str], bool]) -> set[str]:
    """Return the images that a table calls abnormal, none where its labels are not understood."""
    try:
        if not image_columns(path, header(path), exists):
            return set()
        manifest, understood = table_manifest(path, ByHand(), exists)
        if any(doubt.kind == "label_values" for doubt in understood.doubts):
            return set()
        labels = labels_told(manifest.sources[0], tree)
    except CorpusError:
        return set()
    return {image_id for image_id, label in labels.items() if label == "abnormal"}
