"""Look at held-out synthetic studies with the averaged weights: their Dice, and the thresholds to freeze."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from train.inference import ScoreConfig, anomaly_maps, image_scores
from train.networks import AnomalyNetwork
from train.stores import TrainingStore
from train.thresholds import ThresholdCurves

__all__ = ["Sample", "held_out_samples", "measure_held_out"]

CHANNELS = ("altered", "image", "mask", "lungs")


class Sample(NamedTuple):
    """One held-out row."""

    pixels: NDArray[np.uint8]
    """`(4, H, W)`: image with opacity, normal image, mask {0, 1}, lung labels."""
    first: bool
    """Whether it is the first of its study, whose normal image is looked at once."""


def held_out_samples(stores: Sequence[TrainingStore], *, studies: int) -> Iterator[Sample]:
    """Yield the variants of up to `studies` held-out studies, evenly spaced over all stores."""
    places = [(s, k) for s, store in enumerate(stores) for k in range(len(store.held_out))]
    chosen = np.unique(np.linspace(0, len(places) - 1, min(studies, len(places))).round().astype(int))
    for s, k in (places[i] for i in chosen):
        for variant, row in enumerate(stores[s].held_out.rows[k]):
            pixels = stores[s].version.read(int(row), channels=CHANNELS)
            yield Sample(pixels, variant == 0)


def measure_held_out(
    network: AnomalyNetwork,
    samples: Iterator[Sample],
    *,
    score: ScoreConfig,
    device: torch.device,
    batch: int = 16,
) -> ThresholdCurves:
    """Return the counts at every threshold over the synthetic images and their normal ones."""
    curves = ThresholdCurves()
    for group in _groups(samples, batch):
        normal = [s for s in group if s.first]
        images = np.stack([s.pixels[0] for s in group] + [s.pixels[1] for s in normal])
        tensors = torch.from_numpy(images[:, None]).to(device).float() / 255
        maps = anomaly_maps(network, tensors, flip=score.flip).float()
        scores = image_scores(maps, score).cpu().tolist()
        values = maps.cpu().numpy()
        for k, sample in enumerate(group):
            curves.add_synthetic(values[k], sample.pixels[2] > 0, score=scores[k])
        for k, sample in enumerate(normal, start=len(group)):
            curves.add_normal(values[k], sample.pixels[3] > 0, score=scores[k])
    return curves


def _groups(samples: Iterator[Sample], size: int) -> Iterator[list[Sample]]:
    group: list[Sample] = []
    for sample in samples:
        group.append(sample)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group
