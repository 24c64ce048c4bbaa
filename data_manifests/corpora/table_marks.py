"""Columns of an undeclared table that hold run lengths or boxes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from artasyn.data_manifests.corpora.annotations import NOTHING
from artasyn.data_manifests.corpora.csv_tables import rows
from artasyn.data_manifests.corpora.manifest import Boxes, Runs
from artasyn.data_manifests.corpora.understood import Doubt
from artasyn.data_manifests.corpora.vocabulary import bare

__all__ = ["RunColumn", "box_columns", "box_list", "boxes_of", "run_column"]

KAGGLE = "encodedpixels"
"""The name under which all run lengths go down the columns of the image, by the rules of Kaggle's competitions."""
NAMED = frozenset(
    [KAGGLE, "rle", "rles", "rlemask", "maskrle", "runlength", "runlengths", "encodedmask", "pixels"]
)
SURE = frozenset(["boxes", "bboxes"])
"""Columns so called hold boxes, whatever stands in them; others must look like it."""
LIST = re.compile(r"[\[({].*\d|-?[\d.]+(?:[ ,;]+-?[\d.]+){3}")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
LOOKED_AT = 1000
"""Rows by which a column is judged."""
ONE_BOX, SEVERAL_RUNS = 4, 6
"""So many numbers may be a box; so many in one cell are run lengths."""
RUNS = re.compile(r"\d+(?: +\d+)+")
CORNERS = (
    ("xmin", "ymin", "xmax", "ymax"),
    ("x1", "y1", "x2", "y2"),
    ("x0", "y0", "x1", "y1"),
    ("left", "top", "right", "bottom"),
)
SIDES = (("x", "y", "width", "height"), ("x", "y", "w", "h"), ("left", "top", "width", "height"))
"""Names of the columns of boxes, bare and without `bbox` or `box` before them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunColumn:
    """A column of run lengths, and what keeps it from being read."""

    runs: Runs
    sentence: str
    doubt: Doubt | None = None


def run_column(path: Path, names: Iterable[str], key: str) -> RunColumn | None:
    """Return the column of run lengths, None where there is none; `key` is the template of the image."""
    for name in names:
        if not name or set(name) & set("{}:"):
            continue
        cells = [cells[name].strip() for cells in islice(rows(path, [name]), LOOKED_AT)]
        texts = [text for text in cells if text.lower() not in ("-1", *NOTHING)]
        numbers = max((text.count(" ") + 1 for text in texts), default=0)
        enough = numbers >= (ONE_BOX - 2 if bare(name) in NAMED else SEVERAL_RUNS)
        if enough and all(RUNS.fullmatch(text) for text in texts):
            return _read(path, name, texts, key)
    return None


def _read(path: Path, name: str, texts: list[str], key: str) -> RunColumn:
    """Judge a column; gaps are counted down the columns by all who write them (SIIM-ACR, COCO), not so first pixels."""
    several = any(text.count(" ") > 1 for text in texts)
    starts = all(_ascend([int(word) for word in text.split()]) for text in texts)
    runs = Runs(table=str(path.resolve()), key=key, column=name, starts=starts)
    said = "first pixel and length" if starts else "gap and length"
    unclear = remedy = ""
    if not several:
        unclear = "no mask of several runs that tells gaps from first pixels"
        remedy = "declare them as `runs` in a manifest: docs/how-to/declare-a-corpus.md"
    elif starts and bare(name) != KAGGLE:
        unclear = "not whether they go along the rows or the columns of the image"
        remedy = "call the column EncodedPixels where they go down the columns, as Kaggle has them"
    doubt = None
    if unclear:
        reason = f"its column `{name}` holds run lengths, and {unclear}"
        remedy += "; else save the masks as images and name these in a column `mask`"
        doubt = Doubt(kind="run_lengths", subject=str(path), reason=reason, remedy=remedy)
    return RunColumn(
        runs=runs, sentence=f"column {name}: run lengths ({said}, down the columns)", doubt=doubt
    )


def _ascend(numbers: Sequence[int]) -> bool:
    """Say whether pairs could be first pixel and length: each run begins behind the one before."""
    starts, lengths = numbers[0::2], numbers[1::2]
    ends = [start + length for start, length in zip(starts, lengths, strict=False)]
    return min(starts) > 0 and all(start >= end for start, end in zip(starts[1:], ends, strict=False))


def box_list(path: Path, named: Sequence[str]) -> tuple[tuple[str, ...], bool] | None:
    """Return the first column of `named` that holds lists of numbers, and whether these are corners; else None."""
    for name in named:
        cells = (cells[name].strip() for cells in islice(rows(path, [name]), LOOKED_AT))
        if bare(name) in SURE or any(LIST.match(cell) for cell in cells):
            return (name,), bare(name).endswith("xyxy")
    return None


def box_columns(names: Sequence[str]) -> tuple[tuple[str, ...], bool] | None:
    """Return the four columns of a box and whether they are its corners; None where there are none."""
    known = {re.sub(r"^b?box(?=.)", "", bare(name)): name for name in names if not set(name) & set("{}:")}
    for kinds, corners in ((CORNERS, True), (SIDES, False)):
        for wanted in kinds:
            if all(name in known for name in wanted):
                return tuple(known[name] for name in wanted), corners
    return None


def boxes_of(path: Path, columns: tuple[str, ...], *, corners: bool, key: str, finding: str) -> Boxes | None:
    """Return how the boxes of four columns, or of one, are read; None where no number is more than a share."""
    cells = [cells[name].strip() for cells in islice(rows(path, columns), LOOKED_AT) for name in columns]
    if len(columns) == 1:
        numbers = [number for cell in cells for number in NUMBER.findall(cell)]
        shares = bool(numbers) and all(map(_is_share, numbers))
    else:
        shares = all(cell.lower() in NOTHING or _is_share(cell) for cell in cells)
    if shares:
        return None
    return Boxes(table=str(path.resolve()), key=key, columns=columns, corners=corners, finding=finding)


def _is_share(cell: str) -> bool:
    try:
        return 0 <= float(cell.replace(",", ".")) <= 1
    except ValueError:
        return False
