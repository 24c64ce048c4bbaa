"""Declare a plain folder of images: classes, splits and masks follow from the names of folders and files."""

import posixpath
from collections import Counter

from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.file_tree import Tree
from artasyn.data_manifests.corpora.folder_names import split_of
from artasyn.data_manifests.corpora.folder_words import (
    classes_of,
    label_sentence,
    unlike_normal,
    unsaid_folders,
)
from artasyn.data_manifests.corpora.label_rules import ByClass
from artasyn.data_manifests.corpora.label_words import meaning
from artasyn.data_manifests.corpora.manifest import Manifest, Source
from artasyn.data_manifests.corpora.source_rows import Row
from artasyn.data_manifests.corpora.text_files import TABLES
from artasyn.data_manifests.corpora.understood import Doubt, ToldBy, Understood, counted, some
from artasyn.data_manifests.errors import CorpusError

__all__ = ["folder_manifest", "other_files", "read_folder"]


def folder_manifest(name: str) -> Manifest:
    """Return the declaration of a plain folder; its rows come from `read_folder`."""
    source = Source(
        files="(?s:.*)",
        by_class=ByClass(column="label", normal=("normal",), abnormal=("abnormal",)),
        split="{split}",
        attributes={"class": "{class}"},
    )
    return Manifest(
        name=name,
        title="Folder of images",
        healthy="images in a folder named normal; other folders beside it are abnormal; unlabelled without one",
        sources=(source,),
    )


def read_folder(tree: Tree, images: list[str], hand: ByHand) -> tuple[list[Row], Understood]:
    """Return a row for every image, and what was understood of the folders' names. Raises CorpusError."""
    columns = [option for option in hand.given if option.endswith("column")]
    if columns:
        raise CorpusError(tree.root, f"is a folder: {columns[0]} names a column of a table", "give the table")
    classes = classes_of(images, hand)
    if (hand.normal_dir or hand.normal) and all(said.label != "normal" for said in classes.values()):
        reason = f"no image lies in a folder {hand.normal_dir or some(hand.normal)}"
        raise CorpusError(tree.root, reason, "name a folder below it that holds images", kind="no_label")
    rows = [
        Row("", {"path": path, "class": _class(said.folder), "label": said.label, "split": _split(path)})
        for path, said in classes.items()
    ]
    root, sentence = tree.root.resolve().name, label_sentence(classes.values())
    told_by: ToldBy = "folders" if any(said.folder for said in classes.values()) else ""
    if any(row.cells["class"] for row in rows):
        unsaid = unsaid_folders(classes)
        return rows, _understood(tree, rows, "; ".join(filter(None, (sentence, unsaid))), told_by, None)
    doubt = unlike_normal(root, images)
    # `health` is a class beside `sick`; a folder of one's own may be called so for other reasons.
    if doubt is None and meaning(root) == "normal" and len(root) > 1 and root.lower() != "health":
        rows = [Row("", {**row.cells, "class": root, "label": "normal"}) for row in rows]
        sentence, told_by = f"the folder's own name: normal {root} ({len(rows):,})", "own name"
    return rows, _understood(tree, rows, sentence, told_by, doubt)


def other_files(paths: list[str]) -> str:
    """Say how many files are neither images nor tables, by their suffixes, "" for none."""
    kinds = Counter(
        posixpath.splitext(path)[1].lower() or posixpath.basename(path)
        for path in paths
        if not path.lower().endswith(TABLES)
    )
    named = [f"{kind} ({number:,})" for kind, number in kinds.most_common()]
    return (
        f"{counted(kinds.total(), 'file')} of kinds that are not read as images: {some(named)}"
        if named
        else ""
    )


def _understood(tree: Tree, rows: list[Row], label: str, told_by: ToldBy, doubt: Doubt | None) -> Understood:
    splits = sorted({row.cells["split"] for row in rows} - {""})
    tables = [path for path in tree.paths if path.lower().endswith(TABLES)]
    unsaid = not any(row.cells["class"] for row in rows)
    return Understood(
        label=label,
        split=f"folders {', '.join(splits)}" if splits else "",
        ignored=f"tables {some(tables)}: give one in place of the folder to use it" if tables else "",
        doubts=(doubt,) if doubt else (),
        told_by=told_by,
        plain=unsaid and not doubt,
    )


def _class(folder: str) -> str:
    return "" if folder.startswith("(") else folder


def _split(path: str) -> str:
    """Return the split that a folder names, also as one of its words (`train_images`)."""
    return next(filter(None, map(split_of, path.split("/")[:-1])), "")
