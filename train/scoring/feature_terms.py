"""What features say of an image as a whole: their distance from normal images, and a head taught synthetic opacities.

The distance is Mahalanobis's, as for unknown classes by Lee et al. 2018, arXiv 1807.03888, and for anomalies by
Rippel et al. 2020, arXiv 2005.14140; only normal images have a say in it. It also rewards images of another hospital
or machine. The head is a logistic regression, normal images against the same with a synthetic opacity: it learns what
opacities do to the features, and no source.
"""

import torch
from torch import Tensor, nn

__all__ = ["FeatureDistance", "SyntheticHead", "fit_distance", "fit_head", "spread_of"]

SHRINKAGE = 1e-3
"""Share of the features' mean variance that is added to every variance: few images leave some directions empty."""
LEAST_SPREAD = 0.1
"""Smallest deviation of a term, so that a handful of equal images does not blow a difference up."""
ITERATIONS = 200
"""Of the optimiser of the head."""


def spread_of(values: Tensor) -> Tensor:
    """Return `(2,)`: mean and deviation of a term over held-out normal images."""
    return torch.stack((values.mean(), values.std(correction=0).clamp_min(LEAST_SPREAD))).float()


class FeatureDistance(nn.Module):
    """Logarithm of the squared Mahalanobis distance of C features from those of normal images."""

    mean: Tensor
    """`(C,)`"""
    whitening: Tensor
    """`(C, C)`: makes their deviations uncorrelated and of unit variance."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("whitening", torch.eye(channels))

    def forward(self, features: Tensor) -> Tensor:
        """Return `(B,)` of features `(B, C)`, or `(B, P)` of those `(B, P, C)` of P places an image.

        One matrix product an image: in one for all, an image's last bits would hang on how many there are.
        """
        images = features if features.ndim == 3 else features[:, None]
        whitened = (images - self.mean) @ self.whitening[None]
        far = torch.log(whitened.square().sum(dim=2) + 1e-6)
        return far if features.ndim == 3 else far[:, 0]


class SyntheticHead(nn.Module):
    """Log-odds that an image with these C features has an opacity."""

    weight: Tensor
    """`(C,)`"""
    bias: Tensor
    """`()`"""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(channels))
        self.register_buffer("bias", torch.zeros(()))

    def forward(self, features: Tensor) -> Tensor:
        """Return `(B,)` of features `(B, C)`."""
        return (features * self.weight).sum(dim=1) + self.bias


def fit_distance(normal: Tensor, *, shrinkage: float = SHRINKAGE) -> FeatureDistance:
    """Return the distance from normal images with features `(N, C)`."""
    exact = normal.double()
    centred = exact - exact.mean(dim=0)
    covariance = centred.T @ centred / len(exact)
    ridge = shrinkage * covariance.diagonal().mean().clamp_min(1e-9)
    covariance += ridge * torch.eye(len(covariance), dtype=torch.float64)
    values, vectors = torch.linalg.eigh(covariance)
    fitted = FeatureDistance(normal.shape[1])
    fitted.mean.copy_(exact.mean(dim=0))
    fitted.whitening.copy_(vectors * values.clamp_min(ridge).rsqrt())
    return fitted


def fit_head(normal: Tensor, synthetic: Tensor, *, ridge: float) -> SyntheticHead:
    """Return the head for features `(N, C)` of normal and `(M, C)` of synthetic images; both classes weigh the same.

    Features are standardised first; `ridge` is the penalty on the squared weights, beside the mean log loss.
    """
    pooled = torch.cat((normal, synthetic)).double()
    centre, scale = pooled.mean(dim=0), pooled.std(dim=0, correction=0).clamp_min(1e-6)
    inputs = (pooled - centre) / scale
    labels = torch.cat((torch.zeros(len(normal)), torch.ones(len(synthetic)))).double()
    share = torch.where(labels > 0, 0.5 / len(synthetic), 0.5 / len(normal))
    weight = torch.zeros(inputs.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        losses = nn.functional.binary_cross_entropy_with_logits(
            inputs @ weight + bias, labels, reduction="none"
        )
        total = (share * losses).sum() + ridge * weight.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    fitted = SyntheticHead(inputs.shape[1])
    fitted.weight.copy_(weight.detach() / scale)
    fitted.bias.copy_(bias.detach() - (weight.detach() * centre / scale).sum())
    return fitted
