"""Dice and thresholds of the averaged weights on held-out studies."""

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from artasyn.train.data.stores import TrainingStore, spread_studies
from artasyn.train.models.anomaly_network import AnomalyNetwork
from artasyn.train.scoring.anomaly_map import as_input, images_at_once
from artasyn.train.scoring.config import ImageScoreConfig
from artasyn.train.scoring.image_score import ImageScorer, score_images
from artasyn.train.scoring.threshold_curves import ThresholdCurves

__all__ = ["Sample", "count_samples", "held_out_samples", "measure_held_out"]


class Sample(NamedTuple):
    """One held-out row."""

    pixels: NDArray[np.uint8]
    """`(4, H, W)`: image with opacity, normal image, target {0, 1}, lung labels."""
    first: bool
    """Whether it is the first of its study, whose normal image is measured once."""


def held_out_samples(
    stores: Sequence[TrainingStore], *, studies: int, target: str, variants: int | None = None
) -> Iterator[Sample]:
    """Yield the variants (all, or the first few) of up to `studies` held-out studies, evenly spaced over all stores.

    `target` is the channel that the network learns to mark.
    """
    channels = ("altered", "image", target, "lungs")
    for version, rows in spread_studies([(s.version, s.held_out) for s in stores], studies):
        for variant, row in enumerate(rows[:variants]):
            yield Sample(version.read(int(row), channels=channels), variant == 0)


def count_samples(stores: Sequence[TrainingStore], *, studies: int) -> int:
    """Return how many samples `held_out_samples` yields of all variants."""
    return sum(len(rows) for _, rows in spread_studies([(s.version, s.held_out) for s in stores], studies))


def measure_held_out(
    network: AnomalyNetwork,
    samples: Iterator[Sample],
    *,
    score: ImageScoreConfig,
    scorer: ImageScorer | None,
    device: torch.device,
) -> ThresholdCurves:
    """Return the counts at every threshold over the synthetic images and their normal ones."""
    curves = ThresholdCurves()
    for group in _groups(samples, images_at_once(device)):
        normal = [s for s in group if s.first]
        images = np.stack([s.pixels[0] for s in group] + [s.pixels[1] for s in normal])
        maps, found = score_images(network, scorer, as_input(images, device), score)
        scores = found.cpu().tolist()
        values = maps.float().cpu().numpy()
        for k, sample in enumerate(group):
            curves.add_synthetic(values[k], sample.pixels[2] > 0, score=scores[k])
        for k, sample in enumerate(normal, start=len(group)):
            curves.add_normal(values[k], sample.pixels[3] > 0, score=scores[k])
    return curves


def _groups(samples: Iterator[Sample], size: int) -> Iterator[list[Sample]]:
    while group := list(itertools.islice(samples, size)):
        yield group
