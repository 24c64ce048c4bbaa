"""Tell masks from images by the names of files and folders, and what must agree between a mask and its image."""

import posixpath
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from artasyn.data_manifests.corpora.label_words import plain
from artasyn.data_manifests.images.file_types import IMAGES

__all__ = [
    "MaskName",
    "folded",
    "has_image_suffix",
    "image_names",
    "labelme_image",
    "mask_in_folder",
    "mask_in_name",
    "parts_of_name",
    "place_of",
    "without_suffix",
]

STRONG = frozenset(["segmentation", "segmentations", "segm", "groundtruth", "groundtruths"])
WEAK = frozenset(["label", "labels", "annotation", "annotations", "annotated", "gt", "seg", "segs"])
"""Words that mean a mask only where an image of the same name lies elsewhere."""
KIND = frozenset(
    re.findall(r"\w+", "infection infections lesion lesions opacity opacities manual binary class object of")
)
"""Words that may stand beside one for a mask."""
PLACE = frozenset(
    re.findall(
        r"\w+",
        "image images img imgs radiograph radiographs xray xrays x ray rays cxr png jpg jpeg bmp tif tiff dicom dicoms "
        "dcm original originals orig raw scan scans film films picture pictures input inputs tr ts data file files",
    )
)
"""Words of folders that say nothing but that images lie there."""
COLLECTION = frozenset(
    ["data", "dataset", "datasets", "database", "set", "and", "with", "challenge", "competition"]
)
"""Words of folders that hold images and masks alike, as `Lung Segmentation Data` does."""
SAID = r"(?:masks?|masques?|masken?|segmentations?|segm?|labels?|annotations?|gt|ground[ _-]?truths?)"
WHOSE = r"(?:(?:lungs?|infections?|lesions?|opacity|manual|binary)[ _.-]*)?"
BEHIND = re.compile(rf"(?P<rest>.+?)[ _.-]+(?P<said>{WHOSE}{SAID})", re.IGNORECASE)
PART = re.compile(r"(?P<rest>.+?)(?:[ _.-]+(?P<part>\d{1,3})|(?<=[a-z])(?P<close>\d{1,2}))", re.IGNORECASE)
SIDE = re.compile(r"(?P<rest>.+?)[ _.-]+(?P<part>left|right)", re.IGNORECASE)
"""What stands behind the name of one of several masks of an image."""
BEFORE = re.compile(rf"(?P<said>{WHOSE}{SAID})[ _.-]+(?P<rest>.+)", re.IGNORECASE)
NUMBERED = re.compile(r"(?:images?|img|im|xray|cxr)[ _.-]+(?P<rest>.+)", re.IGNORECASE)
LABELME = "_json"
"""What LabelMe writes behind the name of an image for the folder of its mask."""
CHANNEL = "_0000"
"""What nnU-Net writes behind the names of images, not of masks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskName:
    """What the name of a mask says."""

    path: str
    place: str
    """Folders that must agree with the image's, "" or ending with a slash."""
    names: tuple[str, ...]
    """What its image may be called, the likeliest first."""
    parts: tuple[tuple[str, str], ...] = ()
    """What its image may be called where it is one of several masks, and which of them: ("chest", "1")."""
    lungs: bool
    strong: bool
    """Whether it can be nothing but a mask."""

    @property
    def every_name(self) -> frozenset[str]:
        """Return all that its image may be called, alone or as one of several masks."""
        return frozenset([*self.names, *(name for name, _ in self.parts)])


def folded(text: str) -> str:
    """Return a name without what file systems differ in: case, and how accents are written."""
    return unicodedata.normalize("NFC", text).casefold()


def has_image_suffix(path: str) -> bool:
    """Say whether a file is called as images are."""
    return posixpath.splitext(path)[1].lower() in (*IMAGES, ".gif")


def without_suffix(path: str) -> str:
    """Return a path without an image's suffix; the last part of a UID is none."""
    return posixpath.splitext(path)[0] if has_image_suffix(path) else path


def place_of(path: str) -> str:
    """Return an image's folders without those that say nothing, "" or ending with a slash."""
    return _joined(_rest(folder, PLACE) for folder in path.split("/")[:-1])


def image_names(path: str) -> tuple[str, ...]:
    """Return what a mask may be called after an image, the likeliest first."""
    stem = folded(without_suffix(posixpath.basename(path)))
    match = NUMBERED.fullmatch(stem)
    return (
        stem,
        *([match["rest"]] if match else []),
        *([stem[: -len(CHANNEL)]] if stem.endswith(CHANNEL) else []),
    )


def mask_in_folder(path: str) -> MaskName | None:
    """Read a path as that of a mask in a folder of masks; None where no folder says so."""
    folders = path.split("/")[:-1]
    said = [word for folder in folders for word in _mask_words(folder)]
    telling = [folder for folder in folders if _mask_words(folder) or folder.lower() in ("lung", "lungs")]
    if not telling:
        return None
    stem = folded(without_suffix(posixpath.basename(path)))
    lungs = any(_is_lung(word) for folder in telling for word in plain(folder).split()) or _lungs_in(stem)
    return MaskName(
        path=path,
        place=_joined(_mask_rest(folder) for folder in folders),
        names=tuple(dict.fromkeys((stem, *_stripped(stem)))),
        parts=(*parts_of_name(stem, sides=lungs), *_numbered(stem, sides=lungs)),
        lungs=lungs,
        strong=any(_is_strong(word) for word in said),
    )


def mask_in_name(path: str) -> MaskName | None:
    """Read a path as that of a mask by a word before or behind its image's name; None where there is none."""
    stem = folded(without_suffix(posixpath.basename(path)))
    names, lungs = _stripped(stem) or _alone(path, stem), _lungs_in(stem)
    whole = labelme_image(path, called="label")
    parts = (
        *_numbered(stem, sides=True),
        *([(whole, "")] if whole else []),
        *(part for name in names for part in parts_of_name(name, sides=lungs)),
    )
    if not (names or parts):
        return None
    rest = names[0] if names else parts[0][0]
    words = stem.removeprefix(rest).removesuffix(rest)
    return MaskName(
        path=path,
        place=place_of(path),
        names=names,
        parts=parts,
        lungs=lungs or any(_lungs_in(match["rest"]) for match in [PART.fullmatch(stem)] if match),
        strong=any(_is_strong(word) for word in plain(words).split()),
    )


def _alone(path: str, stem: str) -> tuple[str, ...]:
    """Return what an image may be called whose mask is called `mask` alone, in a folder for each image."""
    return ("image", "img") if "/" in path and re.fullmatch(SAID, stem) else ()


def labelme_image(path: str, *, called: str) -> str:
    """Return the image of which LabelMe wrote the file `called` so, as `label` in `x_json/label.png`; "" for others."""
    folder = folded(posixpath.basename(posixpath.dirname(path)))
    ours = folded(without_suffix(posixpath.basename(path))) == called and folder.endswith(LABELME)
    return folder.removesuffix(LABELME) if ours else ""


def parts_of_name(stem: str, *, sides: bool) -> tuple[tuple[str, str], ...]:
    """Return what comes before a number, or with `sides` before left or right, at a name's end, and that."""
    matches = [PART.fullmatch(stem), SIDE.fullmatch(stem) if sides else None]
    return tuple(
        (match["rest"], match["part"] or match.groupdict().get("close") or "") for match in matches if match
    )


def _numbered(stem: str, *, sides: bool) -> tuple[tuple[str, str], ...]:
    """Return the same of names such as `x_mask_1`, the words for a mask left out."""
    found = ((name, part) for rest, part in parts_of_name(stem, sides=sides) for name in _stripped(rest))
    return tuple(found)


def _stripped(stem: str) -> tuple[str, ...]:
    """Return a mask's name without the words for one."""
    matches = (pattern.fullmatch(stem) for pattern in (BEHIND, BEFORE))
    return tuple(match["rest"] for match in matches if match)


def _lungs_in(stem: str) -> bool:
    matches = (pattern.fullmatch(stem) for pattern in (BEHIND, BEFORE))
    return any("lung" in match["said"] for match in matches if match)


def _is_lung(word: str) -> bool:
    return word.startswith(("lung", "pulmon", "poumon"))


def _is_strong(word: str) -> bool:
    return "mask" in word or "masque" in word or word in STRONG


def _mask_words(folder: str) -> list[str]:
    words = plain(folder).split()
    if COLLECTION & set(words):
        return []
    if {"ground", "truth"} <= set(words):
        words.append("groundtruth")
    return [word for word in words if _is_strong(word) or word in WEAK]


def _mask_rest(folder: str) -> str:
    """Return what a folder's name says beside that masks lie in it."""
    if not _mask_words(folder):
        return "" if folder.lower() in ("lung", "lungs") else _rest(folder, PLACE)
    drop = WEAK | KIND | PLACE | {"ground", "truth"}
    words = (word for word in plain(folder).split() if not _is_strong(word) and not _is_lung(word))
    return " ".join(word for word in words if word not in drop)


def _rest(folder: str, drop: frozenset[str]) -> str:
    words = plain(folder).split()
    return "" if set(words) <= drop else " ".join(words)


def _joined(parts: Iterable[str]) -> str:
    return "".join(f"{part}/" for part in parts if part)
