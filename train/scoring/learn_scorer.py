"""Learn what normal images are like, and what a synthetic opacity does to an image, for the image score."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from artasyn.data_manifests.store.version import Version
from artasyn.train.data.stores import Studies, TrainingStore, evenly
from artasyn.train.models.anomaly_network import AnomalyNetwork
from artasyn.train.models.backbone import Backbone
from artasyn.train.scoring.anomaly_map import (
    ScoreConfig,
    as_input,
    images_at_once,
    map_levels,
    predict,
)
from artasyn.train.scoring.image_score import Described, ImageScorer, fit_scorer

__all__ = ["learn_scorer"]

Sources = Sequence[tuple[Version, Studies]]


def learn_scorer(
    network: AnomalyNetwork,
    backbone: Backbone | None,
    stores: Sequence[TrainingStore],
    *,
    score: ScoreConfig,
    studies: int,
    held_out: int,
    device: torch.device,
) -> ImageScorer | None:
    """Return the scorer, on `device`, of up to `studies` studies of the training and `held_out` others.

    None where `score` weighs nothing but the map.
    """
    if not (score.normality or score.pretrained):
        return None
    trained = [(store.version, store.train) for store in stores]
    others = [(store.version, store.held_out) for store in stores]
    synthetic = None
    if score.head and backbone is not None:
        altered = _grouped(_images(trained, studies, "altered"), images_at_once(device))
        synthetic = torch.cat([backbone(as_input(group, device)).cpu() for group in altered])
    return fit_scorer(
        score,
        backbone,
        trained=_describe(network if score.normality else None, backbone, trained, studies, score, device),
        synthetic=synthetic,
        held_out=_describe(network, backbone, others, held_out, score, device),
    ).to(device)


def _describe(
    network: AnomalyNetwork | None,
    backbone: Backbone | None,
    sources: Sources,
    studies: int,
    score: ScoreConfig,
    device: torch.device,
) -> Described:
    """Describe the normal images of up to `studies` studies; without `network` by the backbone alone."""
    levels: list[Tensor] = []
    own: list[Tensor] = []
    pretrained: list[Tensor] = []
    for group in _grouped(_images(sources, studies, "image"), images_at_once(device)):
        images = as_input(group, device)
        if network is not None:
            predicted = predict(network, images, score)
            levels.append(map_levels(predicted.maps.float(), score).cpu())
            if predicted.features is not None:
                own.append(predicted.features.cpu())
        if backbone is not None:
            pretrained.append(backbone(images).cpu())
    return Described(
        levels=torch.cat(levels) if levels else torch.zeros(0),
        own=torch.cat(own) if own else None,
        pretrained=torch.cat(pretrained) if pretrained else None,
    )


def _images(sources: Sources, studies: int, channel: str) -> Iterator[NDArray[np.uint8]]:
    """Yield one image of each of up to `studies` studies; of altered ones, another variant from study to study."""
    for place, (version, rows) in enumerate(evenly(sources, studies)):
        row = rows[place % len(rows)] if channel == "altered" else rows[0]
        yield version.read(int(row), channels=(channel,))[0]


def _grouped(images: Iterator[NDArray[np.uint8]], size: int) -> Iterator[NDArray[np.uint8]]:
    while group := list(itertools.islice(images, size)):
        yield np.stack(group)
