"""What the folders above an image say: its class, its split, or nothing that is understood."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.folder_names import folder_meaning, may_be_class, tells, told_by
from artasyn.data_manifests.corpora.label_rules import Label
from artasyn.data_manifests.corpora.label_words import meaning, plain
from artasyn.data_manifests.corpora.understood import Doubt, counted, some
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

UNLABELLED = "unlabelled"
VIEW = re.compile(r"(?<![^\W_])(?:vp|view|proj|projection)[-=](?P<view>[a-z]+)", re.IGNORECASE)
"""A view with its key, as BIDS names files: `vp-ll`."""
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
    if "N" in (letters := _letters(paths)):
        found = {path: _by_letter(path, letters, said) for path, said in found.items()}
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
        told = [(core, folder) for folder in _folders(path) if (core := told_by(folder))]
        parts.setdefault(tuple(core for core, _ in told), "/".join(folder for _, folder in told))
    return sorted(part for part in parts.values() if part) if len(parts) > 1 else []


def unlike_normal(root: str, paths: Sequence[str]) -> Doubt | None:
    """Return why images that no folder gives a class to cannot be taken for normal, None where nothing speaks against.

    `root` is the name of the corpus's own folder.
    """
    remedy = "put normal images into a folder `normal`, name it with --normal-dir, or say --assume-normal"
    numbered = {folders[-1] for path in paths if (folders := _folders(path))}
    if _letters(paths) or (len(numbered) > 1 and numbered == set(map(str, range(len(numbered))))):
        reason = f"its sub-folders {some(sorted(numbered))} may be classes"
        return Doubt(kind="no_label", subject=root, reason=reason, remedy=remedy)
    unknown = unknown_folders(paths)
    if unknown:
        reason = f"its sub-folders are not understood: {some(unknown)}"
        return Doubt(kind="no_label", subject=root, reason=reason, remedy=remedy)
    if folder_meaning(root) == "abnormal" and len(plain(root).split()) < 3:
        reason = "its name says that its images are not normal"
        return Doubt(kind="no_label", subject=root, reason=reason, remedy=remedy)
    sick = [path for path in paths if "abnormal" in _name_meanings(path)]
    if sick:
        reason = f"the names of {counted(len(sick), 'image')} say that they are not normal: {some(sick)}"
        return Doubt(kind="no_label", subject=root, reason=reason, remedy=remedy)
    normal = [path for path in paths if "normal" in _name_meanings(path)]
    if 0 < len(normal) < len(paths):
        reason = f"the names of {counted(len(normal), 'image')} alone say normal, such as {normal[0]}"
        return Doubt(kind="no_label", subject=root, reason=reason, remedy=remedy)
    return None


def is_lateral(path: str) -> bool:
    """Say whether a file's name, or its folder's, says that it is a lateral view, and not that it is a frontal one."""
    name = path.rsplit(".", 1)[0][-256:]
    said = VIEW.search(name)
    if said and names_other_view(said["view"]):
        return True
    return names_other_view(" ".join(re.split(r"[\W_]+", name)), short=False)


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


def _letters(paths: Iterable[str]) -> set[str]:
    """Return the letters by which the folders of all images are called, which may be classes; none for other names."""
    names = {folders[-1] for path in paths if (folders := _folders(path))}
    return (
        names if 1 < len(names) <= FEW and all(len(name) == 1 and name.isalpha() for name in names) else set()
    )


def _by_letter(path: str, letters: Collection[str], said: FolderClass) -> FolderClass:
    """Return the class of an image in a folder `N` or `P`: the disease in the name of a collection is not its class."""
    inside = _folders(path)[-1:] and _folders(path)[-1] in letters
    return FolderClass("unlabelled", "") if inside and said.label == "abnormal" else said


def _by_word(path: str, numbers: dict[str, Label]) -> FolderClass:
    for folder in reversed(_folders(path)):
        label = numbers.get(folder) or (folder_meaning(folder) if may_be_class(folder) else None)
        if label:
            return FolderClass(label, folder)
    return FolderClass("unlabelled", "")


def _at(path: str, level: int) -> str:
    folders = _folders(path)
    return (
        folders[level]
        if level < len(folders) and may_be_class(folders[level]) and tells(folders[level])
        else ""
    )


def _by_hand(path: str, normal: set[str], chosen: str) -> FolderClass:
    folders = _folders(path)
    named = [folder for folder in folders if plain(folder) in normal]
    if named or (chosen and f"/{path}".find(f"/{chosen}/") >= 0):
        return FolderClass("normal", named[-1] if named else chosen)
    other = next(
        (folder for folder in reversed(folders) if tells(folder) or meaning(folder) == "abnormal"), ""
    )
    if other and meaning(other) == UNLABELLED:
        return FolderClass("unlabelled", other)
    return FolderClass("abnormal", other or "(others)")


def _name_meanings(path: str) -> set[Label | None]:
    """Return what the words of a file's name say."""
    words = plain(path.rsplit("/", 1)[-1].rsplit(".", 1)[0]).split()
    return {meaning(word) for word in words if len(word) > 3 and word.isalpha()}
