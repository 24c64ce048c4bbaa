"""The losses: small pure functions, each from tensors of a batch to one value an image, `(B,)`.

One value an image, never a mean over the batch: the caller divides by the images of the whole step, so that
processes and accumulated parts add up to exactly the step of one process.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = [
    "feature_distance",
    "focal",
    "global_mse",
    "local_mse",
    "soft_dice",
    "soft_residual_mask",
    "soft_tversky",
]

SMOOTH = 1.0
"""Pixels added to both sides of an overlap: an empty prediction of an empty mask is then perfect."""


def global_mse(reconstruction: Tensor, target: Tensor) -> Tensor:
    """Return mean((r - t)^2) of each image; inputs `(B, 1, H, W)`."""
    return (reconstruction - target).square().mean(dim=(1, 2, 3))


def local_mse(reconstruction: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Return sum(m (r - t)^2) / sum(m) of each image; zero where the mask is empty. Mask in [0, 1]."""
    error = (mask * (reconstruction - target).square()).sum(dim=(1, 2, 3))
    return error / mask.sum(dim=(1, 2, 3)).clamp_min(SMOOTH)


def feature_distance(features: Tensor, normal: Tensor) -> Tensor:
    """Return mean(1 - cos(f, n)) over the positions of `(B, C, h, w)`; no gradient flows into `normal`.

    With a gradient on both sides, both would collapse towards each other instead of one following the other.
    """
    return (1 - F.cosine_similarity(features, normal.detach(), dim=1)).mean(dim=(1, 2))


def soft_tversky(probability: Tensor, mask: Tensor, *, false_negatives: float) -> Tensor:
    """Return 1 - (TP + s) / (TP + (1 - b) FP + b FN + s), b = `false_negatives` in [0, 1].

    Source: Salehi et al. 2017, arXiv 1706.05721, section 3; s smooths by one pixel.
    """
    hit = (probability * mask).sum(dim=(1, 2, 3))
    extra = probability.sum(dim=(1, 2, 3)) - hit
    missed = mask.sum(dim=(1, 2, 3)) - hit
    return 1 - (hit + SMOOTH) / (hit + (1 - false_negatives) * extra + false_negatives * missed + SMOOTH)


def soft_dice(probability: Tensor, mask: Tensor) -> Tensor:
    """Return 1 - (2 sum(p m) + 2 s) / (sum(p) + sum(m) + 2 s)."""
    return soft_tversky(probability, mask, false_negatives=0.5)


def focal(logits: Tensor, mask: Tensor, *, gamma: float) -> Tensor:
    """Return mean((1 - q)^gamma * cross entropy), q = probability given to the truth; `gamma` = 0 is plain.

    Source: Lin et al. 2017, arXiv 1708.02002, equation 4, without its class weight. Soft masks are allowed.
    """
    entropy = F.binary_cross_entropy_with_logits(logits, mask, reduction="none")
    if gamma > 0:
        error = (torch.sigmoid(logits) - mask).abs()
        # The clamp keeps the power's gradient finite where a pixel is exactly right.
        entropy = error.clamp_min(1e-6).pow(gamma) * entropy
    return entropy.mean(dim=(1, 2, 3))


def soft_residual_mask(residual: Tensor, *, floor: float, share: float, softness: float) -> Tensor:
    """Return sigmoid((r - t) / softness), t = max(floor, share * max(r)) of each image; r = |x - reconstruction|.

    The differentiable form of the published rule `r >= max(0.03, 0.2 max r)`; the threshold itself is held fixed.
    """
    peak = residual.detach().amax(dim=(1, 2, 3), keepdim=True)
    return torch.sigmoid((residual - (share * peak).clamp_min(floor)) / softness)
