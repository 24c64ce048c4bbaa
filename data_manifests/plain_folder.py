"""Declare a plain folder of images: classes, splits and masks follow from the names of the folders."""

import posixpath
from collections import Counter
from collections.abc import Iterator, Sequence

from data_manifests.errors import CorpusError
from data_manifests.labels import ByClass
from data_manifests.manifest import Manifest, Source
from data_manifests.rows import Row
from data_manifests.suffixes import looks_like_image
from data_manifests.tree import Tree
from data_manifests.words import NORMAL_FOLDERS, SPLITS

__all__ = ["folder_manifest", "folder_rows"]

MASKS = ("mask", "masks")
LUNG_MASKS = ("lung_mask", "lung_masks", "lungs_mask", "lungs_masks")


def folder_manifest(name: str) -> Manifest:
    """Return the declaration of a plain folder; its rows come from `folder_rows`."""
    source = Source(
        files="(?s:.*)",
        by_class=ByClass(column="class", normal=NORMAL_FOLDERS),
        split="{split}",
        mask="?{mask}",
        lung_mask="?{lungs}",
        attributes={"class": "{class}"},
    )
    return Manifest(
        name=name,
        title="Folder of images",
        healthy="images in a folder named normal; other folders beside it are abnormal; unlabelled without one",
        sources=(source,),
    )


def folder_rows(tree: Tree) -> Iterator[Row]:
    """Yield a row for every image that lies in no mask folder. Raises CorpusError (ambiguous_mask)."""
    images = [path for path in tree.paths if not _in_mask_folder(path) and looks_like_image(tree.root / path)]
    level = _class_level(images)
    classes = {path: _class_of(path, level) for path in images}
    masks, lungs = (_Masks(tree.paths, folders, classes) for folders in (MASKS, LUNG_MASKS))
    for path in images:
        splits = [SPLITS[folder] for folder in _folders(path.lower()) if folder in SPLITS]
        cells = {
            "path": path,
            "class": classes[path],
            "split": splits[0] if splits else "",
            "mask": masks.of(path),
            "lungs": lungs.of(path),
        }
        yield Row("", cells)


class _Masks:
    """The masks below folders of certain names, found by the image's path or, where that is clear, by its name."""

    def __init__(self, paths: Sequence[str], folders: Sequence[str], classes: dict[str, str]) -> None:
        self._by_path: dict[str, str] = {}
        self._by_stem: dict[str, list[str]] = {}
        for path in paths:
            parts = path.split("/")
            places = [k for k, part in enumerate(parts[:-1]) if part.lower() in folders]
            if places:
                rest = "/".join(parts[: places[0]] + parts[places[0] + 1 :])
                self._by_path[_stem(rest)] = path
                self._by_stem.setdefault(posixpath.basename(_stem(path)), []).append(path)
        self._classes = classes
        self._images = Counter(posixpath.basename(_stem(path)) for path in classes)
        self._ill = Counter(posixpath.basename(_stem(path)) for path in classes if not self._is_normal(path))

    def of(self, image: str) -> str:
        """Return the mask's path, "" where there is none. Raises CorpusError where several images could mean it."""
        if mask := self._by_path.get(_stem(image)):
            return mask
        stem = posixpath.basename(_stem(image))
        masks = self._by_stem.get(stem, [])
        # A mask that lies where another image has the same path is that image's.
        if len(masks) != 1 or (self._is_normal(image) and self._images[stem] > 1):
            return ""
        if self._ill[stem] > 1:
            where = f"put it at {masks[0].split('/')[0]}/{image}"
            reason = f"could be the mask of {self._ill[stem]} images named {stem}, among them {image}"
            raise CorpusError(masks[0], reason, where, kind="ambiguous_mask")
        return masks[0]

    def _is_normal(self, image: str) -> bool:
        return self._classes[image].lower() in NORMAL_FOLDERS


def _folders(path: str) -> list[str]:
    return path.split("/")[:-1]


def _stem(path: str) -> str:
    return posixpath.splitext(path)[0]


def _in_mask_folder(path: str) -> bool:
    return any("mask" in folder for folder in _folders(path.lower()))


def _class_level(images: Sequence[str]) -> int | None:
    """Return at which level of folders the classes stand; None where no folder is named normal."""
    for path in images:
        for level, folder in enumerate(_folders(path.lower())):
            if folder in NORMAL_FOLDERS:
                return level
    return None


def _class_of(path: str, level: int | None) -> str:
    """Return the folder that says normal, wherever it stands, else the one at the level of the classes."""
    folders = _folders(path)
    normal = [folder for folder in folders if folder.lower() in NORMAL_FOLDERS]
    if normal:
        return normal[0]
    return folders[level] if level is not None and level < len(folders) else ""
