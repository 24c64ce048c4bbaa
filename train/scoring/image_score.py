"""One score an image: the level of its anomaly map, weighed with what features say of the whole image."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.models.anomaly_network import AnomalyNetwork
from artasyn.train.models.backbone import Backbone
from artasyn.train.scoring.anomaly_map import (
    Prediction,
    ScoreConfig,
    map_levels,
    mean_of_places,
    predict,
)
from artasyn.train.scoring.feature_terms import (
    FeatureDistance,
    SyntheticHead,
    fit_distance,
    fit_head,
    spread_of,
)
from artasyn.train.scoring.lung_features import features_of_views, pool_views
from artasyn.train.scoring.patch_distance import PatchDistance, Patches, fit_patches

__all__ = [
    "Described",
    "ImageScorer",
    "Scored",
    "fit_scorer",
    "score_images",
    "score_predicted",
    "shift_maps",
]

LARGEST_SHIFT = 3.0
"""Deviations beyond which an image is simply unlike the training's: its map is not moved further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What terms are fitted on: levels `(N,)` and features `(N, C)` of N images; None where nothing gives them."""

    levels: Tensor
    """Of the maps."""
    own: Tensor | None
    """The network's deepest features."""
    pretrained: Tensor | None
    """The backbone's features."""
    patches: Patches | None = None
    """The same place by place, where `map_patches` has a weight."""


class Scored(NamedTuple):
    """What is said of B images."""

    maps: Tensor
    """`(B, H, W)` in [0, 1]."""
    scores: Tensor
    """`(B,)` in [0, 1]."""
    levels: Tensor
    """`(B,)` in [0, 1]: of the maps as the network predicts them, not moved by any pretrained feature."""
    excess_distance: Tensor | None = None
    """`(B,)`: by how much the logarithm of the squared distance of pretrained features from those of normal images
    exceeds that of held-out normal ones; None where no such distance has a weight."""


class ImageScorer(nn.Module):
    """Score images; every term is standardised by its mean and deviation over held-out normal images.

    sigmoid(sum of w x term / sum of w): the map's log-odds with w = 1, and the terms that `config` gives a weight. A
    normal image scores about a half. Without any other term the score is the map's level itself.
    """

    spread: Tensor
    """`(4, 2)`: mean and deviation of map, own distance, head and pretrained distance on held-out normal images."""

    def __init__(self, config: ScoreConfig, *, own: int, backbone: Backbone | None, side: int = 1) -> None:
        """Score with `own` features of the network and those of `backbone`, `side` x `side` places an image."""
        super().__init__()
        self.config, self.backbone = config, backbone
        pretrained = backbone.channels if backbone else 1
        self.normality = FeatureDistance(own)
        self.head = SyntheticHead(pretrained)
        self.distance = FeatureDistance(pretrained)
        self.patches = PatchDistance(pretrained, side) if config.map_patches else None
        self.register_buffer("spread", torch.tensor([[0.0, 1.0]] * 4))

    @property
    def weights(self) -> tuple[float, float, float, float]:
        """Return the weights of map, own distance, head and pretrained distance."""
        return 1.0, self.config.normality, self.config.head, self.config.distance

    def forward(self, images: Tensor, predicted: Prediction) -> tuple[Tensor, Tensor]:
        """Return maps and scores, float32, of images `(B, 1, H, W)` in [0, 1]."""
        scored = self.in_full(images, predicted)
        return scored.maps, scored.scores

    def in_full(self, images: Tensor, predicted: Prediction) -> Scored:
        """Return all that is said of images `(B, 1, H, W)` in [0, 1]."""
        levels = map_levels(predicted, self.config)
        if not (self.config.normality or self.config.pretrained):
            return Scored(predicted.maps, levels, levels)
        pretrained = features = None
        if self.backbone:
            features = features_of_views(self.backbone, images, predicted, flip=self.config.flip)
            pretrained = pool_views(features, predicted, flip=self.config.flip)
        described = Described(levels=levels, own=predicted.features, pretrained=pretrained)
        excesses = [
            None if term is None else term - self.spread[place, 0]
            for place, term in enumerate(self.terms(described))
        ]
        deviations = [
            None if excess is None else excess / self.spread[place, 1]
            for place, excess in enumerate(excesses)
        ]
        maps = shift_maps(predicted.maps, deviations[3], self.config.map_distance)
        if self.patches is not None:
            assert features is not None  # whoever weighs patches has a backbone
            places = self.patches(mean_of_places(features) if self.config.flip else features)
            maps = shift_maps(maps, _enlarged(places, maps), self.config.map_patches)
        if not any(self.weights[1:]):
            return Scored(maps, levels, levels, excesses[3])
        if deviations[3] is not None and self.config.distance_limit:
            deviations[3] = deviations[3].clamp(max=self.config.distance_limit)
        total = torch.zeros_like(levels)
        for weight, deviation in zip(self.weights, deviations, strict=True):
            if weight and deviation is not None:
                total = total + weight * deviation
        return Scored(maps, torch.sigmoid(total / sum(self.weights)), levels, excesses[3])

    def terms(self, described: Described) -> tuple[Tensor, Tensor | None, Tensor | None, Tensor | None]:
        """Return the terms `(B,)`, not yet standardised; None where a term has no weight."""
        _, own, head, distance = self.weights
        return (
            torch.logit(described.levels.clamp(1e-4, 1 - 1e-4)),
            self.normality(_there(described.own)) if own else None,
            self.head(_there(described.pretrained)) if head else None,
            self.distance(_there(described.pretrained)) if distance or self.config.map_distance else None,
        )

    def fitted(self) -> dict[str, Tensor]:
        """Return what was fitted, by name, without the backbone's own weights."""
        return {name: value for name, value in self.state_dict().items() if not name.startswith("backbone.")}

    def load_fitted_(self, tensors: Mapping[str, Tensor]) -> None:
        """Take what was fitted, in place. Raises ValueError unless names, shapes and numbers are sound."""
        wanted = self.fitted()
        if wanted.keys() != tensors.keys():
            raise ValueError(f"it names {sorted(wanted.keys() ^ tensors.keys())}")
        for name, value in wanted.items():
            if tensors[name].shape != value.shape or not torch.isfinite(tensors[name]).all():
                raise ValueError(f"{name} must be finite and of shape {tuple(value.shape)}")
        if tensors["spread"][:, 1].min() <= 0:
            raise ValueError("deviations must be above 0")
        self.load_state_dict(dict(tensors), strict=False)


def score_images(
    network: AnomalyNetwork, scorer: ImageScorer | None, images: Tensor, config: ScoreConfig
) -> tuple[Tensor, Tensor]:
    """Return maps `(B, H, W)` and scores `(B,)` of images `(B, 1, H, W)` in [0, 1]."""
    scored = score_predicted(scorer, images, predict(network, images, config), config)
    return scored.maps, scored.scores


def score_predicted(
    scorer: ImageScorer | None, images: Tensor, predicted: Prediction, config: ScoreConfig
) -> Scored:
    """Return all that is said of images whose prediction is there already."""
    if scorer is None:
        levels = map_levels(predicted, config)
        return Scored(predicted.maps, levels, levels)
    return scorer.in_full(images, predicted)


def shift_maps(maps: Tensor, deviations: Tensor | None, weight: float) -> Tensor:
    """Return maps `(B, H, W)` with `weight` x deviation added to their log-odds, of 3 deviations at most.

    Deviations are of whole images, `(B,)`, or of places, `(B, H, W)`.
    """
    if deviations is None or not weight:
        return maps
    shift = weight * deviations.clamp(-LARGEST_SHIFT, LARGEST_SHIFT)
    if shift.ndim == 1:
        shift = shift[:, None, None]
    return torch.sigmoid(torch.logit(maps.clamp(1e-4, 1 - 1e-4)) + shift)


def _enlarged(places: Tensor, maps: Tensor) -> Tensor:
    """Return values `(B, h, w)` of places at the size of maps `(B, H, W)`; cut first, so that edges stay bounded."""
    cut = places.clamp(-LARGEST_SHIFT, LARGEST_SHIFT)[:, None]
    return F.interpolate(cut, size=maps.shape[1:], mode="bilinear", align_corners=False)[:, 0]


def fit_scorer(
    config: ScoreConfig,
    backbone: Backbone | None,
    *,
    trained: Described,
    synthetic: Tensor | None,
    held_out: Described,
) -> ImageScorer:
    """Return the scorer fitted on normal images of the training.

    `synthetic` `(M, C)` are the backbone's features of the same images with opacities; `held_out` are normal images
    that were not trained on: those that were look too normal.
    """
    scorer = ImageScorer(config, own=1 if trained.own is None else trained.own.shape[1], backbone=backbone)
    if config.map_patches:
        assert trained.patches is not None  # they are described where they have a weight
        assert held_out.patches is not None
        scorer.patches = fit_patches(trained.patches, held_out.patches)
    if config.normality:
        scorer.normality = fit_distance(_there(trained.own))
    if config.distance or config.map_distance:
        scorer.distance = fit_distance(_there(trained.pretrained))
    if config.head:
        scorer.head = fit_head(_there(trained.pretrained), _there(synthetic), ridge=config.head_ridge)
    for place, term in enumerate(scorer.terms(held_out)):
        if term is not None:
            scorer.spread[place] = spread_of(term)
    return scorer


def _there(features: Tensor | None) -> Tensor:
    if features is None:
        raise ConfigError("score", "weighs features that the network does not give", "set the weight to 0")
    return features
