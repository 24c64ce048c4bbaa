"""The rules by which the figures of a report are made, in words."""

from collections.abc import Mapping
from typing import Any

__all__ = ["BOX_RULES", "conventions"]

CONVENTIONS = {
    "interval": "95 % percentile bootstrap; whole patients are drawn where known, else images; below 10 of them none, "
    "below 20 it covers the truth in some 85 to 90 % of studies; where all images are right or none, Wilson's interval "
    "of so many patients or images, as resamples are all alike then",
    "own pairs": "where a resample holds a patient twice, the two copies are never compared with each other; where "
    "most patients have images of both classes, average precision gets no interval",
    "empty mask": "an annotated image without any marked truth counts Dice and IoU 1 if nothing was marked, else 0",
    "pixel level": "on abnormal images with a mask; a missing mask is never filled in",
    "normal images": "are not part of any Dice; what is marked on them is reported as falsely marked area",
    "threshold": "frozen in the run, chosen on images held out in training; only oracle Dice and sensitivity at 95 % "
    "specificity choose theirs on this store",
    "pixel ranking": "from histograms of fixed levels; AUPRO integrates to 30 % false positives, 8-connected regions",
    "lesion size": "true area inside the lungs as a share of the lungs",
}

PARTS = {
    "empty mask": ("pixel_level",),
    "pixel level": ("pixel_level",),
    "normal images": ("on_normals",),
    "pixel ranking": ("pixel_level", "box_level"),
    "lesion size": ("by_lesion_size",),
}
"""Parts of a report, one of which a rule needs to say anything; the others are of every report."""

BOX_RULES = {
    "marks": "local maxima of the map: no higher value within a sixteenth of the image's side",
    "found": "a box is found by a mark inside it; a mark in no box is false, on images with boxes and on normal ones",
    "drawn boxes": "around 8-connected regions at or above the frozen pixel threshold of at least 0.1 % of the image, "
    "ranked by their highest value; each true box is found once",
    "pointing game": "whether the highest value of the map lies in a box",
    "energy inside": "share of the map's sum that lies in boxes",
    "filled boxes": "a box is larger than what it is drawn around, so that even a perfect mask scores below 1",
    "readers": "boxes that several readers drew around one finding all count",
}


def conventions(report: Mapping[str, Any]) -> dict[str, str]:
    """Return the rules of the figures that this report has."""
    return {
        name: rule
        for name, rule in CONVENTIONS.items()
        if name not in PARTS or any(report[part] for part in PARTS[name])
    }
