"""Which files of a folder are radiographs to predict on."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from artasyn.data_manifests.corpora.folder_words import is_lateral
from artasyn.data_manifests.corpora.mask_search import in_mask_folder, masks_by_name
from artasyn.data_manifests.images.file_types import looks_like_image
from artasyn.data_manifests.outputs import LIST_NAME, OutputFolder
from artasyn.data_manifests.ownership import LOCK_NAME

__all__ = ["find_images"]


def find_images(paths: Iterable[Path]) -> tuple[list[Path], Counter[str]]:
    """Return the files named and the images below each folder, and how many other files lie there, by suffix.

    Images are told by their names, DICOM files without a suffix, as archives write them, by their letters. What lies in
    a folder of masks, is called a mask of an image beside it, or a lateral view, is no frontal radiograph, and what an
    earlier call wrote there is none of them.
    """
    found: list[Path] = []
    others: Counter[str] = Counter()
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(p for p in path.rglob("*") if _is_entry(p) and p.name not in (LIST_NAME, LOCK_NAME))
        ours = {folder: OutputFolder(folder) for folder in {p.parent for p in inside}}
        inside = [p for p in inside if not ours[p.parent].is_ours(p.name)]
        masks = masks_by_name([entry.relative_to(path).as_posix() for entry in inside])
        for entry in inside:
            name = entry.relative_to(path).as_posix()
            if in_mask_folder(name):
                others[f"in folder {_mask_folder(entry, path)}"] += 1
            elif name in masks:
                others["masks beside images"] += 1
            elif is_lateral(name):
                others["called lateral or oblique"] += 1
            elif looks_like_image(entry):
                found.append(entry)
            else:
                others[entry.suffix.lower() or entry.name] += 1
    return found, others


def _mask_folder(entry: Path, top: Path) -> Path:
    """Return the folder whose name says that masks lie in it."""
    folders = [folder for folder in entry.parents if folder.is_relative_to(top) and folder != top]
    return next(
        folder for folder in folders if in_mask_folder((folder.relative_to(folder.parent) / "x").as_posix())
    )


def _is_entry(path: Path) -> bool:
    """Say whether a path is a file, or a link to one that is gone: that is told when it is read."""
    return path.is_file() or (path.is_symlink() and not path.exists())
