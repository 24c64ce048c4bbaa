"""The files around a folder of images that may tell of them: who gives the folder alone may have missed them."""

import os
import re
from pathlib import Path

from artasyn.data_manifests.corpora.folder_names import says_nothing
from artasyn.data_manifests.corpora.label_words import plain
from artasyn.data_manifests.corpora.text_files import TABLES

__all__ = ["files_around"]

OF_ANNOTATIONS = frozenset(
    re.findall(
        r"\w+",
        "annotation annotations label labels gt groundtruth list lists meta metadata table tables csv csvs json xml "
        "txt reading readings derivatives imagesets splits boxes bboxes",
    )
)
"""Words of folders in which what is known of images lies, apart from them."""
HIGHEST = 3
"""So many folders above are looked into, the higher ones where the lower say nothing, as `images` and `train` do."""
DEEPEST = 2
MOST = 20_000
"""Files that are looked at in one place."""
TEXTS = (".json", ".jsonl", ".ndjson", ".xml", ".txt", ".xlsx")


def files_around(root: Path) -> list[Path]:
    """Return the files in the folder above `root` and in folders of annotations there, and further up where the
    names of the folders between say nothing."""
    found: list[Path] = []
    place = root.resolve()
    for _ in range(HIGHEST):
        above = place.parent
        if above == place:
            break
        found += _told_in(above, place)[:MOST]
        place = above
        if not says_nothing(place.name):
            break
    return found


def _told_in(folder: Path, below: Path) -> list[Path]:
    """Return the files in a folder, and those in its folders of annotations but for `below`."""
    files, folders = _parted(folder)
    for other in folders:
        if other != below and _holds_annotations(other.name):
            files += _all_in(other, DEEPEST)
    return files


def _holds_annotations(folder: str) -> bool:
    words = set(plain(folder).split())
    return bool(OF_ANNOTATIONS & words) and all(says_nothing(word) for word in words - OF_ANNOTATIONS)


def _all_in(folder: Path, depth: int) -> list[Path]:
    files, folders = _parted(folder)
    return files + [path for other in folders if depth > 1 for path in _all_in(other, depth - 1)]


def _parted(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the tables, lists and texts in a folder, and its folders, by name; nothing where it cannot be listed."""
    files, folders = [], []
    try:
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if entry.is_dir() and not entry.name.startswith("."):
                folders.append(Path(entry.path))
            elif entry.name.lower().endswith((*TABLES, *TEXTS)):
                files.append(Path(entry.path))
    except OSError:
        return [], []
    return files, folders
