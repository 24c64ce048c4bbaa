"""Declare a table that nobody declared by the names of its columns and what stands in them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.csv_tables import check_widths, header, rows
from artasyn.data_manifests.corpora.label_rules import ByClass
from artasyn.data_manifests.corpora.manifest import Boxes, Manifest, Source
from artasyn.data_manifests.corpora.table_columns import (
    best_image_column,
    has_column,
    image_columns,
    named_columns,
)
from artasyn.data_manifests.corpora.table_labels import LabelRule, label_rule
from artasyn.data_manifests.corpora.table_marks import RunColumn, box_columns, box_list, boxes_of, run_column
from artasyn.data_manifests.corpora.table_masks import mask_column
from artasyn.data_manifests.corpora.table_views import frontal_values
from artasyn.data_manifests.corpora.text_files import layout_of
from artasyn.data_manifests.corpora.understood import Understood, some
from artasyn.data_manifests.corpora.vocabulary import SPLITS, corpus_name, is_harmless

__all__ = ["table_manifest"]

Exists = Callable[[str], bool]
"""Says whether a cell names a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """What each column of a table is; "" where none is."""

    image: str
    split: str
    patient: str
    mask: str
    lungs: str
    runs: RunColumn | None
    boxes: tuple[str, ...]
    """Four columns, or one of JSON lists."""
    corners: bool

    @property
    def used(self) -> set[str]:
        """Return the columns that are understood, the label's left out."""
        runs = self.runs.runs.column if self.runs else ""
        return {self.image, self.split, self.patient, self.mask, self.lungs, runs, *self.boxes}


def table_manifest(path: Path, hand: ByHand, exists: Exists) -> tuple[Manifest, Understood]:
    """Declare a table. Raises CorpusError where no column names images, or cells stand beyond the header."""
    names = header(path)
    columns = _columns(path, names, hand, exists)
    check_widths(path)
    rule = label_rule(path, [name for name in names if name not in columns.used], hand)
    if columns.runs and not rule.columns:
        rule = _by_runs(columns.runs)
    for column in {*columns.used, *hand.keep_columns} - {""}:
        has_column(path, column, names)
    asked = {*hand.keep_columns, *rule.columns} - ({columns.runs.runs.column} if columns.runs else set())
    kept = [
        n
        for n in names
        if n not in columns.used and (n in asked or is_harmless(n)) and not set(n) & set("{}:")
    ]
    source = _source(path, names, columns, rule, kept)
    manifest = Manifest(
        name=corpus_name(path.parent.name, otherwise="table"),
        title=f"Table {path.name}",
        healthy=rule.sentence.partition(";")[0],
        sources=(source,),
    )
    ignored = [name for name in names if name and name not in {*columns.used, *kept, *rule.columns}]
    more_images = [
        name for name in image_columns(path, names, exists) if name in ignored and _is_numbered(name)
    ]
    return manifest, _understood(path, columns, rule, source, ignored=ignored, more_images=more_images)


def _columns(path: Path, names: list[str], hand: ByHand, exists: Exists) -> _Columns:
    image = best_image_column(path, names, exists)
    runs = run_column(path, [name for name in names if name != image], _template(image))
    runs_name = runs.runs.column if runs else ""
    mask = mask_column(path, names, image, hand, exists)
    boxes, corners = (
        box_list(path, [name for name in named_columns(names, "boxes") if name != image])
        or box_columns([name for name in names if name != image])
        or ((), False)
    )
    return _Columns(
        image=image,
        split=_column(path, names, "split", hand.split_column),
        patient=_column(path, names, "patient", hand.patient_column),
        mask="" if mask == runs_name else mask,
        lungs=_column(path, names, "lungs", ""),
        runs=runs,
        boxes=boxes,
        corners=corners,
    )


def _source(path: Path, names: list[str], columns: _Columns, rule: LabelRule, kept: list[str]) -> Source:
    runs = columns.runs.runs if columns.runs and not columns.runs.doubt else None
    return Source(
        table=str(path.resolve()),
        image=_template(columns.image),
        by_name=True,
        keep=frontal_values(path, names, others={*columns.used, *rule.columns}),
        repeated=bool(columns.runs or len(columns.boxes) > 1 or _has_several_masks(path, columns)),
        split=_template(columns.split),
        splits=SPLITS,
        patient=_template(columns.patient),
        mask=_template(columns.mask),
        lung_mask=_template(columns.lungs),
        boxes=_boxes(path, columns, rule),
        runs=runs,
        attributes={name: f"{{{name}}}" for name in kept},
        **rule.by,
    )


def _has_several_masks(path: Path, columns: _Columns) -> bool:
    """Say whether rows of one image name different masks."""
    masks: dict[str, str] = {}
    for cells in rows(path, [columns.image, columns.mask]) if columns.mask else ():
        image, mask = cells[columns.image].strip(), cells[columns.mask].strip()
        if mask and masks.setdefault(image, mask) != mask:
            return True
    return False


def _boxes(path: Path, columns: _Columns, rule: LabelRule) -> Boxes | None:
    if not columns.boxes:
        return None
    finding = _template(rule.named) if len(columns.boxes) > 1 else ""
    key = _template(columns.image)
    return boxes_of(path, columns.boxes, corners=columns.corners, key=key, finding=finding)


def _by_runs(column: RunColumn) -> LabelRule:
    name = column.runs.column
    rule = ByClass(column=name, normal=(), neither=("-1", "nan", "none", "null", "na"))
    sentence = (
        f"column {name}: abnormal where it holds runs; else unlabelled, since other disease may be there"
    )
    return LabelRule(by={"by_class": rule}, columns=frozenset([name]), sentence=sentence)


def _understood(
    path: Path,
    columns: _Columns,
    rule: LabelRule,
    source: Source,
    *,
    ignored: list[str],
    more_images: list[str],
) -> Understood:
    layout = str(layout_of(path))
    notes = [f"the table is read as {layout}"] if layout else []
    if columns.boxes and not source.boxes:
        notes.append(f"boxes of {some(columns.boxes)} are shares, not pixels, and are not read")
    outlines = [name for name in named_columns(ignored, "mask") if not columns.runs]
    if outlines:
        notes.append(f"column {some(outlines)} names no mask file and is not read")
    notes += [
        f"rows that tell no view in column {name} are kept"
        for name, kept in source.keep.items()
        if "" in kept
    ]
    if more_images:
        notes.append(f"columns {some(more_images)} name images too: each image needs a row of its own")
    masks = [_said(columns.mask), columns.runs.sentence if columns.runs else ""]
    return Understood(
        label=rule.sentence,
        mask=", ".join(mask for mask in masks if mask),
        boxes=_boxes_said(source.boxes) if source.boxes else "",
        lung_mask=_said(columns.lungs),
        patient=_said(columns.patient),
        split=_said(columns.split),
        ignored=f"columns {some(ignored)} (--keep-columns stores them)" if ignored else "",
        notes=tuple(notes),
        doubts=(*rule.doubts, *([columns.runs.doubt] if columns.runs and columns.runs.doubt else [])),
    )


def _boxes_said(boxes: Boxes) -> str:
    if len(boxes.columns) == 1:
        kind = "left, top, right, bottom" if boxes.corners else "x, y, width, height"
        return f"column {boxes.columns[0]}: lists of {kind}"
    kind = "left, top, right, bottom" if boxes.corners else "left, top, width, height"
    return f"columns {some(boxes.columns)}: {kind}"


def _said(column: str) -> str:
    return f"column {column}" if column else ""


def _column(path: Path, names: list[str], role: str, chosen: str) -> str:
    if chosen:
        has_column(path, chosen, names)
        return chosen
    return next(iter(named_columns(names, role)), "")


def _is_numbered(name: str) -> bool:
    """Say whether a column is one of several for images, such as `image2`."""
    return bool(named_columns([name.rstrip("0123456789 _.-")], "image")) and name[-1].isdigit()


def _template(column: str) -> str:
    return f"{{{column}}}" if column else ""
