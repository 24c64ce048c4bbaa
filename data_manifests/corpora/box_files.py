"""Find the boxes that lie in files beside the images of a folder, and what they say of the images."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from artasyn.data_manifests.corpora.assemble import Findings
from artasyn.data_manifests.corpora.box_formats import coco_boxes, voc_boxes, yolo_boxes, yolo_shares
from artasyn.data_manifests.corpora.file_tree import Tree
from artasyn.data_manifests.corpora.label_words import meaning
from artasyn.data_manifests.corpora.mask_names import folded, without_suffix
from artasyn.data_manifests.corpora.radiograph import Box
from artasyn.data_manifests.corpora.understood import Doubt, counted, some
from artasyn.data_manifests.errors import CorpusError, ImageError
from artasyn.data_manifests.images.decode import image_shape
from artasyn.data_manifests.regular_files import read_regular

__all__ = ["BoxFiles", "read_box_files"]

KINDS = {".txt": "YOLO", ".xml": "Pascal VOC", ".json": "COCO"}
LISTS = ("classes.txt", "obj.names", "labels.txt", "classes.names")
"""Names of the classes of YOLO, one a line."""
OUTLINES = re.compile(r'"segmentation"\s*:\s*(\[\s*\[|\{)')
"""Polygons or run lengths in COCO."""
LARGEST = 64 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxFiles:
    """What files of boxes say."""

    boxes: Mapping[str, tuple[Box, ...]]
    """By the path of the image; () where a file says that there are none."""
    files: frozenset[str]
    """The files that were read."""
    sentence: str

    def add_to(self, findings: Findings) -> Doubt | None:
        """Give the radiographs their boxes, in place; what is labelled by nothing else and has a finding is abnormal.

        Return why the others cannot be taken for normal, None where no image without a label has a box.
        """
        unsure = []
        for image_id, boxes in self.boxes.items():
            entry = findings.radiographs.get(image_id)
            if entry is None:
                continue
            is_sick = any(meaning(box.finding) == "abnormal" for box in boxes)
            label = "abnormal" if entry.label == "unlabelled" and is_sick else entry.label
            findings.radiographs[image_id] = replace(entry, boxes=boxes, label=label)
            unsure += [image_id] if boxes and label == "unlabelled" else []
        if not unsure:
            return None
        named = sorted({box.finding for image_id in unsure for box in self.boxes[image_id]})
        reason = f"{counted(len(unsure), 'image')} with boxes of {some(named)}, which may be disease"
        remedy = "put normal images into a folder `normal`, or say --assume-normal"
        return Doubt(kind="no_label", subject=some(unsure), reason=reason, remedy=remedy)


def read_box_files(tree: Tree, others: Sequence[str], images: Sequence[str]) -> BoxFiles:
    """Read the boxes in `others`, files that are no images. Raises CorpusError where one holds a damaged box."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for image in images:
        by_name[_stem(image)].append(image)
    found: dict[str, list[Box]] = {}
    read: dict[str, list[str]] = {kind: [] for kind in KINDS.values()}
    classes = _classes(tree, others)
    for path in others:
        kind = KINDS.get(posixpath.splitext(path)[1].lower(), "")
        try:
            told = _told(tree, path, kind, by_name, classes) if kind else None
        except ValueError as error:
            raise CorpusError(path, str(error), "mend it, or move it elsewhere", kind="bad_table") from error
        if told is not None:
            read[kind].append(path)
            for image, boxes in told.items():
                found.setdefault(image, []).extend(boxes)
    files = frozenset(path for paths in read.values() for path in paths)
    said = [f"{counted(len(paths), 'file')} of {kind}" for kind, paths in read.items() if paths]
    with_boxes = sum(bool(boxes) for boxes in found.values())
    sentence = f"{', '.join(said)}: {counted(with_boxes, 'image')} with boxes" if said else ""
    if any(OUTLINES.search(_text(tree, path) or "") for path in read["COCO"]):
        sentence += "; their outlines are not read: save them as masks in PNG"
    return BoxFiles(
        boxes={image: tuple(boxes) for image, boxes in found.items()}, files=files, sentence=sentence
    )


def _told(
    tree: Tree, path: str, kind: str, by_name: Mapping[str, list[str]], classes: Mapping[int, str]
) -> dict[str, list[Box]] | None:
    """Return the boxes by image that a file tells, None for a file of another kind, or of no image."""
    own = _image_of(path, by_name.get(_stem(path), ()))
    if kind != "COCO" and not own:
        return None
    text = _text(tree, path)
    if text is None:
        return None
    if kind == "YOLO":
        shares = yolo_shares(text)
        return (
            None
            if shares is None
            else {own: yolo_boxes(shares, _shape(tree, own), classes) if shares else []}
        )
    if kind == "Pascal VOC":
        boxes = voc_boxes(text)
        return None if boxes is None else {own: boxes}
    named = coco_boxes(text, lambda name: _stem(name) in by_name)
    if named is None:
        return None
    place = posixpath.dirname(path)
    places = {name: _image_of(posixpath.join(place, name), by_name.get(_stem(name), ())) for name in named}
    if lost := [name for name, image in places.items() if named[name] and not image]:
        raise ValueError(f"names no image, or several, of {counted(len(lost), 'box list')}: {some(lost)}")
    return {image: named[name] for name, image in places.items() if image}


def _image_of(path: str, candidates: Sequence[str]) -> str:
    """Return the image that a file is called after, that whose folders agree best; "" for none, or several."""
    own = set(folded(path).split("/")[:-1])
    ranked = sorted(candidates, key=lambda image: -len(own & set(folded(image).split("/")[:-1])))
    scores = [len(own & set(folded(image).split("/")[:-1])) for image in ranked]
    return ranked[0] if scores and scores.count(scores[0]) == 1 else ""


def _stem(path: str) -> str:
    name = posixpath.basename(path.replace("\\", "/"))
    return folded(
        without_suffix(posixpath.splitext(name)[0] if name.lower().endswith(tuple(KINDS)) else name)
    )


def _classes(tree: Tree, others: Sequence[str]) -> dict[int, str]:
    """Return the names of YOLO's classes, from a list of them or from `names:` in a data.yaml."""
    for path in others:
        name = posixpath.basename(path).lower()
        if name in LISTS:
            return dict(enumerate(filter(None, map(str.strip, (_text(tree, path) or "").splitlines()))))
        if name.endswith((".yaml", ".yml")):
            listed = re.search(r"^names:\s*\[([^\]]*)\]", _text(tree, path) or "", re.MULTILINE)
            if listed:
                return dict(enumerate(word.strip(" '\"\n") for word in listed[1].split(",")))
    return {}


def _shape(tree: Tree, image: str) -> tuple[int, int]:
    """Return height and width of an image; of one that cannot be read any, since it will be left out."""
    try:
        return image_shape(tree.root / image)
    except ImageError:
        return 1, 1


def _text(tree: Tree, path: str) -> str | None:
    """Return the text of a file; None where it cannot be read, is no UTF-8, or too large: it is told as not read."""
    try:
        place = tree.root / path
        return read_regular(place).decode("utf-8-sig") if place.stat().st_size <= LARGEST else None
    except (OSError, UnicodeDecodeError):
        return None
