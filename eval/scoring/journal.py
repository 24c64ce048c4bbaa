"""Per-image statistics on disk, a block of images a file, so that a scoring that was stopped goes on.

Only one block is in memory at a time; figures are summed over the blocks in order.
"""

import io
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK_IMAGES", "Journal"]

BLOCK_IMAGES = 64
"""Images a block: the unit of work and of resuming."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The statistics of `images` images in one folder; blocks are written whole or not at all."""

    folder: Path
    images: int

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return -(-self.images // BLOCK_IMAGES)

    def members(self, block: int) -> range:
        """Return the images, counted from 0, of a block."""
        return range(block * BLOCK_IMAGES, min((block + 1) * BLOCK_IMAGES, self.images))

    def missing(self) -> list[int]:
        """Return the blocks still to be measured; one cut short by a full disk counts as missing."""
        return [block for block in range(self.blocks) if not _is_whole(self._path(block))]

    def write(self, block: int, statistics: Sequence[Mapping[str, NDArray[Any]]]) -> None:
        """Stack the images' statistics and write them at once."""
        columns: dict[str, Any] = {name: np.stack([s[name] for s in statistics]) for name in statistics[0]}
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **columns)
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._path(block).with_suffix(f".{os.getpid()}.tmp")
        unfinished.write_bytes(buffer.getvalue())
        unfinished.replace(self._path(block))

    def read(self, name: str) -> Iterator[tuple[range, NDArray[Any]]]:
        """Yield a statistic block by block, with the images it is of."""
        for block in range(self.blocks):
            with np.load(self._path(block)) as columns:
                yield self.members(block), columns[name]

    def gather(self, name: str) -> NDArray[Any]:
        """Return a small statistic of all images at once."""
        return np.concatenate([values for _, values in self.read(name)])

    def _path(self, block: int) -> Path:
        return self.folder / f"{block:06d}.npz"


def _is_whole(path: Path) -> bool:
    return path.is_file() and zipfile.is_zipfile(path)
