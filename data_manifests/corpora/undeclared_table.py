"""Declare a CSV that nobody declared by the names of its columns."""

from collections.abc import Sequence
from pathlib import Path

from artasyn.data_manifests.corpora.csv_tables import header
from artasyn.data_manifests.corpora.label_rules import ByClass
from artasyn.data_manifests.corpora.manifest import Boxes, Manifest, Source
from artasyn.data_manifests.corpora.vocabulary import (
    NORMAL,
    NORMAL_FOLDERS,
    SPLITS,
    bare,
    corpus_name,
    names_a_person,
)
from artasyn.data_manifests.errors import CorpusError

__all__ = ["table_manifest"]

UNLABELLED = ("unlabelled", "unlabeled", "unknown", "none", "nan", "?")
COLUMNS = {
    "image": ("imageid", "image", "imageindex", "file", "path", "filename", "imagepath", "filepath"),
    "label": ("label", "class", "cls", "kind"),
    "split": ("split", "officialsplit", "fold", "subset"),
    "patient": ("patient", "patientid", "subject", "subjectid", "mrn", "pid"),
    "mask": ("mask", "maskpath", "infectionmask", "lesionmask"),
    "lungs": ("lungmask", "lungsmask", "lungs"),
    "boxes": ("boxes", "bboxes"),
}
"""Column names that are understood, case and signs left out; the first one present wins."""


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
    pattern = rf"(?i:^(?:.*/)?(?P<folder_label>{'|'.join(NORMAL_FOLDERS)}|abnormal|diseased|pneumonia)/)"
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
        boxes=_boxes(path, image, found["boxes"]),
        attributes={name: f"{{{name}}}" for name in names if _tells(name) and name not in used - {label}},
    )
    return Manifest(
        name=corpus_name(path.parent.name, otherwise="table"),
        title=f"Table {path.name}",
        healthy=f"column {label} in {', '.join(NORMAL)}" if label else "images in a folder named normal",
        sources=(source,),
    )


def _column(names: Sequence[str], known: Sequence[str]) -> str:
    """Return the first of the known names that is there, as it is written there."""
    there = {bare(name): name for name in reversed(names) if _plain(name)}
    return next((there[name] for name in known if name in there), "")


def _boxes(path: Path, image: str, column: str) -> Boxes | None:
    """Read the column of boxes: a JSON list of [x, y, width, height] in each cell."""
    return Boxes(table=str(path.resolve()), key=_template(image), columns=(column,)) if column else None


def _tells(name: str) -> bool:
    """Say whether a column is kept beside the image: what tells who somebody is never is."""
    return _plain(name) and not names_a_person(name)


def _plain(name: str) -> bool:
    return bool(name) and not set(name) & set("{}:")


def _template(column: str) -> str:
    return f"{{{column}}}" if column else ""
