"""A version of a store as a torch Dataset, for your own training loops."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.utils.data import Dataset

from artasyn.data_manifests.errors import StoreError, did_you_mean
from artasyn.data_manifests.store.contract import CHANNELS
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.train.data.stores import usable_rows

__all__ = ["StoreDataset"]

USUAL = ("image", "altered", "alpha", "mask", "lungs")


class StoreDataset(Dataset[dict[str, Tensor]]):
    """The samples of a version that hold an image; picklable, safe in worker processes.

    Item k is a dict: each channel asked for, `(H, W)` uint8 (see `artasyn.data_manifests.store.contract`), and
    `row`, an int64 scalar: the row of `version.table`, whose columns tell label, split, patient and more.
    """

    def __init__(self, version: Version | str, *, channels: Sequence[str] = USUAL, split: str = "") -> None:
        """Open STORE, STORE@TAG or STORE@ID; take one split (`train` or `val` in synthetic versions) or all.

        Raises StoreError for a channel or split that there is not.
        """
        self.version = open_version(version) if isinstance(version, str) else version
        where = f"{self.version.blobs.location}@{self.version.id[:12]}"
        for channel in channels:
            if channel not in CHANNELS:
                raise StoreError(where, f"has no channel `{channel}`", did_you_mean(channel, CHANNELS))
        self.channels = tuple(channels)
        self.rows = usable_rows(self.version, split)
        if split and not len(self.rows):
            splits = set(map(str, self.version.table["split"])) - {""}
            raise StoreError(where, f"has no split `{split}`", did_you_mean(split, splits))

    def __repr__(self) -> str:
        """Return a line."""
        where = f"{self.version.blobs.location}@{self.version.id[:12]}"
        return f"<StoreDataset {where}: {len(self)} samples of {', '.join(self.channels)}>"

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """Return one sample. Raises IndexError, and DamageError where the stored bytes cannot be read."""
        row = int(self.rows[index])
        pixels = torch.from_numpy(self.version.read(row, channels=self.channels))
        return dict(zip(self.channels, pixels, strict=True)) | {"row": torch.tensor(row)}
