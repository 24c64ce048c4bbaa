"""One score an image: the level of its anomaly map, weighed with what features say of the whole image."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.models.anomaly_network import AnomalyNetwork
from artasyn.train.models.backbone import Backbone
from artasyn.train.scoring.anomaly_map import Prediction, mean_of_places, predict
from artasyn.train.scoring.config import ImageScoreConfig
from artasyn.train.scoring.feature_terms import (
    FeatureDistance,
    SyntheticHead,
    fit_distance,
    fit_head,
    spread_of,
)
from artasyn.train.scoring.lung_features import features_of_views, pool_views
from artasyn.train.scoring.map_level import map_levels
from artasyn.train.scoring.patch_distance import PatchDistance, Patches, fit_patches
from artasyn.train.scoring.shift_maps import shift_by_places, shift_maps

__all__ = [
    "Described",
    "ImageScorer",
    "ScoredBatch",
    "fit_scorer",
    "score_images",
    "score_predicted",
]


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


class ScoredBatch(NamedTuple):
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

    def __init__(
        self, config: ImageScoreConfig, *, own: int, backbone: Backbone | None, side: int = 1
    ) -> None:
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

    def in_full(self, images: Tensor, predicted: Prediction) -> ScoredBatch:
        """Return all that is said of images `(B, 1, H, W)` in [0, 1]."""
        levels = map_levels(predicted, self.config)
        if not (self.config.normality or self.config.pretrained):
            return ScoredBatch(predicted.maps, levels, levels)
        pretrained = features = None
        if self.backbone:
            features = features_of_views(self.backbone, images, predicted, flip=self.config.flip)
            pretrained = pool_views(features, predicted, flip=self.config.flip)
        terms = self.terms(Described(levels=levels, own=predicted.features, pretrained=pretrained))
        excesses = [None if term is None else term - self.spread[i, 0] for i, term in enumerate(terms)]
        deviations = [None if far is None else far / self.spread[i, 1] for i, far in enumerate(excesses)]
        maps = self._moved(predicted.maps, deviations[3], features)
        return ScoredBatch(maps, self._weighed(levels, deviations), levels, excesses[3])

    def _moved(self, maps: Tensor, distance: Tensor | None, features: Tensor | None) -> Tensor:
        """Return the maps, moved by how unlike normal images the image and its places are."""
        maps = shift_maps(maps, distance, self.config.map_distance)
        if self.patches is None:
            return maps
        assert features is not None  # whoever weighs patches has a backbone
        places = self.patches(mean_of_places(features) if self.config.flip else features)
        return shift_by_places(maps, places, self.config.map_patches)

    def _weighed(self, levels: Tensor, deviations: list[Tensor | None]) -> Tensor:
        """Return the scores `(B,)` of images with these levels and deviations of each term."""
        if not any(self.weights[1:]):
            return levels
        *others, distance = deviations
        if distance is not None and self.config.distance_limit:
            distance = distance.clamp(max=self.config.distance_limit)
        total = torch.zeros_like(levels)
        for weight, deviation in zip(self.weights, (*others, distance), strict=True):
            if weight and deviation is not None:
                total = total + weight * deviation
        return torch.sigmoid(total / sum(self.weights))

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
    network: AnomalyNetwork, scorer: ImageScorer | None, images: Tensor, config: ImageScoreConfig
) -> tuple[Tensor, Tensor]:
    """Return maps `(B, H, W)` and scores `(B,)` of images `(B, 1, H, W)` in [0, 1]."""
    scored = score_predicted(scorer, images, predict(network, images, config), config)
    return scored.maps, scored.scores


def score_predicted(
    scorer: ImageScorer | None, images: Tensor, predicted: Prediction, config: ImageScoreConfig
) -> ScoredBatch:
    """Return all that is said of images whose prediction is there already."""
    if scorer is None:
        levels = map_levels(predicted, config)
        return ScoredBatch(predicted.maps, levels, levels)
    return scorer.in_full(images, predicted)


def fit_scorer(
    config: ImageScoreConfig,
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
