"""From a network to what is scored: anomaly maps, and one score an image."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from data_manifests.errors import ConfigError
from train.networks import AnomalyNetwork, Output

__all__ = ["ScoreConfig", "anomaly_maps", "image_scores"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreConfig:
    """How a map becomes the score of its image: the mean of its largest values, raised to a power."""

    top_share: float = 0.05
    """Share of the image's pixels that count, the largest ones, in (0, 1]."""
    power: float = 1.0
    """Exponent of the map's values; 2 with top_share 1 is the mean squared residual."""
    flip: bool = True
    """Whether the map is the mean over the image and its mirror image: twice the time."""

    def __post_init__(self) -> None:
        if not 0 < self.top_share <= 1 or self.power <= 0:
            raise ConfigError("score", f"needs top_share in (0, 1] and power > 0, got {self}")


@torch.no_grad()
def anomaly_maps(network: AnomalyNetwork, images: Tensor, *, flip: bool = False) -> Tensor:
    """Return `(B, H, W)` in [0, 1] for images `(B, 1, H, W)` in [0, 1] of the run's size.

    The probability of the segmentation head where there is one, else |image - reconstruction|. With `flip`, the
    mean over the image and its mirror image.
    """
    maps = _maps(network, images)
    if flip:
        maps = (maps + _maps(network, images.flip(-1)).flip(-1)) / 2
    return maps


def _maps(network: AnomalyNetwork, images: Tensor) -> Tensor:
    small = F.avg_pool2d(images, network.shrink) if network.shrink > 1 else images
    maps = output_maps(network(small), small)
    if network.shrink > 1:
        maps = F.interpolate(maps, size=images.shape[2:], mode="bilinear", align_corners=False)
    return maps[:, 0]


def output_maps(output: Output, images: Tensor) -> Tensor:
    """Return the maps `(B, 1, H, W)` in [0, 1] that an output stands for, at the network's own size."""
    if output.logits is not None:
        return torch.sigmoid(output.logits)
    assert output.reconstruction is not None  # a network has at least one head
    return (images - output.reconstruction).abs().clamp(0, 1)


def image_scores(maps: Tensor, config: ScoreConfig) -> Tensor:
    """Return `(B,)` float32: mean of the `top_share` largest values ^ `power` of each `(B, H, W)` map."""
    values = maps.flatten(1)
    count = max(1, round(config.top_share * values.shape[1]))
    return values.topk(count, dim=1).values.pow(config.power).mean(dim=1)
