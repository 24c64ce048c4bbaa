"""Read what the mask files of one radiograph mark, and which classes they seem to have."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.decode import decode_labels, decode_mask
from artasyn.data_manifests.images.file_bytes import Reader
from artasyn.data_manifests.images.mask_labels import class_shares

__all__ = ["read_classes", "read_united"]


def read_united(
    files: Sequence[Path], other: str, read: Reader, *, values: Sequence[int] = ()
) -> NDArray[np.bool_]:
    """Decode masks of one image, all of one shape, and return their union; with `values`, those pixels alone.

    Raises ImageError (bad_mask) where a mask is not of the shape of `other`, as `decode_mask` does else.
    """
    first, *more = [decode_mask(path, read(path), values=values) for path in files]
    for path, mask in zip(files[1:], more, strict=True):
        if mask.shape != first.shape:
            raise ImageError(
                path, f"is {mask.shape}, {other} {first.shape}", "check both masks", kind="bad_mask"
            )
        first = first | mask
    return first


def read_classes(path: Path, read: Reader) -> dict[int, float]:
    """Return the share of a label image that each of its few labels has; none of another mask, or of one label."""
    labels = decode_labels(path, read(path))
    return {} if labels is None else class_shares(labels)
