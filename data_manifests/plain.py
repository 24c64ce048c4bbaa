"""Declare a corpus that nobody declared: a folder of images, or a CSV with telling column names."""

import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path

from data_manifests.errors import CorpusError
from data_manifests.labels import ByClass
from data_manifests.manifest import Manifest, Source
from data_manifests.rows import Row
from data_manifests.tables import header
from data_manifests.tree import Tree

__all__ = ["NORMAL", "SPLITS", "folder_manifest", "folder_rows", "table_manifest"]

IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".dcm", ".dicom")
NORMAL = ("normal", "normals", "healthy", "no finding", "no_finding", "no-finding", "negative", "0")
UNLABELLED = ("unlabelled", "unlabeled", "unknown", "none", "nan", "?")
SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}
COLUMNS = {
    "image": ("image_id", "image", "file", "path", "filename", "file_name", "image_path"),
    "label": ("label", "class", "cls", "kind"),
    "split": ("split", "official_split", "fold", "subset"),
    "patient": ("patient", "patient_id", "patientid", "subject_id"),
    "mask": ("mask", "mask_path", "infection_mask", "lesion_mask"),
    "lungs": ("lung_mask", "lungs_mask", "lungs"),
}
"""Column names that are understood, the first one present wins; case does not matter."""


def folder_manifest(name: str) -> Manifest:
    """Return the declaration of a plain folder; its rows come from `folder_rows`."""
    source = Source(
        files="(?s:.*)",
        by_class=ByClass(column="class", normal=NORMAL),
        split="{split}",
        mask="?{mask}",
        lung_mask="?{lungs}",
        attributes={"class": "{class}"},
    )
    return Manifest(
        name=name,
        title="Folder of images",
        healthy="images in a folder named normal; other folders beside it are abnormal; unlabelled without one",
        sources=(source,),
    )


def folder_rows(tree: Tree) -> Iterator[Row]:
    """Yield a row for every image that lies in no mask folder."""
    images = [path for path in tree.paths if path.lower().endswith(IMAGES)]
    images = [path for path in images if not any("mask" in part.lower() for part in path.split("/")[:-1])]
    depth = _class_depth(images)
    by_stem = {posixpath.splitext(path)[0]: path for path in tree.paths if "mask" in path.lower()}
    for path in images:
        folders = path.split("/")[:-1]
        stem = posixpath.splitext(posixpath.basename(path))[0]
        splits = [SPLITS[folder.lower()] for folder in folders if folder.lower() in SPLITS]
        cells = {
            "path": path,
            "class": folders[depth] if depth is not None and depth < len(folders) else "",
            "split": splits[0] if splits else "",
            "mask": by_stem.get(f"masks/{stem}", ""),
            "lungs": by_stem.get(f"lung_masks/{stem}", ""),
        }
        yield Row("", cells)


def _class_depth(images: Sequence[str]) -> int | None:
    """Return at which level of folders the classes stand; None where no folder is named normal."""
    for path in images:
        for depth, folder in enumerate(path.split("/")[:-1]):
            if folder.lower() in NORMAL:
                return depth
    return None


def table_manifest(path: Path) -> Manifest:
    """Declare a CSV by the names of its columns. Raises CorpusError where no column names the images."""
    names = header(path)
    found = {role: _column(names, known) for role, known in COLUMNS.items()}
    if not found["image"]:
        remedy = f"name a column one of {', '.join(COLUMNS['image'])}, or write a .toml manifest"
        raise CorpusError(path, "has no column that names the images", remedy, kind="missing_column")
    used = {column for column in found.values() if column}
    image, label = found["image"], found["label"]
    # Without a label column the folder names are read, as in a plain folder.
    pattern = rf"(?i:^(?:.*/)?(?P<folder_label>{'|'.join(NORMAL[:6])}|abnormal|diseased|pneumonia)/)"
    source = Source(
        table=str(path.resolve()),
        image=f"{{{image}}}",
        extract={} if label else {image: pattern},
        by_class=ByClass(column=label or "folder_label", normal=NORMAL, abnormal=("*",), neither=UNLABELLED),
        split=_template(found["split"]),
        splits=SPLITS,
        patient=_template(found["patient"]),
        mask=_template(found["mask"]),
        lung_mask=_template(found["lungs"]),
        attributes={name: f"{{{name}}}" for name in names if name not in used - {label} and _plain(name)},
    )
    return Manifest(
        name=_name(path),
        title=f"Table {path.name}",
        healthy=f"column {label} in {', '.join(NORMAL)}" if label else "images in a folder named normal",
        sources=(source,),
    )


def _column(names: Sequence[str], known: Sequence[str]) -> str:
    """Return the first of the known names that is there, as it is written there."""
    lower = {name.lower(): name for name in names if _plain(name)}
    return next((lower[name] for name in known if name in lower), "")


def _plain(name: str) -> bool:
    return bool(name) and not set(name) & set("{}:")


def _template(column: str) -> str:
    return f"{{{column}}}" if column else ""


def _name(path: Path) -> str:
    return path.parent.name.lower().strip("._-") or "table"
