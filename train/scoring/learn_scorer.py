"""Learn what normal images are like, and what a synthetic opacity does to an image, for the image score."""

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence

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

__all__ = ["count_images", "learn_scorer"]

Sources = Sequence[tuple[Version, Studies]]
Images = Iterator[NDArray[np.uint8]]


def learn_scorer(
    network: AnomalyNetwork,
    backbone: Backbone | None,
    stores: Sequence[TrainingStore],
    *,
    score: ImageScoreConfig,
    studies: int,
    held_out: int,
    counted: Callable[[Images, str], Images],
    device: torch.device,
) -> ImageScorer | None:
    """Return the scorer, on `device`, of up to `studies` studies of the training and `held_out` others.

    None where `score` weighs nothing but the map. `counted` passes images on, and is told what they are looked at for.
    """
    if not _learns(score):
        return None
    describe = functools.partial(_describe, network, backbone, score=score, device=device)
    trained, others = _sources(stores)
    altered = counted(_images(trained, studies, "altered"), "image score: images with opacities")
    synthetic = describe(altered).pretrained if score.head else None
    return fit_scorer(
        score,
        backbone,
        trained=describe(counted(_images(trained, studies, "image"), "image score: normal images")),
        synthetic=synthetic,
        held_out=describe(counted(_images(others, held_out, "image"), "image score: held-out images")),
    ).to(device)


def count_images(
    stores: Sequence[TrainingStore], *, score: ImageScoreConfig, studies: int, held_out: int
) -> int:
    """Return how many images `learn_scorer` looks at."""
    if not _learns(score):
        return 0
    trained, others = _sources(stores)
    passes = 2 if score.head else 1
    return passes * len([*spread_studies(trained, studies)]) + len([*spread_studies(others, held_out)])


def _learns(score: ImageScoreConfig) -> bool:
    return bool(score.normality or score.pretrained)


def _sources(stores: Sequence[TrainingStore]) -> tuple[Sources, Sources]:
    """Return the studies trained on, and those held out."""
    return [(s.version, s.train) for s in stores], [(s.version, s.held_out) for s in stores]


def _describe(
    network: AnomalyNetwork,
    backbone: Backbone | None,
    images: Images,
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


def _images(sources: Sources, studies: int, channel: str) -> Images:
    """Yield one image of each of up to `studies` studies; of altered ones, another variant from study to study."""
    for place, (version, rows) in enumerate(spread_studies(sources, studies)):
        row = rows[place % len(rows)] if channel == "altered" else rows[0]
        yield version.read(int(row), channels=(channel,))[0]


def _grouped(images: Images, size: int) -> Images:
    while group := list(itertools.islice(images, size)):
        yield np.stack(group)
