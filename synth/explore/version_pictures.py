"""Pictures of a version: its channels, and the source of what was left out, where that can still be read."""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.corpora.radiograph import Radiograph
from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.store.version import Version
from artasyn.synth.build.selection import selection_of
from artasyn.synth.explore.pictures import (
    LUNG,
    MASK,
    OUTLINE,
    REFERENCE,
    grey_png,
    heat_png,
    line_png,
    tint_png,
)
from artasyn.synth.sources.source import Source

__all__ = ["LAYERS", "VersionPictures"]

LARGEST = 512
"""Longer side of a source's picture, in pixels."""

LAYERS: Mapping[str, Callable[[NDArray[np.uint8]], bytes]] = {
    "image": grey_png,
    "altered": grey_png,
    "alpha": heat_png,
    "mask": functools.partial(tint_png, colour=MASK),
    "outline": functools.partial(line_png, colour=OUTLINE),
    "lungs": functools.partial(line_png, colour=LUNG),
    "reference_lungs": functools.partial(line_png, colour=REFERENCE),
}
"""What makes the PNG of each channel."""


class VersionPictures:
    """PNG pictures of rows."""

    def __init__(self, version: Version, *, root: Path | None = None) -> None:
        """Take the version, and where its corpus lies now, if it moved; nothing is read yet."""
        self._version, self._root = version, root

    def channel(self, row: int, name: str) -> bytes:
        """Return one channel of a row as PNG. Raises KeyError for another name, DamageError."""
        make = LAYERS[name]
        (pixels,) = self._version.read(row, channels=(name,))
        return make(pixels)

    def source(self, row: int) -> bytes:
        """Return the radiograph itself, as PNG with its proportions.

        The file is found by the corpus, never by a name that a page gives. Raises StoreError where the corpus has no
        such image now; CorpusError, ImageError and MachineError as its reading does.
        """
        source, entries = self._corpus
        name = str(self._version.table["image_id"][row])
        if name not in entries:
            raise StoreError(name, "is not in the corpus as it is now", "say where that lies with --root")
        return grey_png(_at_most(source.read_image(entries[name]), LARGEST))

    @functools.cached_property
    def _corpus(self) -> tuple[Source, dict[str, Radiograph]]:
        source = selection_of(self._version.attributes, root=self._root).open()
        return source, {entry.image_id: entry for entry in source.radiographs}


def _at_most(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    factor = side / max(image.shape)
    if factor >= 1:
        return image
    size = max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
