"""From a network to the anomaly maps that are scored."""

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

__all__ = [
    "Prediction",
    "ScoreConfig",
    "anomaly_maps",
    "as_input",
    "check_heads",
    "images_at_once",
    "mean_of_places",
    "mean_of_views",
    "predict",
    "views_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreConfig:
    """How a map, and how unusual the whole image is, become the score of an image."""

    top_share: float = 0.05
    """Share of the lungs, or of the image, that counts, where the map is largest, in (0, 1]."""
    inside_lungs: bool = True
    """Whether that is a share of the lungs that the network finds, if it has a head for them, and not of the image."""
    power: float = 1.0
    """Exponent of the map's values; 2 with top_share 1 is the mean squared residual."""
    flip: bool = True
    """Whether maps and features are the mean over the image and its mirror image: twice the time."""
    aeration: float = 1.0
    """Log-odds added for each standard deviation of the image by which its lungs seem to have lost air; 0: none."""
    lung_mean: float = 2.0
    """Weight of the mean over the lungs in the lost aeration, beside 1 for the place."""
    normality: float = 0.0
    """Weight of the distance of the network's own features from those of normal images; 0: none."""
    head: float = 1.0
    """Weight of a head taught normal against synthetic on a backbone's features, beside 1 for the map; 0: none."""
    head_ridge: float = 0.1
    """Penalty on the head's squared weights, beside its mean log loss."""
    distance: float = 1.0
    """Weight of the distance of the backbone's features from those of normal images, beside 1 for the map; 0: none."""
    distance_limit: float = 2.0
    """Deviations from a normal image's distance beyond which more distance does not raise the score; 0: no limit."""
    map_distance: float = 0.25
    """Log-odds added to the whole map for each deviation by which that distance is above a normal image's; 0: none."""
    map_patches: float = 0.0
    """The same for each place by itself: its features against those of normal images at that place; 0: none."""

    def __post_init__(self) -> None:
        terms = ("normality", "head", "distance", "map_distance", "map_patches")
        weights = (*terms, "distance_limit", "head_ridge", "aeration", "lung_mean")
        if min(getattr(self, name) for name in weights) < 0:
            raise ConfigError("score", f"needs {', '.join(weights)} >= 0, got {self}")
        if not 0 < self.top_share <= 1 or self.power <= 0:
            raise ConfigError("score", f"needs top_share in (0, 1] and power > 0, got {self}")

    @property
    def pretrained(self) -> bool:
        """Whether a pretrained backbone has a say in the score or the map."""
        return bool(self.head or self.distance or self.map_distance or self.map_patches)

    def in_words(self) -> str:
        """Return what an image's score is, for readers of a report."""
        values = "values" if self.power == 1 else f"values to the power of {self.power:g}"
        place = "lungs found" if self.inside_lungs else "image"
        parts = [f"mean of the map's largest {values} over {100 * self.top_share:g} % of the {place}"]
        if self.normality:
            parts.append(f"distance of its features from those of normal images (weight {self.normality:g})")
        if self.head:
            parts.append(
                f"a head taught synthetic opacities on lung features pretrained on ImageNet (weight {self.head:g})"
            )
        if self.distance:
            parts.append(
                f"distance of pretrained lung features from those of normal images (weight {self.distance:g})"
            )
        return "; ".join(parts)


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
def predict(network: AnomalyNetwork, images: Tensor, config: ScoreConfig) -> Prediction:
    """Return maps and features of images `(B, 1, H, W)` in [0, 1] of the run's size."""
    small = F.avg_pool2d(images, network.shrink) if network.shrink > 1 else images
    seen = _predict_views(network, views_of(small, flip=config.flip), config)
    maps, features, lungs, frozen = seen
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


def anomaly_maps(network: AnomalyNetwork, images: Tensor, config: ScoreConfig) -> Tensor:
    """Return the maps alone, `(B, H, W)`; see `predict`."""
    return predict(network, images, config).maps


def _predict_views(network: AnomalyNetwork, images: Tensor, config: ScoreConfig) -> Prediction:
    """Return what is found of images already shrunk, each by itself, at their own size."""
    output = network(images)
    maps = output_maps(output, images, config)
    features = None if output.features is None else output.features.float().mean(dim=(2, 3))
    lungs = None if output.lungs is None else torch.sigmoid(output.lungs[:, 0].float())
    return Prediction(maps[:, 0], features, lungs, output.frozen)


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
