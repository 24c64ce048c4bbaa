"""Find what other tables say of an image: boxes, run lengths, segments."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from artasyn.data_manifests.corpora.csv_tables import rows
from artasyn.data_manifests.corpora.file_tree import Tree
from artasyn.data_manifests.corpora.label_words import meaning
from artasyn.data_manifests.corpora.manifest import Boxes, Runs, Segments, Source
from artasyn.data_manifests.corpora.radiograph import Box, Radiograph
from artasyn.data_manifests.corpora.source_rows import find_optional
from artasyn.data_manifests.corpora.templates import fields_of, fill
from artasyn.data_manifests.errors import CorpusError
from artasyn.data_manifests.images.run_lengths import runs_of_coco, runs_of_starts
from artasyn.data_manifests.json_text import parse_json
from artasyn.data_manifests.regular_files import read_regular

__all__ = ["NOTHING", "Extras", "read_extras"]

NOTHING = ("", "nan", "none", "null", "na")
"""What stands in a cell, in lower case, that holds no box and no run."""
NO_BOX = ([0.0] * 4, [-1.0] * 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """Boxes and run lengths by key; nothing at all where the source declares none."""

    boxes: Mapping[str, tuple[Box, ...]]
    box_key: str
    """Template of the key."""
    runs: Mapping[str, tuple[tuple[str, str], ...]]
    """Finding, "" where none is named, and run lengths."""
    run_key: str

    def add_to(self, radiograph: Radiograph, cells: Mapping[str, str]) -> Radiograph:
        """Return the radiograph with what is known of it."""
        if self.boxes:
            radiograph = replace(radiograph, boxes=self.boxes.get(fill(self.box_key, cells), ()))
        if self.runs:
            radiograph = _with_runs(radiograph, self.runs.get(fill(self.run_key, cells)))
        return radiograph


def read_extras(source: Source, tree: Tree) -> Extras:
    """Read the boxes and run lengths that a source declares. Raises CorpusError (missing_table, bad_table)."""
    masks = source.segments or source.runs
    found: Mapping[str, tuple[tuple[str, str], ...]] = {}
    if source.segments:
        found = _read_segments(source.segments, tree)
    elif source.runs:
        found = _read_runs(source.runs, tree)
    return Extras(
        boxes=_read_boxes(source.boxes, tree) if source.boxes else {},
        box_key=source.boxes.key if source.boxes else "",
        runs=found,
        run_key=masks.key if masks else "",
    )


def _with_runs(radiograph: Radiograph, found: tuple[tuple[str, str], ...] | None) -> Radiograph:
    if found is None:
        return radiograph
    findings = tuple(finding for finding, _ in found)
    return replace(
        radiograph, runs=tuple(text for _, text in found), run_findings=findings if any(findings) else ()
    )


def _read_boxes(boxes: Boxes, tree: Tree) -> dict[str, tuple[Box, ...]]:
    path = find_optional(tree, boxes.table)
    found: dict[str, tuple[Box, ...]] = {}
    needed = fields_of(boxes.key) | fields_of(boxes.finding) | set(boxes.columns)
    for cells in rows(path, sorted(needed)) if path else ():
        texts = [cells[column] for column in boxes.columns]
        if any(text.strip().lower() in NOTHING for text in texts):
            continue
        try:
            drawn = _boxes_in(texts, boxes, fill(boxes.finding, cells))
        except (ValueError, TypeError, LookupError) as error:
            reason = (
                f"holds a box that is not four numbers, or ends before it begins: {', '.join(texts)[:100]}"
            )
            raise CorpusError(boxes.table, reason, _remedy(boxes), kind="bad_table") from error
        if meaning(fill(boxes.finding, cells)) == "normal":
            continue  # a box around nothing, as VinDr-PCXR has them
        key = fill(boxes.key, cells)
        found[key] = (*found.get(key, ()), *drawn)
    return found


def _boxes_in(texts: Sequence[str], boxes: Boxes, finding: str) -> list[Box]:
    """Return the boxes of a row; four zeros, or four times -1, are none."""
    lists = parse_json(texts[0]) if len(texts) == 1 else [text.replace(",", ".") for text in texts]
    if len(lists) >= 4 and not any(isinstance(one, list) for one in lists):
        lists = [lists]  # one box alone
    sides = [[float(side) for side in one[:4]] for one in lists]
    return [_box(four, boxes, finding) for four in sides if four not in NO_BOX]


def _box(sides: Iterable[float], boxes: Boxes, finding: str) -> Box:
    """Return a box. Raises ValueError where it is none."""
    x, y, third, fourth = sides
    width, height = (third - x, fourth - y) if boxes.corners else (third, fourth)
    if not all(map(math.isfinite, (x, y, width, height))) or min(width, height) < 0:
        raise ValueError
    return Box(x, y, width, height, finding)


def _remedy(boxes: Boxes) -> str:
    kind = "left, top, right, bottom" if boxes.corners else "x, y, width, height"
    if len(boxes.columns) == 1:
        return f"write [[{kind}], ...] in pixels, [] for no box"
    return f"write {kind} in pixels, or leave the four cells empty"


def _read_runs(runs: Runs, tree: Tree) -> dict[str, tuple[tuple[str, str], ...]]:
    path = find_optional(tree, runs.table)
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for cells in rows(path, sorted(fields_of(runs.key) | {runs.column})) if path else ():
        text, key = cells[runs.column].strip(), fill(runs.key, cells)
        is_empty = text.lower() in (runs.empty, *NOTHING)
        text = text if is_empty or not runs.starts else runs_of_starts(text)
        found[key] = (*found.get(key, ()), *([] if is_empty else [("", text)]))
    return found


def _read_segments(segments: Segments, tree: Tree) -> dict[str, tuple[tuple[str, str], ...]]:
    path = find_optional(tree, segments.file)
    if path is None:
        return {}
    try:
        entries = parse_json(read_regular(path).decode("utf-8"))
        return {
            key: tuple(
                (name, runs_of_coco(masks[name]["counts"])) for name in segments.findings if name in masks
            )
            for key, masks in entries.items()
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise CorpusError(path, f"holds no COCO run lengths: {error}", kind="bad_table") from error
