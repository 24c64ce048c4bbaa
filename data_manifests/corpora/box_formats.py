"""Parse boxes as annotation programs write them: YOLO (.txt), Pascal VOC (.xml), COCO (.json)."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from artasyn.data_manifests.corpora.radiograph import Box
from artasyn.data_manifests.json_text import parse_json

__all__ = ["coco_boxes", "voc_boxes", "yolo_boxes", "yolo_shares"]

ENTITY = "<!ENTITY"
"""Entities could name files or grow without end; annotations have none."""
NUMBERS = re.compile(r"\d+(\s+-?[\d.eE+-]+){4,}")
LEAST_SHARE = -1e-6


def yolo_shares(text: str) -> list[tuple[int, tuple[float, ...]]] | None:
    """Return class, and centre and sides as shares of the image, of each line; None for text of another kind.

    Raises ValueError where lines of numbers are no such boxes: polygons, or pixels.
    """
    lines = list(filter(None, map(str.strip, text.splitlines())))
    if not all(map(NUMBERS.fullmatch, lines)):
        return None
    found = []
    for line in lines:
        kind, *numbers = line.split()
        shares = tuple(float(number) for number in numbers[:4])
        if len(numbers) > 5 or not all(LEAST_SHARE <= share <= 1 - LEAST_SHARE for share in shares):
            raise ValueError(
                f"is no YOLO box, class, x, y, width, height as shares of the image: {line[:60]}"
            )
        found.append((int(kind), shares))
    return found


def yolo_boxes(
    shares: Iterable[tuple[int, tuple[float, ...]]], shape: tuple[int, int], names: Mapping[int, str]
) -> list[Box]:
    """Return boxes in pixels of an upright image of (height, width); a class without a name is `class 0`."""
    height, width = shape
    return [
        _box(
            (x - w / 2) * width, (y - h / 2) * height, w * width, h * height, names.get(kind, f"class {kind}")
        )
        for kind, (x, y, w, h) in shares
    ]


def voc_boxes(text: str) -> list[Box] | None:
    """Return the boxes of an `annotation`; None for other XML. Raises ValueError where a box is damaged."""
    if ENTITY in text:
        return None
    try:
        root = ET.fromstring(text)
    except ET.ParseError:
        return None
    if root.tag != "annotation":
        return None
    boxes = []
    for item in root.iter("object"):
        sides = [float(item.findtext(f"bndbox/{side}") or "nan") for side in ("xmin", "ymin", "xmax", "ymax")]
        left, top, right, bottom = sides
        boxes.append(_box(left, top, right - left, bottom - top, (item.findtext("name") or "").strip()))
    return boxes


def coco_boxes(text: str, known: Callable[[str], bool]) -> dict[str, list[Box]] | None:
    """Return the boxes of each file name, [] for none; None for other JSON, and where no name is `known`.

    Raises ValueError where a box is damaged.
    """
    try:
        told: Any = parse_json(text)
    except ValueError:
        return None
    if not isinstance(told, dict) or not isinstance(told.get("images"), list) or "annotations" not in told:
        return None
    try:
        names = {kind["id"]: str(kind["name"]) for kind in told.get("categories", [])}
        files = {image["id"]: str(image["file_name"]) for image in told["images"]}
        if not any(map(known, files.values())):
            return None
        found: dict[str, list[Box]] = {name: [] for name in files.values()}
        for mark in told["annotations"]:
            x, y, width, height = (float(side) for side in mark["bbox"])
            finding = names.get(mark.get("category_id"), "")
            found[files[mark["image_id"]]].append(_box(x, y, width, height, finding))
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"a part is missing or of another kind: {error}") from error
    return found


def _box(x: float, y: float, width: float, height: float, finding: str) -> Box:
    """Return a box. Raises ValueError where it is none."""
    if not all(map(math.isfinite, (x, y, width, height))) or min(width, height) < 0:
        raise ValueError(f"a box is not four numbers, or ends before it begins: {x}, {y}, {width}, {height}")
    return Box(x, y, width, height, finding)
