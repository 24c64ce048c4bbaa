"""Unlabelled images with the marks that a run gives them, as batches that a training can learn from."""

import numpy as np
import torch
from numpy.typing import NDArray

from artasyn.data_manifests.store.version import Version
from artasyn.train.data.dataset import Batch
from artasyn.train.runs.run import Run
from artasyn.train.scoring.anomaly_map import as_input, predict
from artasyn.train.scoring.thresholds import predicted_mask

__all__ = ["PseudoLabelledImages", "pseudo_label_images", "read_images"]

GROUP = 16
"""Images looked at together."""


class PseudoLabelledImages:
    """Images that stay in their store; their marks are kept as bits, 8 kB an image of 256 px."""

    def __init__(self, version: Version, rows: NDArray[np.intp], marks: NDArray[np.uint8]) -> None:
        """Take the images' rows and their marks `(N, H, W / 8 rounded up)`, packed as numpy.packbits does."""
        self.version, self.rows, self.marks = version, rows, marks

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.rows)

    def batch(self, places: NDArray[np.int64]) -> Batch:
        """Return the images at these places, each a study of its own; marks stand as masks, lung fields are empty."""
        images = read_images(self.version, self.rows[places])
        masks = np.unpackbits(self.marks[places], axis=-1, count=self.version.shape.size)
        pixels = np.stack((images, images, masks, np.zeros_like(masks)), axis=1)
        study = torch.arange(len(places))
        return Batch(torch.from_numpy(pixels), study, torch.full_like(study, -1), len(places), ())


def pseudo_label_images(
    run: Run, version: Version, rows: NDArray[np.intp], *, device: torch.device
) -> PseudoLabelledImages:
    """Mark every image at the run's frozen threshold. The channel `image` alone is read, no label and no mask."""
    network = run.network.to(device)
    marks = []
    for first in range(0, len(rows), GROUP):
        images = as_input(read_images(version, rows[first : first + GROUP]), device)
        maps = predict(network, images, run.config.score).maps
        marks.append(np.packbits(predicted_mask(maps, run.thresholds.pixel).cpu().numpy(), axis=-1))
    return PseudoLabelledImages(version, rows, np.concatenate(marks))


def read_images(version: Version, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Return the images of these rows, `(N, H, W)`. Raises DamageError."""
    return np.stack([version.read(int(row), channels=("image",))[0] for row in rows])
