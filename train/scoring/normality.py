"""How unlike the normal images of the training an image is as a whole: what no map of opacities tells.

A network that was taught opacities alone has features that also tell sick chests from healthy ones in other ways
(posture, exposure, congestion). How far they lie from those of normal images is measured by the Mahalanobis distance,
as for unknown classes by Lee et al. 2018, arXiv 1807.03888, and for anomalies by Rippel et al. 2020, arXiv
2005.14140. Only normal images have a say in it.
"""

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Normality", "combine_scores", "fit_normality"]

SHRINKAGE = 1e-3
"""Share of the features' mean variance that is added to every variance: few images leave some directions empty."""
LEAST_SPREAD = 0.1
"""Smallest deviation of a level, so that a handful of equal images does not blow a difference up."""


class Normality(NamedTuple):
    """What normal images are like, for networks of C deepest features."""

    mean: Tensor
    """`(C,)`: mean features."""
    whitening: Tensor
    """`(C, C)`: makes their deviations uncorrelated and of unit variance."""
    maps: Tensor
    """`(2,)`: mean and deviation of the log-odds of the map's level on held-out normal images."""
    distances: Tensor
    """`(2,)`: the same of the logarithm of the squared distance."""

    def check(self) -> None:
        """Raise ValueError unless the shapes belong together, all numbers are finite and deviations are above 0."""
        features = len(self.mean)
        shapes = ((features,), (features, features), (2,), (2,))
        for name, value, shape in zip(self._fields, self, shapes, strict=True):
            if tuple(value.shape) != shape or not torch.isfinite(value).all():
                raise ValueError(f"{name} must be finite and of shape {shape}")
        if min(self.maps[1], self.distances[1]) <= 0:
            raise ValueError("deviations must be above 0")

    def distance(self, features: Tensor) -> Tensor:
        """Return the logarithm of the squared Mahalanobis distance, `(B,)`, of features `(B, C)`."""
        return torch.log(((features - self.mean) @ self.whitening).square().sum(dim=1) + 1e-6)


def fit_normality(features: Tensor, *, held_out: Tensor, levels: Tensor) -> Normality:
    """Return the normality of training images with `features` `(N, C)`.

    `held_out` `(M, C)` and `levels` `(M,)` in [0, 1] are features and map levels of normal images that were not
    trained on: those that were predict too normal.
    """
    exact = features.double()
    centred = exact - exact.mean(dim=0)
    covariance = centred.T @ centred / len(exact)
    ridge = SHRINKAGE * covariance.diagonal().mean().clamp_min(1e-9)
    covariance += ridge * torch.eye(len(covariance), dtype=torch.float64)
    values, vectors = torch.linalg.eigh(covariance)
    plain = Normality(
        mean=exact.mean(dim=0).float(),
        whitening=(vectors * values.clamp_min(ridge).rsqrt()).float().contiguous(),
        maps=_level(_log_odds(levels)),
        distances=torch.zeros(2),
    )
    return plain._replace(distances=_level(plain.distance(held_out)))


def combine_scores(levels: Tensor, features: Tensor, normality: Normality, *, weight: float) -> Tensor:
    """Return image scores `(B,)` in [0, 1] from map levels `(B,)` in [0, 1] and features `(B, C)`.

    sigmoid((a + w b) / (1 + w)): a and b are the level's log-odds and the log distance, each in deviations from its
    mean over held-out normal images, w = `weight`. A normal image scores about a half.
    """
    a = (_log_odds(levels) - normality.maps[0]) / normality.maps[1]
    b = (normality.distance(features) - normality.distances[0]) / normality.distances[1]
    return torch.sigmoid((a + weight * b) / (1 + weight))


def _level(values: Tensor) -> Tensor:
    return torch.stack((values.mean(), values.std(correction=0).clamp_min(LEAST_SPREAD)))


def _log_odds(levels: Tensor) -> Tensor:
    return torch.logit(levels.clamp(1e-4, 1 - 1e-4))
