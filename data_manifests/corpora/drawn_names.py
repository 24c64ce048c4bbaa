"""Tell pictures that programs make of an image, overlays and heat maps, by the names of files and folders."""

import posixpath
import re

from artasyn.data_manifests.corpora.mask_names import folded, without_suffix

__all__ = ["drawn_from", "in_drawn_folder"]

DRAWN = re.compile(
    r"(?P<rest>.+?)[ _.-]+(?:overla(?:y|id)|heat(?:[ _-]?maps?)?|(?:grad[ _-]?)?cam|saliency|pred(?:ictions?|icted)?)",
    re.IGNORECASE,
)
"""Pictures that programs make of an image."""
DRAWN_FOLDER = re.compile(
    r"overlays?|heat[ _-]?maps?|(?:grad[ _-]?)?cams?|saliency(?:[ _-]?maps?)?|predictions?|visuali[sz]ations?"
    r"|thumb(?:nail)?s?|previews?",
    re.IGNORECASE,
)
"""Folders of such pictures, and of small copies."""


def drawn_from(path: str) -> str:
    """Return the name of the image that a picture is made of, by its own name or its folder's; "" for none."""
    stem = folded(without_suffix(posixpath.basename(path)))
    match = DRAWN.fullmatch(stem)
    return match["rest"] if match else stem if in_drawn_folder(path) else ""


def in_drawn_folder(path: str) -> bool:
    """Say whether a folder of a path is called after overlays, heat maps or small copies."""
    return any(DRAWN_FOLDER.fullmatch(folder) for folder in path.split("/")[:-1])
