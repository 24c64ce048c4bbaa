"""Find the files that the rows of a source name: by their paths, else by what they are called."""

import posixpath
import re

from artasyn.data_manifests.corpora.file_tree import Tree
from artasyn.data_manifests.corpora.mask_names import mask_in_folder, mask_in_name
from artasyn.data_manifests.corpora.source_rows import Row
from artasyn.data_manifests.corpora.templates import fill

__all__ = ["Unusable", "find_image", "find_mask", "locate"]


DRIVE = re.compile("[A-Za-z]:/")


class Unusable(Exception):
    """Carry the reason why one row makes no radiograph."""


def locate(tree: Tree, folder: str, wanted: str) -> tuple[str, str]:
    """Return the id (relative to the corpus's own folder) and the path below the root of a wanted file."""
    wanted = wanted.strip().replace("\\", "/")
    if not wanted or wanted.endswith("/"):
        raise Unusable("no_path", "the row names no file")
    if "://" in wanted:
        raise Unusable("outside_root", f"`{wanted}` is an address, not the path of a file")
    if wanted.startswith("**/"):
        return _search(tree, posixpath.normpath(wanted[3:]))
    if wanted.startswith(tree.prefix):
        folder, wanted = "", wanted[len(tree.prefix) :]
    path = posixpath.normpath(folder + wanted)
    if path.startswith(("../", "/")) or path == ".." or wanted.startswith("/") or DRIVE.match(wanted):
        raise Unusable(
            "outside_root", f"`{wanted}` points out of the corpus; paths must stay below its folder"
        )
    if path not in tree.known:
        several = len([part for part in re.split("[;,|]", wanted) if part.strip() in tree.known]) > 1
        hint = ", but files of the names in it: give each image a row of its own" if several else ""
        raise Unusable("missing", f"there is no file {path} in the corpus{hint}")
    return (path[len(folder) :] if path.startswith(folder) else path), path


def find_image(tree: Tree, folder: str, wanted: str, named: list[str]) -> tuple[str, str]:
    """Locate an image as `locate` does, else by what it is called, and add it to `named`, in place."""
    try:
        return locate(tree, folder, wanted)
    except Unusable as unusable:
        if unusable.args[0] not in ("missing", "no_path"):
            raise
        found = tree.alike(posixpath.normpath(wanted.strip().replace("\\", "/"))) if wanted.strip() else []
        images = [path for path in found if not (mask_in_folder(path) or mask_in_name(path))] or found
        if not images:
            raise
        if len(images) > 1:
            several = f"`{wanted.strip()}` could be {', '.join(images[:3])}; give the whole path"
            raise Unusable("ambiguous", several) from unusable
        named.append(images[0])
        return images[0], images[0]


def _search(tree: Tree, tail: str) -> tuple[str, str]:
    if tail.startswith(("..", "/")):
        raise Unusable("outside_root", f"`{tail}` points out of the corpus; paths must stay below its folder")
    found = tree.below(tail)
    if not found:
        raise Unusable("missing", f"there is no file {tail} in any folder of the corpus")
    if len(found) > 1:
        raise Unusable("ambiguous", f"{tail} is there {len(found)} times: {', '.join(found[:3])}")
    return tail, found[0]


def find_mask(tree: Tree, row: Row, template: str, *, lungs: bool, named: list[str] | None) -> str:
    """Return a mask's path below the root, "" where the row has none.

    With `named` given, a mask that is not there is found in other folders by what it is called, and added to it, in
    place.
    """
    wanted = fill(template.removeprefix("?"), row.cells)
    if not wanted:
        return ""
    try:
        return locate(tree, row.folder, wanted)[1]
    except Unusable as unusable:
        reason, message = unusable.args
        if reason == "missing" and template.startswith("?"):
            return ""
        if reason == "missing" and named is not None and (found := _mask_called(tree, wanted, lungs=lungs)):
            named.append(found)
            return found
        raise Unusable(
            "missing_mask" if reason == "missing" else reason, f"its mask: {message}"
        ) from unusable


def _mask_called(tree: Tree, wanted: str, *, lungs: bool) -> str:
    """Return the one file that is called so and is a mask by its folder or name, "" where there is none."""
    wanted = wanted.strip()
    alike = tree.alike(posixpath.normpath(wanted.replace("\\", "/")))
    read = {path: mask_in_folder(path) or mask_in_name(path) for path in alike}
    found = [path for path, mask in read.items() if mask and mask.lungs == lungs]
    if len(found) > 1:
        several = f"its mask: `{wanted}` could be {', '.join(found[:3])}; give the whole path"
        raise Unusable("ambiguous", several)
    return found[0] if found else ""
