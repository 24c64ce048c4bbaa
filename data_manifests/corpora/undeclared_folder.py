"""Declare a plain folder of images: classes, splits and masks follow from the names of the folders."""

import posixpath
from collections import Counter
from collections.abc import Iterator, Sequence

from artasyn.data_manifests.corpora.file_tree import Tree
from artasyn.data_manifests.corpora.label_rules import ByClass
from artasyn.data_manifests.corpora.manifest import Manifest, Source
from artasyn.data_manifests.corpora.source_rows import Row
from artasyn.data_manifests.corpora.vocabulary import NORMAL_FOLDERS, SPLITS
from artasyn.data_manifests.errors import CorpusError
from artasyn.data_manifests.images.file_types import looks_like_image

__all__ = ["folder_manifest", "folder_rows"]

MASKS = ("mask", "masks")
LUNG_MASKS = ("lung_mask", "lung_masks", "lungs_mask", "lungs_masks")


def folder_manifest(name: str) -> Manifest:
    """Return the declaration of a plain folder; its rows come from `folder_rows`."""
    source = Source(
        files="(?s:.*)",
        by_class=ByClass(column="word", normal=NORMAL_FOLDERS),
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
    paths = [path for path in tree.paths if not path.startswith(tree.doubled)]
    images = [path for path in paths if not _in_mask_folder(path) and looks_like_image(tree.root / path)]
    words = _normal_words(images)
    level = _class_level(images, words)
    classes = {path: _class_of(path, level, words) for path in images}
    # A normal image has no disease to outline, but lungs like any other.
    masks = _Masks(paths, MASKS, [path for path in images if classes[path].lower() not in words], images)
    lungs = _Masks(paths, LUNG_MASKS, images, images)
    for path in images:
        splits = [SPLITS[folder] for folder in _folders(path.lower()) if folder in SPLITS]
        cells = {
            "path": path,
            "class": classes[path],
            "word": "normal" if classes[path].lower() in words else classes[path],
            "split": splits[0] if splits else "",
            "mask": masks.of(path),
            "lungs": lungs.of(path),
        }
        yield Row("", cells)


class _Masks:
    """The masks below folders of certain names, found by the image's path or, where that is clear, by its name."""

    def __init__(
        self, paths: Sequence[str], folders: Sequence[str], candidates: Sequence[str], images: Sequence[str]
    ) -> None:
        """Take all paths, and the images that may have such a mask, and all images."""
        self._by_path: dict[str, str] = {}
        self._by_name: dict[str, list[str]] = {}
        known = {_stem(path) for path in images}
        for path in paths:
            parts = path.split("/")
            places = [k for k, part in enumerate(parts[:-1]) if part.lower() in folders]
            if places:
                rest = _stem("/".join(parts[: places[0]] + parts[places[0] + 1 :]))
                self._by_path[rest] = path
                if rest not in known:  # else it is that very image's
                    self._by_name.setdefault(_name(path), []).append(path)
        self._candidates = frozenset(candidates)
        self._namesakes = Counter(_name(path) for path in candidates if _stem(path) not in self._by_path)

    def of(self, image: str) -> str:
        """Return the mask's path, "" where there is none. Raises CorpusError where it could be another image's."""
        if mask := self._by_path.get(_stem(image)):
            return mask
        masks = self._by_name.get(_name(image), [])
        if image not in self._candidates or not masks:
            return ""
        if len(masks) > 1 or self._namesakes[_name(image)] > 1:
            reason = f"could be the mask of {image} or of another image called {_name(image)}"
            remedy = f"give each mask its image's path, such as masks/{image}"
            raise CorpusError(", ".join(masks[:3]), reason, remedy, kind="ambiguous_mask")
        return masks[0]


def _folders(path: str) -> list[str]:
    return path.split("/")[:-1]


def _stem(path: str) -> str:
    return posixpath.splitext(path)[0]


def _name(path: str) -> str:
    return posixpath.basename(_stem(path))


def _in_mask_folder(path: str) -> bool:
    return any("mask" in folder for folder in _folders(path.lower()))


def _normal_words(images: Sequence[str]) -> tuple[str, ...]:
    """Return the folder names that mean normal; 0 is one where 1 is the only folder beside it."""
    numbered = {folders[-1] for path in images if (folders := _folders(path)) and folders[-1].isdigit()}
    return (*NORMAL_FOLDERS, "0") if numbered == {"0", "1"} else NORMAL_FOLDERS


def _class_level(images: Sequence[str], normal: Sequence[str]) -> int | None:
    """Return at which level of folders the classes stand; None where no folder is named normal."""
    for path in images:
        for level, folder in enumerate(_folders(path.lower())):
            if folder in normal:
                return level
    return None


def _class_of(path: str, level: int | None, normal: Sequence[str]) -> str:
    """Return the folder that says normal, wherever it stands, else the one at the level of the classes."""
    folders = _folders(path)
    found = [folder for folder in folders if folder.lower() in normal]
    if found:
        return found[0]
    return folders[level] if level is not None and level < len(folders) else ""
