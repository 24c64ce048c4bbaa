"""Tell pictures that programs make of an image or a mask, overlays and copies, by the names of files and folders."""

import posixpath
import re
from collections.abc import Collection

from artasyn.data_manifests.corpora.mask_names import folded, labelme_image, without_suffix

__all__ = ["drawn_from", "in_drawn_folder", "is_twin"]

DRAWN = re.compile(
    r"(?P<rest>.+?)[ _.-]+(?:overla(?:y|id)|heat(?:[ _-]?maps?)?|(?:grad[ _-]?)?cam|saliency|pred(?:ictions?|icted)?"
    r"|viz|vis|visuali[sz]ation|thumb(?:nail)?|preview|small"
    r"|[hv]?flip(?:ped)?|mirror(?:ed)?|rot(?:ated|ate)?[ _-]?\d*|aug(?:mented)?[ _-]?\d*|inverted)",
    re.IGNORECASE,
)
"""Pictures that programs make of an image: drawn over it, small, turned, mirrored."""
DRAWN_FOLDER = re.compile(
    r"overlays?|heat[ _-]?maps?|(?:grad[ _-]?)?cams?|saliency(?:[ _-]?maps?)?|predictions?|\w*?visuali[sz]ations?"
    r"|thumb(?:nail)?s?|previews?",
    re.IGNORECASE,
)
"""Folders of such pictures."""
TWINS = (("segmentationobject", "segmentationclass"), ("masks_human", "masks_machine"))
"""Folders of the same masks in other colours, and which of them count: of VOC, CVAT and LabelMe, of Supervisely."""


def drawn_from(path: str) -> str:
    """Return the name of the image that a picture is made of, by its own name or its folder's; "" for none."""
    stem = folded(without_suffix(posixpath.basename(path)))
    if whole := labelme_image(path, called="img"):
        return whole
    match = DRAWN.fullmatch(stem)
    return match["rest"] if match else stem if in_drawn_folder(path) else ""


def in_drawn_folder(path: str) -> bool:
    """Say whether a folder of a path is called after overlays, heat maps or small copies."""
    return any(DRAWN_FOLDER.fullmatch(folder) for folder in path.split("/")[:-1])


def is_twin(path: str, paths: Collection[str]) -> bool:
    """Say whether a mask is there among `paths` in another folder as well, which counts."""
    name = folded(path)
    return any(name.replace(twin, first) in paths for twin, first in TWINS if twin in name)
