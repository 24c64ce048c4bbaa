"""Declare a table that nobody declared by the names of its columns and what stands in them."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.csv_tables import header
from artasyn.data_manifests.corpora.label_rules import ByClass, ByFindings
from artasyn.data_manifests.corpora.label_words import meaning, parts_of, plain
from artasyn.data_manifests.corpora.manifest import Boxes, Manifest, Source
from artasyn.data_manifests.corpora.table_columns import (
    best_image_column,
    finding_columns,
    named_columns,
    profile,
    says_normal_by_one,
)
from artasyn.data_manifests.corpora.text_files import layout_of
from artasyn.data_manifests.corpora.understood import Doubt, Understood, some
from artasyn.data_manifests.corpora.vocabulary import SPLITS, corpus_name, is_harmless, names_a_person
from artasyn.data_manifests.errors import CorpusError

__all__ = ["table_manifest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """How a table tells its labels."""

    by: Mapping[str, Any]
    """What `Source` takes for it."""
    columns: frozenset[str] = frozenset()
    sentence: str
    doubts: tuple[Doubt, ...] = ()


def table_manifest(path: Path, hand: ByHand, exists: Callable[[str], bool]) -> tuple[Manifest, Understood]:
    """Declare a table; `exists` says whether a cell names a file. Raises CorpusError where no column names images."""
    names = header(path)
    image = best_image_column(path, names, exists)
    found = {
        "split": _column(path, names, "split", hand.split_column),
        "patient": _column(path, names, "patient", hand.patient_column),
        "mask": _column(path, names, "mask", hand.mask_column),
        "lungs": _column(path, names, "lungs", ""),
        "boxes": _column(path, names, "boxes", ""),
    }
    rule = _label_rule(path, [name for name in names if name not in {image, *found.values()}], hand)
    used = {image, *found.values()}
    for column in hand.keep_columns:
        _known(path, column, names)
    asked = {*hand.keep_columns, *rule.columns}
    kept = [n for n in names if n not in used and (n in asked or is_harmless(n)) and not set(n) & set("{}:")]
    source = Source(
        table=str(path.resolve()),
        image=f"{{{image}}}",
        by_name=True,
        split=_template(found["split"]),
        splits=SPLITS,
        patient=_template(found["patient"]),
        mask=_template(found["mask"]),
        lung_mask=_template(found["lungs"]),
        boxes=_boxes(path, image, found["boxes"]),
        attributes={name: f"{{{name}}}" for name in kept},
        **rule.by,
    )
    manifest = Manifest(
        name=corpus_name(path.parent.name, otherwise="table"),
        title=f"Table {path.name}",
        healthy=rule.sentence.partition(";")[0],
        sources=(source,),
    )
    ignored = [name for name in names if name and name not in {*used, *kept, *rule.columns}]
    said = {key: f"column {column}" if column else "" for key, column in found.items()}
    layout = str(layout_of(path))
    return manifest, Understood(
        label=rule.sentence,
        mask=said["mask"],
        lung_mask=said["lungs"],
        patient=said["patient"],
        split=said["split"],
        ignored=f"columns {some(ignored)} (--keep-columns stores them)" if ignored else "",
        notes=(f"the table is read as {layout}",) if layout else (),
        doubts=rule.doubts,
    )


def _label_rule(path: Path, names: list[str], hand: ByHand) -> _Rule:
    if hand.label_column:
        _known(path, hand.label_column, header(path))
        return _by_column(
            path, hand.label_column, profile(path, [hand.label_column])[hand.label_column], hand
        )
    usable = [name for name in names if _tells(name)]
    counts = profile(path, usable)
    named = named_columns(usable, "label")
    known = {name: _understood_values(counts[name]) for name in named}
    whole = next((name for name in named if counts[name] and known[name] == set(counts[name])), "")
    columns, clear = finding_columns(counts)
    if whole and whole not in (clear, *columns) and not hand.normal:
        return _by_column(path, whole, counts[whole], hand)
    if columns and not hand.normal:
        return _by_findings(columns, clear)
    partly = next((name for name in named if known[name] or hand.normal), "")
    if partly:
        return _by_column(path, partly, counts[partly], hand)
    return _by_folder(path, named, usable)


def _understood_values(values: Counter[str]) -> set[str]:
    return {value for value in values if value and meaning(value)} | ({""} & set(values))


def _by_column(path: Path, column: str, values: Counter[str], hand: ByHand) -> _Rule:
    labels = {value: _label(value, column, values, hand) for value in values}
    of = {
        label: tuple(v for v in values if labels[v] == label)
        for label in ("normal", "abnormal", "unlabelled")
    }
    unknown = [value for value in values if labels[value] is None]
    said = [f"{label} {_counted(of[label], values)}" for label in of if of[label]]
    doubts: tuple[Doubt, ...] = ()
    if unknown:
        rows = sum(values[value] for value in unknown)
        reason = f"column `{column}` holds values that are not understood ({rows:,} rows): {some(unknown)}"
        remedy = "say which values are normal with --normal VALUE,VALUE; all others are abnormal then"
        doubts = (Doubt(kind="label_values", subject=str(path), reason=reason, remedy=remedy),)
    rule = ByClass(
        column=column,
        normal=of["normal"],
        abnormal=of["abnormal"] or ("(none)",),
        neither=(*of["unlabelled"], *unknown),
    )
    return _Rule(
        by={"by_class": rule},
        columns=frozenset([column]),
        sentence=f"column {column}: {'; '.join(said)}" if said else f"column {column}: nothing understood",
        doubts=doubts,
    )


def _counted(chosen: tuple[str, ...], values: Counter[str]) -> str:
    ordered = sorted(chosen, key=lambda value: -values[value])
    return some(f"{value or '(empty)'} ({values[value]:,})" for value in ordered)


def _label(value: str, column: str, values: Counter[str], hand: ByHand) -> str | None:
    if hand.normal:
        normal = {plain(word) or word.strip() for word in hand.normal}
        parts = parts_of(value)
        if (plain(value) or value) in normal or (parts and all(plain(part) in normal for part in parts)):
            return "normal"
        return "unlabelled" if meaning(value) == "unlabelled" else "abnormal"
    label = meaning(value)
    if label and label != "unlabelled" and says_normal_by_one(column, values):
        return "abnormal" if label == "normal" else "normal"
    return label


def _by_findings(columns: list[str], clear: str) -> _Rule:
    rule = ByFindings(columns=tuple(columns), clear=clear, mentioned=not clear)
    normal = (
        f"{clear} is 1 and none of {len(columns)} findings"
        if clear
        else f"all of {len(columns)} findings are 0"
    )
    sentence = f"columns of findings: normal where {normal}; abnormal where one is 1: {some(columns)}"
    return _Rule(by={"by_findings": rule}, columns=frozenset([*columns, clear]), sentence=sentence)


def _by_folder(path: Path, named: list[str], usable: list[str]) -> _Rule:
    reason = "has no column that is understood as the label"
    likely = [name for name in usable if meaning(name) or named_columns(plain(name).split(), "label")]
    remedy = (
        f"name it with --label-column: {some([*named, *likely] or usable)}; or say --assume-normal"
        if usable
        else "add a column `label`, or say --assume-normal"
    )
    return _Rule(
        by={"label": "unlabelled"},
        sentence="none: no column is understood",
        doubts=(Doubt(kind="no_label", subject=str(path), reason=reason, remedy=remedy),),
    )


def _column(path: Path, names: list[str], role: str, chosen: str) -> str:
    if chosen:
        _known(path, chosen, names)
        return chosen
    return next(iter(named_columns(names, role)), "")


def _boxes(path: Path, image: str, column: str) -> Boxes | None:
    """Read the column of boxes: a JSON list of [x, y, width, height] in each cell."""
    return Boxes(table=str(path.resolve()), key=_template(image), columns=(column,)) if column else None


def _known(path: Path, column: str, names: list[str]) -> None:
    if column not in names:
        remedy = f"its columns: {', '.join(names)[:300]}"
        raise CorpusError(path, f"has no column `{column}`", remedy, kind="missing_column")


def _tells(name: str) -> bool:
    """Say whether a column may tell the label: what tells who somebody is never is one."""
    return bool(name) and not set(name) & set("{}:") and not names_a_person(name)


def _template(column: str) -> str:
    return f"{{{column}}}" if column else ""
