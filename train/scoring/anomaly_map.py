"""From a network to what is scored: anomaly maps, and one score an image."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.models.anomaly_network import AnomalyNetwork, NetworkConfig, Output
from artasyn.train.scoring.aeration import aeration
from artasyn.train.scoring.normality import Normality, combine_scores

__all__ = [
    "Prediction",
    "ScoreConfig",
    "anomaly_maps",
    "as_input",
    "check_heads",
    "image_scores",
    "map_levels",
    "predict",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreConfig:
    """How a map, and how unusual the whole image is, become the score of an image."""

    top_share: float = 0.05
    """Share of the image's pixels that count, the largest ones, in (0, 1]."""
    power: float = 1.0
    """Exponent of the map's values; 2 with top_share 1 is the mean squared residual."""
    flip: bool = True
    """Whether maps and features are the mean over the image and its mirror image: twice the time."""
    aeration: float = 1.0
    """Log-odds added for each standard deviation of the image by which its lungs seem to have lost air; 0: none."""
    lung_mean: float = 2.0
    """Weight of the mean over the lungs in the lost aeration, beside 1 for the place."""
    normality: float = 0.5
    """Weight of the deepest features' distance from those of normal images, beside 1 for the map; 0: the map alone."""

    def __post_init__(self) -> None:
        least = min(self.normality, self.aeration, self.lung_mean)
        if not 0 < self.top_share <= 1 or self.power <= 0 or least < 0:
            reason = (
                f"needs top_share in (0, 1], power > 0, normality, aeration and lung_mean >= 0, got {self}"
            )
            raise ConfigError("score", reason)

    def in_words(self) -> str:
        """Return what an image's score is, for readers of a report."""
        values = "values" if self.power == 1 else f"values to the power of {self.power:g}"
        level = f"mean of the largest {100 * self.top_share:g} % of the map's {values}"
        beside = "how far the image's features lie from those of the training's normal images"
        return f"{level}, and {beside} (weights 1 and {self.normality:g})" if self.normality else level


def check_heads(config: ScoreConfig, network: NetworkConfig) -> None:
    """Raise ConfigError where the maps need a head that the network lacks."""
    missing = {"segmentation", "lungs"}.difference(network.heads)
    if config.aeration and missing:
        reason = (
            f"needs the heads segmentation and lungs, network.heads lacks {' and '.join(sorted(missing))}"
        )
        raise ConfigError("score.aeration", reason, "add to network.heads or set 0")


def as_input(images: NDArray[np.uint8], device: torch.device) -> Tensor:
    """Return `(B, H, W)` grey images as `(B, 1, H, W)` in [0, 1]."""
    return torch.from_numpy(images[:, None]).to(device).float() / 255


class Prediction(NamedTuple):
    """What a network predicts for a batch of images."""

    maps: Tensor
    """`(B, H, W)` in [0, 1]: probability of the segmentation head and lost air, or else |image - reconstruction|."""
    features: Tensor | None
    """`(B, C)`: means of the deepest features over the image, where the network gives them."""


@torch.no_grad()
def predict(network: AnomalyNetwork, images: Tensor, config: ScoreConfig) -> Prediction:
    """Return maps and features of images `(B, 1, H, W)` in [0, 1] of the run's size."""
    predicted = _predict_once(network, images, config)
    if not config.flip:
        return predicted
    mirrored = _predict_once(network, images.flip(-1), config)
    features = None
    if predicted.features is not None and mirrored.features is not None:
        features = (predicted.features + mirrored.features) / 2
    return Prediction((predicted.maps + mirrored.maps.flip(-1)) / 2, features)


def anomaly_maps(network: AnomalyNetwork, images: Tensor, config: ScoreConfig) -> Tensor:
    """Return the maps alone, `(B, H, W)`; see `predict`."""
    return predict(network, images, config).maps


def _predict_once(network: AnomalyNetwork, images: Tensor, config: ScoreConfig) -> Prediction:
    small = F.avg_pool2d(images, network.shrink) if network.shrink > 1 else images
    output = network(small)
    maps = output_maps(output, small, config)
    if network.shrink > 1:
        maps = F.interpolate(maps, size=images.shape[2:], mode="bilinear", align_corners=False)
    features = None if output.features is None else output.features.float().mean(dim=(2, 3))
    return Prediction(maps[:, 0], features)


def output_maps(output: Output, images: Tensor, config: ScoreConfig) -> Tensor:
    """Return the maps `(B, 1, H, W)` in [0, 1] that an output stands for, at the network's own size."""
    if output.logits is None:
        assert output.reconstruction is not None  # one of the two heads is there
        return (images - output.reconstruction).abs().clamp(0, 1)
    if not config.aeration:
        return torch.sigmoid(output.logits)
    assert output.lungs is not None  # the configuration was checked for it
    lost = aeration(images, torch.sigmoid(output.lungs), lung_mean=config.lung_mean)
    return torch.sigmoid(output.logits + config.aeration * lost)


def map_levels(maps: Tensor, config: ScoreConfig) -> Tensor:
    """Return `(B,)` float32: mean of the `top_share` largest values ^ `power` of each `(B, H, W)` map."""
    values = maps.flatten(1)
    count = max(1, round(config.top_share * values.shape[1]))
    return values.topk(count, dim=1).values.pow(config.power).mean(dim=1)


def image_scores(predicted: Prediction, config: ScoreConfig, normality: Normality | None) -> Tensor:
    """Return `(B,)` float32: the map levels, weighed with the distance from normal images where it is known."""
    levels = map_levels(predicted.maps, config)
    if normality is None:
        return levels
    assert predicted.features is not None  # a normality was fitted on this network's features
    return combine_scores(levels, predicted.features, normality, weight=config.normality)
