"""Where bytes lie: a folder that survives power cuts, or a bucket; both with create-only writes."""

from collections.abc import Iterator
from typing import Protocol

from artasyn.data_manifests.store.bucket import BucketBlobs
from artasyn.data_manifests.store.local_folder import FolderBlobs

__all__ = ["Blobs", "BucketBlobs", "FolderBlobs", "open_blobs"]


class Blobs(Protocol):
    """Named byte strings; keys are relative posix paths. Every method raises StoreError where the place refuses."""

    location: str

    def read(self, key: str) -> bytes:
        """Return the whole value. Raises FileNotFoundError."""

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`; a negative start counts from the end. Raises FileNotFoundError."""

    def write(self, key: str, data: bytes) -> None:
        """Put the value durably; readers see the old one or the new one, never a part."""

    def create(self, key: str, data: bytes) -> bool:
        """Put the value only where there is none; return whether this call did."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield all keys below the folder `prefix`, sorted."""

    def folders(self) -> list[str]:
        """Return the names of the folders at the top, sorted."""

    def folders_with(self, name: str) -> Iterator[str]:
        """Yield the key `folder/name` of every folder at the top that holds it, sorted."""

    def delete(self, key: str) -> None:
        """Remove the value if it is there."""

    def sweep(self, prefix: str) -> None:
        """Remove what killed writers left below `prefix`; a writer at work puts its value all the same."""


def open_blobs(location: str) -> Blobs:
    """Return the folder or, for `s3://`, `gs://`, `az://` and `memory://`, the bucket at `location`."""
    if "://" in location:
        return BucketBlobs(location)
    return FolderBlobs(location)
