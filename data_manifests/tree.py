"""List a corpus folder once, so that no row of a table costs a look at the disk."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

from data_manifests.errors import CorpusError

__all__ = ["Tree", "scan"]


@dataclass(frozen=True)
class Tree:
    """All files below `root`, as sorted posix paths relative to it; hidden ones are left out."""

    root: Path
    paths: tuple[str, ...]

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
    seen: set[tuple[int, int]] = set()
    links = [("", str(root))]
    paths: list[str] = []
    while links:
        # Real folders first, then links by name: what is listed must not depend on the order of a directory.
        prefix, folder = links.pop(0)
        found: list[tuple[str, str]] = []
        if _is_new(folder, seen):
            paths += _walk(folder, prefix, seen, found)
        links = sorted(links + found)
    return Tree(root, tuple(sorted(paths)))


def _is_new(folder: str, seen: set[tuple[int, int]]) -> bool:
    """Note a folder by what it is on disk, whatever its name; say whether it was not there yet."""
    status = os.stat(folder)  # noqa: PTH116, every folder of a large corpus comes here
    place = (status.st_dev, status.st_ino)
    new = place not in seen
    seen.add(place)
    return new


def _walk(
    folder: str, prefix: str, seen: set[tuple[int, int]], links: list[tuple[str, str]]
) -> Iterator[str]:
    """Yield the files of real folders; add linked folders to `links`."""
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        reason = f"cannot be listed: {error.strerror}"
        raise CorpusError(folder, reason, "check its permissions", kind="unreadable") from error
    for entry in entries:
        if entry.name.startswith(".") or entry.name == "__MACOSX":
            continue
        if not entry.is_dir():
            yield prefix + entry.name
            continue
        if entry.is_symlink():
            links.append((f"{prefix}{entry.name}/", entry.path))
        elif _is_new(entry.path, seen):
            yield from _walk(entry.path, f"{prefix}{entry.name}/", seen, links)
