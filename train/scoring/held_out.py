"""Look at studies with the averaged weights: Dice and thresholds on held-out ones, and what normal images are like."""

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from artasyn.data_manifests.store.version import Version
from artasyn.train.data.stores import Studies, TrainingStore
from artasyn.train.models.anomaly_network import AnomalyNetwork
from artasyn.train.scoring.anomaly_map import ScoreConfig, as_input, image_scores, map_levels, predict
from artasyn.train.scoring.normality import Normality, fit_normality
from artasyn.train.scoring.thresholds import ThresholdCurves

__all__ = ["Sample", "held_out_samples", "learn_normality", "measure_held_out"]


class Sample(NamedTuple):
    """One held-out row."""

    pixels: NDArray[np.uint8]
    """`(4, H, W)`: image with opacity, normal image, target {0, 1}, lung labels."""
    first: bool
    """Whether it is the first of its study, whose normal image is looked at once."""


def held_out_samples(
    stores: Sequence[TrainingStore], *, studies: int, target: str, variants: int | None = None
) -> Iterator[Sample]:
    """Yield the variants (all, or the first few) of up to `studies` held-out studies, evenly spaced over all stores.

    `target` is the channel that the network learns to mark.
    """
    channels = ("altered", "image", target, "lungs")
    for version, rows in _evenly([(s.version, s.held_out) for s in stores], studies):
        for variant, row in enumerate(rows[:variants]):
            yield Sample(version.read(int(row), channels=channels), variant == 0)


def measure_held_out(
    network: AnomalyNetwork,
    samples: Iterator[Sample],
    *,
    score: ScoreConfig,
    normality: Normality | None,
    device: torch.device,
    batch: int = 16,
) -> ThresholdCurves:
    """Return the counts at every threshold over the synthetic images and their normal ones."""
    curves = ThresholdCurves()
    for group in _groups(samples, batch):
        normal = [s for s in group if s.first]
        images = np.stack([s.pixels[0] for s in group] + [s.pixels[1] for s in normal])
        predicted = predict(network, as_input(images, device), score)
        scores = image_scores(predicted, score, normality).cpu().tolist()
        values = predicted.maps.float().cpu().numpy()
        for k, sample in enumerate(group):
            curves.add_synthetic(values[k], sample.pixels[2] > 0, score=scores[k])
        for k, sample in enumerate(normal, start=len(group)):
            curves.add_normal(values[k], sample.pixels[3] > 0, score=scores[k])
    return curves


def learn_normality(
    network: AnomalyNetwork,
    stores: Sequence[TrainingStore],
    *,
    score: ScoreConfig,
    studies: int,
    held_out: int,
    device: torch.device,
) -> Normality | None:
    """Return what up to `studies` normal images of the training, and `held_out` others, are like, on `device`.

    None where `score` gives it no weight.
    """
    if not score.normality:
        return None
    trained, _ = _normals(network, [(s.version, s.train) for s in stores], studies, score, device)
    features, levels = _normals(network, [(s.version, s.held_out) for s in stores], held_out, score, device)
    return Normality(*(t.to(device) for t in fit_normality(trained, held_out=features, levels=levels)))


def _normals(
    network: AnomalyNetwork,
    sources: Sequence[tuple[Version, Studies]],
    studies: int,
    score: ScoreConfig,
    device: torch.device,
    batch: int = 16,
) -> tuple[Tensor, Tensor]:
    """Return features `(N, C)` and map levels `(N,)` of the normal images of up to `studies` studies."""
    features, levels = [], []
    images = (
        version.read(int(rows[0]), channels=("image",))[0] for version, rows in _evenly(sources, studies)
    )
    while group := list(itertools.islice(images, batch)):
        predicted = predict(network, as_input(np.stack(group), device), score)
        assert predicted.features is not None  # the configuration was checked for it
        features.append(predicted.features.cpu())
        levels.append(map_levels(predicted.maps.float(), score).cpu())
    return torch.cat(features), torch.cat(levels)


def _evenly(
    sources: Sequence[tuple[Version, Studies]], count: int
) -> Iterator[tuple[Version, NDArray[np.int64]]]:
    """Yield the rows of up to `count` studies, evenly spaced over all sources."""
    places = [(version, rows) for version, studies in sources for rows in studies.rows]
    chosen = np.unique(np.linspace(0, len(places) - 1, min(count, len(places))).round().astype(int))
    return (places[i] for i in chosen)


def _groups(samples: Iterator[Sample], size: int) -> Iterator[list[Sample]]:
    group: list[Sample] = []
    for sample in samples:
        group.append(sample)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group
