"""From a network to the anomaly maps that are scored."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from artasyn.train.models.anomaly_network import AnomalyNetwork, Output
from artasyn.train.scoring.aeration import aeration
from artasyn.train.scoring.config import ImageScoreConfig

__all__ = [
    "Prediction",
    "as_input",
    "images_at_once",
    "mean_of_places",
    "mean_of_views",
    "predict",
    "views_of",
]


def as_input(images: NDArray[np.uint8], device: torch.device) -> Tensor:
    """Return `(B, H, W)` grey images as `(B, 1, H, W)` in [0, 1]."""
    return torch.from_numpy(images[:, None]).to(device).float() / 255


def images_at_once(device: torch.device) -> int:
    """Return how many images are put through a network together where nothing is learnt from them.

    One for each thread of a processor, which is two with its mirror image: the maps of more do not fit its caches, and
    an image takes up to four times as long. What is found of an image does not depend on the others.
    """
    return torch.get_num_threads() if device.type == "cpu" else 32


class Prediction(NamedTuple):
    """What a network predicts for a batch of images."""

    maps: Tensor
    """`(B, H, W)` in [0, 1]: probability of the segmentation head and lost air, or else |image - reconstruction|."""
    features: Tensor | None
    """`(B, C)`: means of the deepest features over the image, where the network gives them."""
    lungs: Tensor | None = None
    """`(B, h, w)` in [0, 1]: the lung head's probability at the size that the network sees, where it has one."""
    frozen: Tensor | None = None
    """`(V, C, h, w)`: frozen features of the views, see `views_of`, where the network gives them."""


@torch.no_grad()
def predict(network: AnomalyNetwork, images: Tensor, config: ImageScoreConfig) -> Prediction:
    """Return maps and features of images `(B, 1, H, W)` in [0, 1] of the run's size."""
    small = F.avg_pool2d(images, network.shrink) if network.shrink > 1 else images
    maps, features, lungs, frozen = _predict_views(network, views_of(small, flip=config.flip), config)
    if config.flip:
        maps = mean_of_places(maps)
        features = None if features is None else mean_of_views(features)
        lungs = None if lungs is None else mean_of_places(lungs)
    if network.shrink > 1:
        maps = F.interpolate(maps[:, None], size=images.shape[2:], mode="bilinear", align_corners=False)[:, 0]
    return Prediction(maps, features, lungs, frozen)


def views_of(images: Tensor, *, flip: bool) -> Tensor:
    """Return images `(B, ..., W)`, and with `flip` their mirror images after them: one pass for both."""
    return torch.cat((images, images.flip(-1))) if flip else images


def mean_of_views(values: Tensor) -> Tensor:
    """Return the mean `(B, C)` over image and mirror image of `(2 B, C)` values."""
    views = values.reshape(2, -1, *values.shape[1:])
    return (views[0] + views[1]) / 2


def mean_of_places(values: Tensor) -> Tensor:
    """Return the same of `(2 B, ..., W)` values with a place: the mirror image's are turned back."""
    views = values.reshape(2, -1, *values.shape[1:])
    return (views[0] + views[1].flip(-1)) / 2


def _predict_views(network: AnomalyNetwork, images: Tensor, config: ImageScoreConfig) -> Prediction:
    """Return what is found of images already shrunk, each by itself, at their own size."""
    output = network(images)
    maps = output_maps(output, images, config)
    features = None if output.features is None else output.features.float().mean(dim=(2, 3))
    lungs = None if output.lungs is None else torch.sigmoid(output.lungs[:, 0].float())
    return Prediction(maps[:, 0], features, lungs, output.frozen)


def output_maps(output: Output, images: Tensor, config: ImageScoreConfig) -> Tensor:
    """Return the maps `(B, 1, H, W)` in [0, 1] that an output stands for, at the network's own size."""
    if output.logits is None:
        assert output.reconstruction is not None  # one of the two heads is there
        return (images - output.reconstruction).abs().clamp(0, 1)
    if not config.aeration:
        return torch.sigmoid(output.logits)
    assert output.lungs is not None  # the configuration was checked for it
    lost = aeration(images, torch.sigmoid(output.lungs), lung_mean=config.lung_mean)
    return torch.sigmoid(output.logits + config.aeration * lost)
