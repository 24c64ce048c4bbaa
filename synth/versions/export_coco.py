"""Write a version as COCO has it: images by split, and a JSON file of their opacities."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.measure import label, regionprops

from artasyn.data_manifests.files import write_json
from artasyn.data_manifests.store.version import Version
from artasyn.synth.versions.export_files import first_rows, normal_name, ok_rows, sample_name, save_png

__all__ = ["export_coco"]

OPACITY = 1


def export_coco(version: Version, folder: Path) -> Iterator[int]:
    """Write SPLIT/*.png and annotations/instances_SPLIT.json; yields the number of samples written so far.

    Each connected part of an outline is an object. Normal images are there too, without objects; of an evaluation
    version also abnormal ones that nobody outlined: `has_mask` beside each image tells. Source: Lin et al. 2014, ECCV.
    """
    firsts = first_rows(version)
    files: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for done, row in enumerate(ok_rows(version), start=1):
        split = str(version.table["split"][row]) or "test"
        image, altered, outline = version.read(row, channels=("image", "altered", "outline"))
        known = bool(version.table["has_mask"][row])
        shown = [(sample_name(version, row), altered, outline, known)]
        if row in firsts:
            shown.append((normal_name(version, row), image, np.zeros_like(outline), True))
        file = files.setdefault(split, {"images": [], "annotations": []})
        for name, pixels, mask, has_mask in shown:
            save_png(pixels, folder / split / f"{name}.png")
            _add(file, name, mask, has_mask=has_mask)
        yield done
    for split, file in files.items():
        facts = {
            "info": {"description": f"artasyn version {version.id}"},
            "licenses": [],
            "categories": [{"id": OPACITY, "name": "opacity", "supercategory": "finding"}],
        }
        write_json(folder / "annotations" / f"instances_{split}.json", facts | file)


def _add(
    file: dict[str, list[dict[str, Any]]], name: str, mask: NDArray[np.uint8], *, has_mask: bool
) -> None:
    """Add an image and its objects, in place."""
    number, (height, width) = len(file["images"]) + 1, mask.shape
    entry = {"id": number, "file_name": f"{name}.png", "height": height, "width": width, "has_mask": has_mask}
    file["images"].append(entry)
    for part in _annotations_of(mask):
        file["annotations"].append({"id": len(file["annotations"]) + 1, "image_id": number, **part})


def _annotations_of(mask: NDArray[np.uint8]) -> list[dict[str, Any]]:
    """Return COCO's facts of each connected part of a mask (H, W): box, area, and run lengths down the columns."""
    parts = label(mask > 0, connectivity=2)
    found = []
    for region in regionprops(parts):
        top, left, bottom, right = region.bbox
        facts = {"bbox": [left, top, right - left, bottom - top], "area": int(region.area)}
        runs = {"size": list(mask.shape), "counts": _runs(parts == region.label)}
        found.append({"category_id": OPACITY, "iscrowd": 0, **facts, "segmentation": runs})
    return found


def _runs(mask: NDArray[np.bool_]) -> list[int]:
    """Return the lengths of the runs of 0 and 1 in turn, those of 0 first, down the columns."""
    flat = np.concatenate([[False], mask.ravel(order="F")])
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    return [int(length) for length in np.diff(np.concatenate([[0], edges, [mask.size]]))]
