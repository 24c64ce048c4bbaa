"""Choose the images of a store that are scored, and refuse a store that cannot answer the question."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import StoreError, did_you_mean
from artasyn.data_manifests.store.version import Version
from artasyn.eval.scoring.annotations import Annotations, read_annotations

__all__ = ["Selection", "number_of", "select_images", "select_normals"]

UNLABELLED = "without a label"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The scored images, one entry each in every array, in the order of the store's rows."""

    rows: NDArray[np.intp]
    altered: NDArray[np.bool_]
    """Whether the image with the synthetic opacity is read instead of its source."""
    abnormal: NDArray[np.bool_]
    annotated: NDArray[np.bool_]
    """Abnormal and with a mask: where Dice is defined. A missing mask is never filled in."""
    image_ids: tuple[str, ...]
    variants: tuple[int, ...]
    """Which synthetic opacity of its study is shown; 0 for real images."""
    patients: tuple[str, ...]
    """Salted hashes; empty where unknown."""
    groups: tuple[str, ...]
    """Images of one name are resampled together: those of a patient, else of a radiograph; alone where empty."""
    attributes: tuple[dict[str, str], ...]
    annotations: Annotations
    """Boxes and masks by finding; none at all on synthetic images."""
    left_out: dict[str, int]
    """How many rows were not scored, by reason."""

    @property
    def boxed(self) -> NDArray[np.bool_]:
        """Tell which images are abnormal and have a box."""
        return self.abnormal & self.annotations.boxed

    @property
    def columns(self) -> list[str]:
        """The names of all columns that the corpus brought."""
        return sorted({name for attributes in self.attributes for name in attributes})

    def column(self, name: str) -> list[str]:
        """Return an image's value in a column, for all of them; empty where it is not given."""
        return [attributes.get(name, "") for attributes in self.attributes]

    def __len__(self) -> int:
        """Return the number of scored images."""
        return len(self.rows)


def number_of(text: str) -> float:
    """Return the number that a cell holds, nan where it holds none."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


def select_images(version: Version, *, split: str = "", held_out: bool = False) -> Selection:
    """Return the images of an evaluation version, or the held-out studies of a synthetic one.

    An empty `split` takes all. Raises StoreError where the kind of store is not the one asked for, or where
    nothing is left.
    """
    kind, where = version.attributes["kind"], f"{version.blobs.location}@{version.id[:12]}"
    if kind == "synthetic" and not held_out:
        remedy = (
            "ingest real images with `artasyn-synth ingest`, or ask for its held-out studies with --held-out"
        )
        raise StoreError(where, "is a training store of synthetic opacities", remedy, kind="synthetic")
    if kind != "synthetic" and held_out:
        raise StoreError(where, "is an evaluation store and has no held-out studies", "leave out --held-out")
    cases = _synthetic(version) if held_out else _evaluation(version, split)
    if not len(cases):
        left = ", ".join(f"{n} {reason}" for reason, n in cases.left_out.items())
        reason = f"holds no image to score: {left or 'it is empty'}"
        raise StoreError(where, reason, _remedy(version, split, cases), kind="empty")
    return cases


def _remedy(version: Version, split: str, nothing: Selection) -> str:
    """Return what to do where no image is left to score."""
    if UNLABELLED in nothing.left_out:
        return "ingest a folder `normal` beside folders of disease, or a table with a column `label`"
    splits = {str(name) for name in version.table["split"] if name}
    return did_you_mean(split, splits) if split else ""


def select_normals(version: Version) -> Selection:
    """Return the normal and the unlabelled images of an evaluation version: what thresholds can be learnt from.

    Raises StoreError where it is a training store, or holds none.
    """
    where = f"{version.blobs.location}@{version.id[:12]}"
    if version.attributes["kind"] == "synthetic":
        reason = "is a training store: thresholds are learnt from real images of the place"
        raise StoreError(where, reason, "ingest them with `artasyn-synth ingest`", kind="synthetic")
    ok, abnormal = version.table["status"] == "ok", version.table["label"] == "abnormal"
    rows = np.flatnonzero(ok & ~abnormal)
    if not len(rows):
        raise StoreError(where, "holds neither normal nor unlabelled images", kind="empty")
    left_out = {
        "not readable or without lungs": int(np.count_nonzero(~ok)),
        "abnormal": int(np.count_nonzero(ok & abnormal)),
    }
    return _cases(version, rows, altered=np.zeros(len(rows), bool), left_out=left_out)


def _evaluation(version: Version, split: str) -> Selection:
    table = version.table
    ok = table["status"] == "ok"
    wanted = ok if not split else ok & (table["split"] == split)
    labelled = (table["label"] == "normal") | (table["label"] == "abnormal")
    rows = np.flatnonzero(wanted & labelled)
    left_out = {
        "not readable or without lungs": int(np.count_nonzero(~ok)),
        f"outside split {split}": int(np.count_nonzero(ok & ~wanted)),
        UNLABELLED: int(np.count_nonzero(wanted & ~labelled)),
    }
    return _cases(version, rows, altered=np.zeros(len(rows), bool), left_out=left_out)


def _synthetic(version: Version) -> Selection:
    """Take every altered image of the held-out studies, and each study's source once."""
    table = version.table
    ok = table["status"] == "ok"
    rows = np.flatnonzero(ok & (table["split"] == "val"))
    _, first = np.unique(table["study"][rows], return_index=True)
    sources = rows[first]
    both, altered = np.r_[sources, rows], np.r_[np.zeros(len(sources), bool), np.ones(len(rows), bool)]
    order = np.lexsort((altered, both))
    left_out = {
        "absent or rejected": int(np.count_nonzero(~ok)),
        "used for training": int(ok.sum()) - len(rows),
    }
    return _cases(version, both[order], altered=altered[order], left_out=left_out)


def _cases(
    version: Version, rows: NDArray[Any], *, altered: NDArray[np.bool_], left_out: dict[str, int]
) -> Selection:
    table = {name: column[rows] for name, column in version.table.items()}
    abnormal = altered | (table["label"] == "abnormal")
    return Selection(
        rows=rows,
        altered=altered,
        abnormal=abnormal,
        annotated=abnormal & (altered | table["has_mask"].astype(bool)),
        image_ids=tuple(map(str, table["image_id"])),
        variants=tuple(map(int, table["variant"])),
        patients=tuple(map(str, table["patient"])),
        groups=tuple(_groups(table, synthetic=bool(altered.any()))),
        attributes=tuple(_attributes(text) for text in table["attributes"]),
        annotations=_annotations(table, synthetic=bool(altered.any())),
        left_out={reason: count for reason, count in left_out.items() if count},
    )


def _groups(table: dict[str, NDArray[Any]], *, synthetic: bool) -> Iterator[str]:
    """Name what is resampled as one: the synthetic images of a radiograph are not independent of each other."""
    for patient, study in zip(table["patient"], table["study"], strict=True):
        yield str(patient) or (f"study {study}" if synthetic else "")


def _annotations(table: dict[str, NDArray[Any]], *, synthetic: bool) -> Annotations:
    """Read what readers marked; the records of synthetic images tell of opacities instead."""
    boxes, records = (list(map(str, table[name])) for name in ("boxes", "record"))
    return read_annotations(boxes, ["{}"] * len(records) if synthetic else records)


def _attributes(text: Any) -> dict[str, str]:
    return {str(key): str(value) for key, value in json.loads(str(text)).items()}
