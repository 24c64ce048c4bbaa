"""Files beside images that may tell of disease in them, and are not read: annotations of programs, reports."""

import io
import os
import posixpath
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from artasyn.data_manifests.corpora.file_tree import Tree
from artasyn.data_manifests.corpora.mask_names import folded, without_suffix
from artasyn.data_manifests.corpora.understood import Doubt, counted, some
from artasyn.data_manifests.images.file_types import IMAGES
from artasyn.data_manifests.regular_files import read_regular

__all__ = ["told_by_other_files"]

LISTS = (".json", ".jsonl", ".ndjson", ".xml")
"""Ends of files of which one may hold the annotations of all images, as VIA, CVAT and Label Studio write them."""
PLAIN, WORKBOOK = ".txt", ".xlsx"
TEXTS = (*LISTS, PLAIN, ".rtf", ".docx")
"""Ends of files that may belong to one image: also reports."""
END = re.compile("|".join(map(re.escape, sorted(IMAGES, key=len, reverse=True))), re.IGNORECASE)
"""Where the name of an image may end. It is found first, and what stands before it then: lists of numbers are long."""
BEFORE = re.compile(r"[/\\\"'<>:]")
CELL = re.compile(r">([^<>]{1,255})<")
LONGEST = 255
"""Signs that a file's name has at most."""
LARGEST = 16 * 2**20
"""Bytes of a file that is looked into."""


def told_by_other_files(
    tree: Tree, others: Sequence[str], images: Sequence[str], around: Sequence[Path]
) -> Doubt | None:
    """Return why a bare folder is not to be taken for normal: files called after its images, or naming them, are there.

    `others` are files in it that are no images and were not read, `around` are files that lie around it.
    """
    stems = {_stem(image) for image in images}
    names = {folded(posixpath.basename(image)) for image in images}
    root = tree.root.resolve()
    outside = {Path(os.path.relpath(path, root)).as_posix(): path.parent for path in around}
    found = [path for path in (*others, *outside) if _belongs(path, stems) or _names_image(tree, path, names)]
    if not found:
        return None
    are = (
        "is not read and may tell of its images"
        if len(found) == 1
        else "are not read and may tell of its images"
    )
    reason = f"{counted(len(found), 'file')} {are}, annotations or reports perhaps: {some(found)}"
    remedy = (
        "put normal images into a folder `normal`, save lists and workbooks as tables (.csv) whose first line names "
        "the columns, as `image,label`, boxes as COCO and masks as PNG; where all images are normal, say "
        "--assume-normal"
    )
    if all(path in outside for path in found):
        above = os.path.commonpath([root, *(outside[path] for path in found)])
        remedy = (
            f"give {above} in its place, where they hold boxes in COCO, Pascal VOC or YOLO; else {remedy}"
        )
    return Doubt(kind="no_label", subject=root.name, reason=reason, remedy=remedy)


def _belongs(path: str, stems: Collection[str]) -> bool:
    name, suffix = posixpath.splitext(path)
    return suffix.lower() in TEXTS and _stem(name) in stems


def _stem(path: str) -> str:
    return folded(without_suffix(posixpath.basename(path)))


def _names_image(tree: Tree, path: str, names: Collection[str]) -> bool:
    """Say whether a file of a kind that lists annotations holds the name of an image, a plain text more than names."""
    suffix = posixpath.splitext(path)[1].lower()
    place = tree.root / path
    if suffix == WORKBOOK:
        called = {*names, *map(_stem, names)}
        return any(folded(posixpath.basename(cell.strip())) in called for cell in _cells(place))
    if suffix not in (*LISTS, PLAIN):
        return False
    try:
        if place.stat().st_size > LARGEST:
            return False
        text = read_regular(place).decode("utf-8", "replace")
    except OSError:
        return False
    if suffix == PLAIN:
        return any(_tells_of(line, names) for line in text.splitlines())
    return any(folded(name) in names for name in _image_names(text))


def _cells(place: Path) -> list[str]:
    """Return the texts in the cells of a workbook; none where it is damaged, locked or too large."""
    try:
        if place.stat().st_size > LARGEST:
            return []
        with zipfile.ZipFile(io.BytesIO(read_regular(place))) as book:
            texts = book.getinfo("xl/sharedStrings.xml")
            text = book.read(texts).decode("utf-8", "replace") if texts.file_size <= LARGEST else ""
    except (OSError, KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error):
        return []
    return CELL.findall(text)


def _tells_of(line: str, names: Collection[str]) -> bool:
    """Say whether a line names an image and holds something else beside."""
    words = re.split(r"[\s,;|]+", line.strip())
    return len(words) > 1 and any(folded(posixpath.basename(word)) in names for word in words)


def _image_names(text: str) -> Iterator[str]:
    """Yield what may be the name of an image: all up to its end from the sign before it that no name holds."""
    for end in END.finditer(text):
        yield BEFORE.split(text[max(0, end.end() - LONGEST) : end.end()])[-1].strip()
