"""Bytes in a local or shared folder, safe against kills, power cuts and other writers."""

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.files import TEMPORARY_SUFFIX, create_file, write_file

__all__ = ["FolderBlobs"]

Value = TypeVar("Value")
FAILED = (errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
"""What the machine could not do, though it was allowed to."""


class FolderBlobs:
    """A folder. Values and their folders are synced to disk before a write returns."""

    def __init__(self, location: str) -> None:
        self.location = location
        self._root = Path(location).absolute()  # workers may start in another folder

    def read(self, key: str) -> bytes:
        """Return the whole value. Raises FileNotFoundError."""
        with _refused(self._root / key, "read"):
            return (self._root / key).read_bytes()

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`; a negative start counts from the end. Raises FileNotFoundError."""
        with _refused(self._root / key, "read"):
            descriptor = os.open(self._root / key, os.O_RDONLY)
            try:
                if start < 0:
                    start += os.fstat(descriptor).st_size
                return os.pread(descriptor, length, max(0, start))
            finally:
                os.close(descriptor)

    def write(self, key: str, data: bytes) -> None:
        """Put the value durably: temporary file, sync, rename, sync the folder."""
        path = self._root / key
        _put(path, lambda: write_file(path, data))

    def create(self, key: str, data: bytes) -> bool:
        """Put the value only where there is none; a hard link fails where the name exists."""
        path = self._root / key
        return _put(path, lambda: create_file(path, data))

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield all keys below the folder `prefix`, sorted."""
        yield from sorted(key for key in self._files(prefix) if not key.endswith(TEMPORARY_SUFFIX))

    def folders(self) -> list[str]:
        """Return the names of the folders at the top, sorted."""
        return sorted(path.name for path in self._root.glob("*") if path.is_dir())

    def folders_with(self, name: str) -> Iterator[str]:
        """Yield the key `folder/name` of every folder at the top that holds it, sorted."""
        yield from sorted(path.relative_to(self._root).as_posix() for path in self._root.glob(f"*/{name}"))

    def delete(self, key: str) -> None:
        """Remove the value if it is there, and folders that became empty."""
        path = self._root / key
        with _refused(path, "removed"):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # a folder still in use stays
            while (path := path.parent) != self._root:
                path.rmdir()

    def sweep(self, prefix: str) -> None:
        """Remove temporary files below `prefix`; a writer at work puts its value all the same."""
        for key in [key for key in self._files(prefix) if key.endswith(TEMPORARY_SUFFIX)]:
            self.delete(key)

    def _files(self, prefix: str) -> Iterator[str]:
        # os.walk, unlike rglob, does not mind folders that vanish meanwhile.
        for folder, _, names in os.walk(self._root / prefix):
            inside = Path(folder).relative_to(self._root)
            yield from ((inside / name).as_posix() for name in names)


def _put(target: Path, put: Callable[[], Value]) -> Value:
    """Raise StoreError naming the file and the remedy where the disk refuses."""
    try:
        return put()
    except OSError as error:
        raise _refusal(target, error) from error


@contextlib.contextmanager
def _refused(path: Path, what: str) -> Iterator[None]:
    """Let a missing file be known as such; make a sentence of every other refusal."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _refusal(path, error, what) from error


def _refusal(path: Path, error: OSError, what: str = "written") -> StoreError:
    reason = f"cannot be {what}: {error.strerror or error}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        remedy = "free space and run the same command again: it goes on"
        return StoreError(path, reason, remedy, kind="disk_full")
    if error.errno in FAILED:
        return StoreError(path, reason, "the disk or the network failed: try again; this is no damage yet")
    return StoreError(path, reason, "check the path and its permissions")
