"""Read what the mask files of one radiograph mark."""

from collections.abc import Sequence
from pathlib import Path

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.decode import Marks, decode_marks
from artasyn.data_manifests.images.file_bytes import Reader

__all__ = ["read_united"]


def read_united(files: Sequence[Path], other: str, read: Reader, *, values: Sequence[int] = ()) -> Marks:
    """Decode masks of one image, all of one shape, and return their union with the labels of the first.

    With `values`, those pixels alone are marked. Raises ImageError (bad_mask) where a mask is not of the shape of
    `other`, as `decode_marks` does else.
    """
    first, *more = [decode_marks(path, read(path), values=values) for path in files]
    marked = first.marked
    for path, mask in zip(files[1:], more, strict=True):
        if mask.marked.shape != marked.shape:
            reason = f"is {mask.marked.shape}, {other} {marked.shape}"
            raise ImageError(path, reason, "check both masks", kind="bad_mask")
        marked = marked | mask.marked
    return Marks(marked, first.labels)
