"""Learn what normal images are like, and what a synthetic opacity does to an image, for the image score."""

import functools
import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from artasyn.data_manifests.store.version import Version
from artasyn.train.data.stores import Studies, TrainingStore, spread_studies
from artasyn.train.models.anomaly_network import AnomalyNetwork
from artasyn.train.models.backbone import Backbone
from artasyn.train.scoring.anomaly_map import as_input, images_at_once, predict
from artasyn.train.scoring.config import ImageScoreConfig
from artasyn.train.scoring.image_score import Described, ImageScorer, fit_scorer
from artasyn.train.scoring.lung_features import features_of_views, patches_of_views, pool_views
from artasyn.train.scoring.map_level import map_levels
from artasyn.train.scoring.patch_distance import Patches

__all__ = ["learn_scorer"]

Sources = Sequence[tuple[Version, Studies]]


def learn_scorer(
    network: AnomalyNetwork,
    backbone: Backbone | None,
    stores: Sequence[TrainingStore],
    *,
    score: ImageScoreConfig,
    studies: int,
    held_out: int,
    device: torch.device,
) -> ImageScorer | None:
    """Return the scorer, on `device`, of up to `studies` studies of the training and `held_out` others.

    None where `score` weighs nothing but the map.
    """
    if not (score.normality or score.pretrained):
        return None
    describe = functools.partial(_describe, network, backbone, score=score, device=device)
    trained = [(store.version, store.train) for store in stores]
    others = [(store.version, store.held_out) for store in stores]
    synthetic = describe(_images(trained, studies, "altered")).pretrained if score.head else None
    return fit_scorer(
        score,
        backbone,
        trained=describe(_images(trained, studies, "image")),
        synthetic=synthetic,
        held_out=describe(_images(others, held_out, "image")),
    ).to(device)


def _describe(
    network: AnomalyNetwork,
    backbone: Backbone | None,
    images: Iterator[NDArray[np.uint8]],
    *,
    score: ImageScoreConfig,
    device: torch.device,
) -> Described:
    """Describe images by their maps, the network's features, and the backbone's inside the lungs that it finds."""
    levels: list[Tensor] = []
    own: list[Tensor] = []
    pretrained: list[Tensor] = []
    patches: list[Patches] = []
    for group in _grouped(images, images_at_once(device)):
        inputs = as_input(group, device)
        predicted = predict(network, inputs, score)
        levels.append(map_levels(predicted, score).cpu())
        if predicted.features is not None:
            own.append(predicted.features.cpu())
        if backbone is not None:
            found = features_of_views(backbone, inputs, predicted, flip=score.flip)
            pretrained.append(pool_views(found, predicted, flip=score.flip).cpu())
            if score.map_patches:
                places = patches_of_views(found, predicted, flip=score.flip)
                patches.append(Patches(places.features.cpu(), places.lungs.cpu()))
    return Described(
        levels=torch.cat(levels),
        own=torch.cat(own) if own else None,
        pretrained=torch.cat(pretrained) if pretrained else None,
        patches=Patches(*map(torch.cat, zip(*patches, strict=True))) if patches else None,
    )


def _images(sources: Sources, studies: int, channel: str) -> Iterator[NDArray[np.uint8]]:
    """Yield one image of each of up to `studies` studies; of altered ones, another variant from study to study."""
    for place, (version, rows) in enumerate(spread_studies(sources, studies)):
        row = rows[place % len(rows)] if channel == "altered" else rows[0]
        yield version.read(int(row), channels=(channel,))[0]


def _grouped(images: Iterator[NDArray[np.uint8]], size: int) -> Iterator[NDArray[np.uint8]]:
    while group := list(itertools.islice(images, size)):
        yield np.stack(group)
