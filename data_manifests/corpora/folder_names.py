"""What the name of one folder says: a class, a split, or nothing that parts its images from others."""

import re

from artasyn.data_manifests.corpora.label_rules import Label
from artasyn.data_manifests.corpora.label_words import meaning, plain
from artasyn.data_manifests.corpora.mask_names import PLACE
from artasyn.data_manifests.corpora.vocabulary import SPLITS

__all__ = ["folder_meaning", "may_be_class", "says_nothing", "split_of", "tells", "told_by"]

NOTHING = PLACE | {
    "frontal",
    "pa",
    "ap",
    "chest",
    "thorax",
    "study",
    "studies",
    "series",
    "part",
    "parts",
    "batch",
    "patient",
    "patients",
}
"""Words of folders that part images by nothing that matters here."""
GRADES = frozenset(
    {"class", "klasse", "clase", "classe", "label", "category", "grade", "stage", "type", "severity", "score"}
)
"""Words before a number that make it a class, as `class_0` and `grade3`."""
WORD = re.compile(r"(?!(?=.*\d)[\da-f]+$)\d*([^\W\d_]{4,})\d*")
"""A word with its number, as `01healthy`; what could be a number in hexadecimal digits is an identifier."""


def folder_meaning(folder: str) -> Label | None:
    """Return what a folder's name says as a whole, else without numbers, splits and places around one word."""
    known = meaning(folder)
    if known or any(not _is_beside(word) for word in plain(folder).split() if not WORD.fullmatch(word)):
        return known
    core = _core(folder)
    return meaning(core) if core else None


def may_be_class(folder: str) -> bool:
    """Say whether a folder may be called after a class: no letter, number or split is one by itself."""
    return len(folder) > 1 and not folder.isdigit() and not split_of(folder)


def tells(folder: str) -> bool:
    """Say whether a folder's name parts images by more than split, place, number or a single letter."""
    numbered = any(sign.isdigit() for sign in folder)
    silent = NOTHING | SPLITS.keys()
    return not (numbered or split_of(folder) or set(plain(folder).split()) <= silent or len(folder) == 1)


def told_by(folder: str) -> str:
    """Return what parts a folder from those beside it, "" for nothing: `p001` and `p002` are two of one kind."""
    if tells(folder):
        return folder
    if split_of(folder) or len(folder) == 1:
        return ""
    core = _core(folder)
    return folder if core in GRADES else core


def says_nothing(folder: str) -> bool:
    """Say whether a folder's name tells nothing of the images below it: `images_001`, `train`."""
    return not told_by(folder)


def split_of(folder: str) -> str:
    """Return the split that a folder's name tells, alone or beside words that say nothing: `stage_2_test_images`."""
    if folder.lower() in SPLITS:
        return SPLITS[folder.lower()]
    words = {word for word in plain(folder).split() if not word.isdigit()} - NOTHING - GRADES
    return SPLITS[words.pop()] if len(words) == 1 and words <= SPLITS.keys() else ""


def _core(folder: str) -> str:
    """Return the words of a folder's name without numbers, splits and places: `01_Healthy` is `healthy`."""
    words = (match[1] for word in plain(folder).split() if (match := WORD.fullmatch(word)))
    return " ".join(word for word in words if word not in NOTHING and word not in SPLITS)


def _is_beside(word: str) -> bool:
    """Say whether a short word changes nothing: a number, a single letter, `pa`."""
    return word.isdigit() or len(word) == 1 or word in NOTHING or bool(re.fullmatch(r"v\d+|\d+[a-z]", word))
