"""How far the features at each place lie from those of normal images at the same place: a second anomaly map.

As PaDiM (Defard et al. 2020, arXiv 2011.08785), with a mean for each place and one covariance for all places in the
lungs: some hundred normal images are too few for a covariance a place.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from artasyn.train.scoring.feature_terms import FeatureDistance, fit_distance, spread_of

__all__ = ["PatchDistance", "Patches", "fit_patches"]

SHRINKAGE = 1e-2
"""As that of the distance of whole images; places vary more than means over lungs."""
INSIDE = 0.5
"""Share of a place that lungs must cover to count."""


class Patches(NamedTuple):
    """Images place by place."""

    features: Tensor
    """`(N, C, h, w)`"""
    lungs: Tensor
    """`(N, h, w)`: share of each place that lungs cover."""


class PatchDistance(nn.Module):
    """Deviations by which each place is farther from normal than places in the lungs of normal images are."""

    means: Tensor
    """`(C, h, w)`: features of normal images at each place."""
    spread: Tensor
    """`(2,)`: mean and deviation of the distance in the lungs of held-out normal images."""

    def __init__(self, channels: int, side: int) -> None:
        super().__init__()
        self.distance = FeatureDistance(channels)
        self.register_buffer("means", torch.zeros(channels, side, side))
        self.register_buffer("spread", torch.tensor([0.0, 1.0]))

    def forward(self, features: Tensor) -> Tensor:
        """Return `(B, h, w)` of features `(B, C, h, w)`."""
        return (self.distances(features) - self.spread[0]) / self.spread[1]

    def distances(self, features: Tensor) -> Tensor:
        """Return the distances `(B, h, w)`, not standardised."""
        centred = (features.float() - self.means).permute(0, 2, 3, 1)
        found: Tensor = self.distance(centred.flatten(1, 2)).unflatten(1, self.means.shape[1:])
        return found


def fit_patches(trained: Patches, held_out: Patches) -> PatchDistance:
    """Return the distance from the normal images of the training, at the scale of held-out normal ones."""
    fitted = PatchDistance(*trained.features.shape[1:3])
    fitted.means.copy_(trained.features.float().mean(dim=0))
    centred = (trained.features.float() - fitted.means).permute(0, 2, 3, 1)
    fitted.distance = fit_distance(_inside(centred, trained.lungs), shrinkage=SHRINKAGE)
    fitted.spread.copy_(spread_of(_inside(fitted.distances(held_out.features), held_out.lungs)))
    return fitted


def _inside(values: Tensor, lungs: Tensor) -> Tensor:
    """Return the values `(N, h, w, ...)` of places in the lungs; of all places where no lungs were found."""
    chosen = lungs >= INSIDE
    return values[chosen if chosen.any() else torch.ones_like(chosen)]
