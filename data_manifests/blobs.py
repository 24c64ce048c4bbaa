"""Where bytes lie: a folder that survives power cuts, or a bucket; both with create-only writes."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from data_manifests.errors import StoreError

__all__ = ["Blobs", "BucketBlobs", "FolderBlobs", "open_blobs"]

TEMPORARY_SUFFIX = ".partial"


class Blobs(Protocol):
    """Named byte strings; keys are relative posix paths."""

    location: str

    def read(self, key: str) -> bytes:
        """Return the whole value. Raises FileNotFoundError."""

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`; a negative start counts from the end."""

    def write(self, key: str, data: bytes) -> None:
        """Put the value durably; readers see the old one or the new one, never a part."""

    def create(self, key: str, data: bytes) -> bool:
        """Put the value only where there is none; return whether this call did."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield all keys below the folder `prefix`, sorted."""

    def folders_with(self, name: str) -> Iterator[str]:
        """Yield the key `folder/name` of every folder at the top that holds it, sorted."""

    def delete(self, key: str) -> None:
        """Remove the value if it is there."""


def open_blobs(location: str) -> Blobs:
    """Return the folder or, for `s3://`, `gs://`, `az://` and `memory://`, the bucket at `location`."""
    if "://" in location:
        return BucketBlobs(location)
    return FolderBlobs(location)


class FolderBlobs:
    """A local folder. Values and their folders are synced to disk before a write returns."""

    def __init__(self, location: str) -> None:
        self.location = location
        self._root = Path(location)

    def read(self, key: str) -> bytes:
        """Return the whole value. Raises FileNotFoundError."""
        return (self._root / key).read_bytes()

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`; a negative start counts from the end."""
        descriptor = os.open(self._root / key, os.O_RDONLY)
        try:
            if start < 0:
                start += os.fstat(descriptor).st_size
            return os.pread(descriptor, length, max(0, start))
        finally:
            os.close(descriptor)

    def write(self, key: str, data: bytes) -> None:
        """Put the value durably: temporary file, sync, rename, sync the folder."""
        with self._temporary(key, data) as temporary:
            temporary.replace(self._root / key)
            _sync_folder(temporary.parent)

    def create(self, key: str, data: bytes) -> bool:
        """Put the value only where there is none; a hard link fails where the name exists."""
        with self._temporary(key, data) as temporary:
            try:
                os.link(temporary, self._root / key)
            except FileExistsError:
                return False
            _sync_folder(temporary.parent)
            return True

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield all keys below the folder `prefix`, sorted."""
        found = (p for p in (self._root / prefix).rglob("*") if p.is_file() and p.suffix != TEMPORARY_SUFFIX)
        yield from sorted(p.relative_to(self._root).as_posix() for p in found)

    def folders_with(self, name: str) -> Iterator[str]:
        """Yield the key `folder/name` of every folder at the top that holds it, sorted."""
        yield from sorted(path.relative_to(self._root).as_posix() for path in self._root.glob(f"*/{name}"))

    def delete(self, key: str) -> None:
        """Remove the value if it is there, and folders that became empty."""
        path = self._root / key
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # a folder still in use stays
            while (path := path.parent) != self._root:
                path.rmdir()

    @contextlib.contextmanager
    def _temporary(self, key: str, data: bytes) -> Iterator[Path]:
        target = self._root / key
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}{TEMPORARY_SUFFIX}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            yield temporary
        except OSError as error:
            raise _refusal(target, error) from error
        finally:
            with contextlib.suppress(OSError):  # a read-only folder never held the file
                temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refusal(path: Path, error: OSError) -> StoreError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    remedy = (
        "free space and run the same command again: it goes on"
        if full
        else "check the path and its permissions"
    )
    return StoreError(
        path, f"cannot be written: {error.strerror or error}", remedy, kind="disk_full" if full else ""
    )


class BucketBlobs:
    """An object store, through obstore; credentials come from the environment as usual."""

    def __init__(self, location: str) -> None:
        try:
            import obstore
            from obstore.store import from_url
        except ImportError as error:
            raise StoreError(
                location, "needs the package obstore", "pip install 'artasyn[bucket]'"
            ) from error
        self.location = location
        self._api: Any = obstore
        self._store: Any = from_url(location)

    def __reduce__(self) -> tuple[Any, ...]:
        """Reconnect in another process."""
        return BucketBlobs, (self.location,)

    def read(self, key: str) -> bytes:
        """Return the whole value. Raises FileNotFoundError."""
        return bytes(self._api.get(self._store, key).bytes())

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`; a negative start counts from the end."""
        if start < 0:
            return bytes(self._api.get(self._store, key, options={"range": {"suffix": -start}}).bytes())[
                :length
            ]
        return bytes(self._api.get_range(self._store, key, start=start, length=length))

    def write(self, key: str, data: bytes) -> None:
        """Put the value; object stores replace a value as a whole."""
        self._api.put(self._store, key, data)

    def create(self, key: str, data: bytes) -> bool:
        """Put the value only where there is none, by a conditional put."""
        try:
            self._api.put(self._store, key, data, mode="create")
        except self._api.exceptions.AlreadyExistsError:
            return False
        return True

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield all keys below the folder `prefix`, sorted."""
        pages = self._api.list(self._store, prefix=prefix or None)
        yield from sorted(item["path"] for page in pages for item in page)

    def folders_with(self, name: str) -> Iterator[str]:
        """Yield the key `folder/name` of every folder at the top that holds it, sorted."""
        for folder in sorted(self._api.list_with_delimiter(self._store)["common_prefixes"]):
            with contextlib.suppress(FileNotFoundError):
                self._api.head(self._store, f"{folder}/{name}")
                yield f"{folder}/{name}"

    def delete(self, key: str) -> None:
        """Remove the value if it is there."""
        with contextlib.suppress(FileNotFoundError):
            self._api.delete(self._store, key)
