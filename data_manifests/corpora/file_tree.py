"""List a corpus folder once, so that no row of a table costs a look at the disk."""

import heapq
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

from artasyn.data_manifests.corpora.mask_names import folded, has_image_suffix, without_suffix
from artasyn.data_manifests.errors import CorpusError

__all__ = ["Tree", "scan"]

SYSTEM = frozenset(
    {
        "__macosx",
        "@eadir",
        "#recycle",
        "$recycle.bin",
        "system volume information",
        "lost+found",
        "__pycache__",
    }
)
"""Folders that systems make, with small copies, forks and deleted files; without capitals."""


@dataclass(frozen=True)
class Tree:
    """All files below `root`, as sorted posix paths relative to it; hidden ones are left out."""

    root: Path
    paths: tuple[str, ...]
    doubled: tuple[str, ...] = ()
    """Prefixes of paths through links to folders below the root itself: their files stand among `paths` twice."""

    @cached_property
    def prefix(self) -> str:
        """Return the absolute path of the root, with a slash behind it."""
        return f"{self.root.resolve().as_posix()}/"

    @cached_property
    def known(self) -> frozenset[str]:
        """Return the paths as a set."""
        return frozenset(self.paths)

    @cached_property
    def _tails(self) -> dict[int, dict[str, list[str]]]:
        return {}

    @cached_property
    def _alike(self) -> dict[str, list[str]]:
        """Index the paths by what file systems and programs leave of a name: no case, no image's suffix."""
        index: dict[str, list[str]] = {}
        for path in self.paths:
            parts = folded(without_suffix(path)).split("/")
            for start in range(len(parts)):
                index.setdefault("/".join(parts[start:]), []).append(path)
        return index

    def alike(self, wanted: str) -> list[str]:
        """Return the images that `wanted` may mean: of other case or suffix, without its suffix or its folders.

        The folders in which the root itself lies may stand before it; others may not, since what they name is
        another file.
        """
        parts = wanted.split("/")
        tails = [parts]
        above = folded(self.prefix).strip("/").split("/")
        for count in range(1, len(parts)):
            if [folded(name) for name in parts[:count]] == above[-count:]:
                tails.append(parts[count:])
        for tail in tails:
            found = self._alike.get(folded(without_suffix("/".join(tail))), [])
            exact = [path for path in found if folded(path).endswith(folded("/".join(tail)))]
            if found:
                return exact or [path for path in found if has_image_suffix(path) or "." not in path[-6:]]
        return []

    def _by_tail(self, parts: int) -> dict[str, list[str]]:
        """Index the paths by their last parts: `view1_frontal.jpg` alone would fit 190,000 files of CheXpert."""
        if parts not in self._tails:
            index: dict[str, list[str]] = {}
            for path in self.paths:
                index.setdefault("/".join(path.rsplit("/", parts)[-parts:]), []).append(path)
            self._tails[parts] = index
        return self._tails[parts]

    def named(self, pattern: str) -> list[str]:
        """Return the paths whose file name matches, `*` and `?` as in a shell."""
        names = self._by_tail(1)
        if not any(sign in pattern for sign in "*?["):
            return names.get(pattern, [])
        return [path for name in sorted(names) if fnmatch(name, pattern) for path in names[name]]

    def below(self, tail: str) -> list[str]:
        """Return the paths that are `tail` or end with a slash and `tail`."""
        return self._by_tail(tail.count("/") + 1).get(tail, [])


def scan(root: Path) -> Tree:
    """List the files below `root`; linked folders are followed, each once. Raises CorpusError."""
    if not root.is_dir():
        raise CorpusError(root, "is not a folder", "give the corpus folder with --root", kind="missing_root")
    top = os.path.realpath(root)
    paths: list[str] = []
    doubled: list[str] = []
    links = [("", str(root))]
    followed: set[str] = set()
    while links:
        # Real folders first, then links by name: what is listed must not depend on the order of a directory.
        prefix, folder = heapq.heappop(links)
        target = os.path.realpath(folder)
        if target in followed or (prefix and _is_inside(os.path.realpath(Path(folder).parent), target)):
            continue
        followed.add(target)
        if prefix and _is_inside(target, top):
            doubled.append(prefix)
        paths += _walk(folder, prefix, links)
    return Tree(root, tuple(sorted(paths)), tuple(doubled))


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself: it is listed, and refused as an image when it is read
        return False


def _walk(folder: str, prefix: str, links: list[tuple[str, str]]) -> Iterator[str]:
    """Yield the files of real folders; add linked folders to the heap `links`."""
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        reason = f"cannot be listed: {error.strerror}"
        raise CorpusError(folder, reason, "check its permissions", kind="unreadable") from error
    for entry in entries:
        if entry.name.startswith(".") or entry.name.lower() in SYSTEM:
            continue
        if not _is_folder(entry):
            yield prefix + entry.name
        elif entry.is_symlink():
            heapq.heappush(links, (f"{prefix}{entry.name}/", entry.path))
        else:
            yield from _walk(entry.path, f"{prefix}{entry.name}/", links)
