"""Unlabelled images with the masks that a run predicts on them, as batches that a training can learn from."""

import numpy as np
import torch
from numpy.typing import NDArray

from artasyn.data_manifests.store.version import Version
from artasyn.train.data.dataset import Batch
from artasyn.train.runs.run import Run
from artasyn.train.scoring.anomaly_map import as_input, images_at_once
from artasyn.train.scoring.image_score import score_images
from artasyn.train.scoring.thresholds import predicted_mask

__all__ = ["PseudoLabelledImages", "pseudo_label_images", "read_images"]


class PseudoLabelledImages:
    """Images that stay in their store; their masks are kept as bits, 8 kB an image of 256 px."""

    def __init__(self, name: str, version: Version, rows: NDArray[np.intp], masks: NDArray[np.uint8]) -> None:
        """Take the images' rows and predicted masks `(N, H, W / 8 rounded up)`, packed as numpy.packbits does."""
        self.name, self.version, self.rows, self.masks = name, version, rows, masks

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.rows)

    def batch(self, places: NDArray[np.int64]) -> Batch:
        """Return the images at these places, each a study of its own; lung fields are empty."""
        images = read_images(self.version, self.rows[places])
        masks = np.unpackbits(self.masks[places], axis=-1, count=self.version.shape.size)
        pixels = np.stack((images, images, masks, np.zeros_like(masks)), axis=1)
        study = torch.arange(len(places))
        normal_of = torch.full_like(study, -1)
        return Batch(torch.from_numpy(pixels), study, normal_of, len(places), (), pseudo_labelled=True)


def pseudo_label_images(
    run: Run, name: str, version: Version, rows: NDArray[np.intp], *, device: torch.device
) -> PseudoLabelledImages:
    """Predict a mask of every image at the run's frozen threshold; no channel but `image`, and no label, is read."""
    network, scorer = run.network.to(device), None if run.scorer is None else run.scorer.to(device)
    masks, size = [], images_at_once(device)
    for first in range(0, len(rows), size):
        images = as_input(read_images(version, rows[first : first + size]), device)
        maps, _ = score_images(network, scorer, images, run.config.score)
        masks.append(np.packbits(predicted_mask(maps, run.thresholds.pixel).cpu().numpy(), axis=-1))
    return PseudoLabelledImages(name, version, rows, np.concatenate(masks))


def read_images(version: Version, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Return the images of these rows, `(N, H, W)`. Raises DamageError."""
    return np.stack([version.read(int(row), channels=("image",))[0] for row in rows])
