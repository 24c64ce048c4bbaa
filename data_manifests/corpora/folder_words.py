"""What the folders above an image say: its class, its split, or nothing that is understood."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.label_rules import Label
from artasyn.data_manifests.corpora.label_words import meaning, plain
from artasyn.data_manifests.corpora.mask_names import PLACE
from artasyn.data_manifests.corpora.understood import Doubt, counted, some
from artasyn.data_manifests.corpora.vocabulary import SPLITS
from artasyn.data_manifests.images.dicom_views import names_other_view

__all__ = [
    "FolderClass",
    "classes_of",
    "is_lateral",
    "label_sentence",
    "unknown_folders",
    "unlike_normal",
    "unsaid_folders",
]

NOTHING = PLACE | {
    "frontal",
    "pa",
    "ap",
    "chest",
    "thorax",
    "study",
    "studies",
    "series",
    "patient",
    "patients",
}
"""Words of folders that part images by nothing that matters here."""
UNLABELLED = "unlabelled"
GRADES = frozenset(
    {"class", "klasse", "clase", "classe", "label", "category", "grade", "stage", "type", "severity", "score"}
)
"""Words before a number that make it a class, as `class_0` and `grade3`."""
WORD = re.compile(r"(?!(?=.*\d)[\da-f]+$)\d*([^\W\d_]{4,})\d*")
"""A word with its number, as `01healthy`; what could be a number in hexadecimal digits is an identifier."""
FEW = 4
"""So many folders called by one letter are classes, perhaps; more part files by their first letter."""


@dataclass(frozen=True, slots=True)
class FolderClass:
    """The class of an image by its folders."""

    label: Label
    folder: str
    """The folder that says so, "" where none does."""


def classes_of(paths: Sequence[str], hand: ByHand) -> dict[str, FolderClass]:
    """Read the classes of images by their folders; the deepest one that is understood counts.

    Folders beside one that says normal are abnormal, whatever they are called, but for splits and the like.
    """
    chosen = hand.normal_dir.replace("\\", "/").removeprefix("./").strip("/")
    if chosen or hand.normal:
        normal = {plain(word) for word in hand.normal}
        return {path: _by_hand(path, normal, chosen) for path in paths}
    numbered = {folders[-1] for path in paths if (folders := _folders(path)) and folders[-1].isdigit()}
    numbers: dict[str, Label] = {"0": "normal", "1": "abnormal"} if numbered == {"0", "1"} else {}
    found = {path: _by_word(path, numbers) for path in paths}
    levels = {_folders(path).index(said.folder) for path, said in found.items() if said.label == "normal"}
    beside = {path: _at(path, min(levels)) for path in paths} if levels else {}
    return {
        path: FolderClass("abnormal", beside[path]) if not said.folder and beside.get(path) else said
        for path, said in found.items()
    }


def unknown_folders(paths: Iterable[str]) -> list[str]:
    """Return the sub-folders that part the images by a word that is not understood; none where all lie in one."""
    parts: dict[tuple[str, ...], str] = {}
    for path in paths:
        told = [(core, folder) for folder in _folders(path) if (core := _told_by(folder))]
        parts.setdefault(tuple(core for core, _ in told), "/".join(folder for _, folder in told))
    return sorted(part for part in parts.values() if part) if len(parts) > 1 else []


def unlike_normal(root: str, paths: Sequence[str]) -> Doubt | None:
    """Return why images that no folder gives a class to cannot be taken for normal, None where nothing speaks against.

    `root` is the name of the corpus's own folder.
    """
    remedy = "put normal images into a folder `normal`, name it with --normal-dir, or say --assume-normal"
    numbered = {folders[-1] for path in paths if (folders := _folders(path))}
    lettered = 1 < len(numbered) <= FEW and all(len(name) == 1 and name.isalpha() for name in numbered)
    if lettered or (len(numbered) > 1 and numbered == set(map(str, range(len(numbered))))):
        reason = f"its sub-folders {some(sorted(numbered))} may be classes"
        return Doubt(kind="no_label", subject=root, reason=reason, remedy=remedy)
    unknown = unknown_folders(paths)
    if unknown:
        reason = f"its sub-folders are not understood: {some(unknown)}"
        return Doubt(kind="no_label", subject=root, reason=reason, remedy=remedy)
    if _meaning(root) == "abnormal" and len(plain(root).split()) < 3:
        reason = "its name says that its images are not normal"
        return Doubt(kind="no_label", subject=root, reason=reason, remedy=remedy)
    sick = [path for path in paths if _name_is_sick(path)]
    if sick:
        reason = f"the names of {counted(len(sick), 'image')} say that they are not normal: {some(sick)}"
        return Doubt(kind="no_label", subject=root, reason=reason, remedy=remedy)
    return None


def is_lateral(path: str) -> bool:
    """Say whether a file's name, or its folder's, says that it is a lateral view, and not that it is a frontal one."""
    return names_other_view(" ".join(re.split(r"[\W_]+", path.rsplit(".", 1)[0]))[-256:], short=False)


def unsaid_folders(classes: Mapping[str, FolderClass]) -> str:
    """Name the folders that say nothing where others say a class, with their numbers of images; "" for none."""
    counts = Counter(
        _folders(path)[-1] for path, said in classes.items() if not said.folder and _folders(path)
    )
    named = [f"{folder} ({count:,})" for folder, count in counts.most_common()]
    return f"not understood, and unlabelled: {some(named)}" if named and len(counts) < len(classes) else ""


def label_sentence(classes: Iterable[FolderClass]) -> str:
    """Say which folders became which label."""
    counts = Counter((said.label, said.folder) for said in classes if said.folder)
    labels = dict.fromkeys(label for label, _ in sorted(counts, reverse=True))
    said = [
        f"{label} {some(f'{folder} ({count:,})' for (own, folder), count in counts.most_common() if own == label)}"
        for label in labels
    ]
    return f"folders: {'; '.join(said)}" if said else "none: no sub-folder's name says normal or abnormal"


def _folders(path: str) -> list[str]:
    return path.split("/")[:-1]


def _tells(folder: str) -> bool:
    """Say whether a folder's name parts images by more than split, place, number or a single letter."""
    words = plain(folder).split()
    numbered = any(sign.isdigit() for sign in folder)
    return not (numbered or folder.lower() in SPLITS or set(words) <= NOTHING or len(folder) == 1)


def _told_by(folder: str) -> str:
    """Return what parts a folder from those beside it, "" for nothing: `p001` and `p002` are two of one kind."""
    if _tells(folder):
        return folder
    if folder.lower() in SPLITS or len(folder) == 1:
        return ""
    core = _core(folder)
    return folder if core in GRADES else core


def _core(folder: str) -> str:
    """Return the words of a folder's name without numbers, splits and places: `01_Healthy` is `healthy`."""
    words = (match[1] for word in plain(folder).split() if (match := WORD.fullmatch(word)))
    return " ".join(word for word in words if word not in NOTHING and word not in SPLITS)


def _meaning(folder: str) -> Label | None:
    """Return what a folder's name says as a whole, else without numbers, splits and places around one word."""
    known = meaning(folder)
    if known or any(not _is_beside(word) for word in plain(folder).split() if not WORD.fullmatch(word)):
        return known
    core = _core(folder)
    return meaning(core) if core else None


def _is_beside(word: str) -> bool:
    """Say whether a short word changes nothing: a number, a single letter, `pa`."""
    return word.isdigit() or len(word) == 1 or word in NOTHING or bool(re.fullmatch(r"v\d+|\d+[a-z]", word))


def _by_word(path: str, numbers: dict[str, Label]) -> FolderClass:
    for folder in reversed(_folders(path)):
        label = numbers.get(folder) or (_meaning(folder) if _may_be_class(folder) else None)
        if label:
            return FolderClass(label, folder)
    return FolderClass("unlabelled", "")


def _may_be_class(folder: str) -> bool:
    return len(folder) > 1 and not folder.isdigit() and folder.lower() not in SPLITS


def _at(path: str, level: int) -> str:
    folders = _folders(path)
    return (
        folders[level]
        if level < len(folders) and _may_be_class(folders[level]) and _tells(folders[level])
        else ""
    )


def _by_hand(path: str, normal: set[str], chosen: str) -> FolderClass:
    folders = _folders(path)
    named = [folder for folder in folders if plain(folder) in normal]
    if named or (chosen and f"/{path}".find(f"/{chosen}/") >= 0):
        return FolderClass("normal", named[-1] if named else chosen)
    other = next(
        (folder for folder in reversed(folders) if _tells(folder) or meaning(folder) == "abnormal"), ""
    )
    if other and meaning(other) == UNLABELLED:
        return FolderClass("unlabelled", other)
    return FolderClass("abnormal", other or "(others)")


def _name_is_sick(path: str) -> bool:
    words = plain(path.rsplit("/", 1)[-1].rsplit(".", 1)[0]).split()
    return any(len(word) > 3 and word.isalpha() and meaning(word) == "abnormal" for word in words)
