"""What the folders above an image say: its class, its split, or nothing that is understood."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.label_rules import Label
from artasyn.data_manifests.corpora.label_words import meaning, plain
from artasyn.data_manifests.corpora.mask_names import PLACE
from artasyn.data_manifests.corpora.understood import Doubt, some
from artasyn.data_manifests.corpora.vocabulary import SPLITS

__all__ = ["FolderClass", "classes_of", "is_lateral", "label_sentence", "unknown_folders", "unlike_normal"]

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
SIDEWAYS = re.compile(r"lat|lateral\w*|latero\w*|seitlich\w*|profil|perfil")
FRONTAL = re.compile(r"pa|ap|front\w*|antero\w*|postero\w*")


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
    parts = Counter("/".join(folder for folder in _folders(path) if _tells(folder)) for path in paths)
    return sorted(part for part in parts if part) if len(parts) > 1 else []


def unlike_normal(root: str, paths: Sequence[str]) -> Doubt | None:
    """Return why images that no folder gives a class to cannot be taken for normal, None where nothing speaks against.

    `root` is the name of the corpus's own folder.
    """
    remedy = "put normal images into a folder `normal`, name it with --normal-dir, or say --assume-normal"
    numbered = {folders[-1] for path in paths if (folders := _folders(path))}
    if len(numbered) > 1 and numbered == set(map(str, range(len(numbered)))):
        reason = f"its sub-folders {some(sorted(numbered))} may be classes"
        return Doubt(kind="no_label", subject=root, reason=reason, remedy=remedy)
    unknown = unknown_folders(paths)
    if unknown:
        reason = f"its sub-folders are not understood: {some(unknown)}"
        return Doubt(kind="no_label", subject=root, reason=reason, remedy=remedy)
    if meaning(root) == "abnormal" and len(plain(root).split()) < 3:
        reason = "its name says that its images are not normal"
        return Doubt(kind="no_label", subject=root, reason=reason, remedy=remedy)
    sick = [path for path in paths if _name_is_sick(path)]
    if sick:
        reason = f"the names of {len(sick):,} images say that they are not normal: {some(sick)}"
        return Doubt(kind="no_label", subject=root, reason=reason, remedy=remedy)
    return None


def is_lateral(path: str) -> bool:
    """Say whether a file's name, or its folder's, says that it is a lateral view, and not that it is a frontal one."""
    words = re.findall(r"[a-z]+", " ".join(plain(part) for part in path.split("/")))
    return any(SIDEWAYS.fullmatch(word) for word in words) and not any(
        FRONTAL.fullmatch(word) for word in words
    )


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


def _by_word(path: str, numbers: dict[str, Label]) -> FolderClass:
    for folder in reversed(_folders(path)):
        label = numbers.get(folder) or (meaning(folder) if _may_be_class(folder) else None)
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
