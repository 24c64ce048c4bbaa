"""Changes of grey values: gain of the opacity, tone curve, local contrast, blur, resolution, noise."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from artasyn.train.augment.chosen import Chosen, choose

__all__ = [
    "DETAIL_SHRINK",
    "blur",
    "change_intensity",
    "change_local_contrast",
    "coarsen",
    "gaussian_kernels",
    "scale_opacity",
]

DETAIL_SHRINK = 4
"""Pixels whose mean stands for all where only the coarse level of an image is asked for."""


def scale_opacity(pixels: Tensor, factor: Tensor) -> Tensor:
    """Return `pixels` with what the opacity adds to the normal image multiplied by factor (B,), in [0, 1].

    `pixels` `(B, 2 + K, H, W)` in [0, 1]: image, normal image, masks. The masks stay: a faint opacity is one too.
    """
    image, normal, masks = pixels[:, :1], pixels[:, 1:2], pixels[:, 2:]
    changed = normal + factor.view(-1, 1, 1, 1) * (image - normal)
    return torch.cat((changed.clamp(0, 1), normal, masks), dim=1)


def change_intensity(grey: Tensor, *, gamma: Tensor, contrast: Tensor, brightness: Tensor) -> Tensor:
    """Return clip((g^gamma - m) * contrast + m + brightness, 0, 1), m = mean of the last channel's g^gamma.

    `grey` `(B, C, H, W)` in [0, 1], the others `(B,)`. The last channel is the normal image: its mean serves all,
    so that image and normal image stay equal where they were.
    """
    gamma, contrast, brightness = (v.view(-1, 1, 1, 1) for v in (gamma, contrast, brightness))
    curved = grey.clamp(0, 1).pow(gamma)
    mean = curved[:, -1:].mean(dim=(2, 3), keepdim=True)
    return ((curved - mean) * contrast + mean + brightness).clamp(0, 1)


def change_local_contrast(grey: Tensor, *, amount: Tensor, kernels: Chosen) -> Tensor:
    """Return clip(g + amount * (g - blurred g), 0, 1): above 0 as processed for local contrast, below as scattered.

    `amount` (B,) above -1; `kernels` blur the image DETAIL_SHRINK times smaller.
    """
    small = F.interpolate(grey, scale_factor=1 / DETAIL_SHRINK, mode="area")
    coarse = blur(small, kernels)
    level = F.interpolate(coarse, size=grey.shape[2:], mode="bilinear", align_corners=False)
    return (grey + amount.view(-1, 1, 1, 1) * (grey - level)).clamp(0, 1)


def gaussian_kernels(deviation: Tensor) -> Chosen:
    """Return the kernels `(k, 2 radius + 1)` of those of `deviation` (B,), in pixels, that are above 0."""
    chosen, deviation = choose(deviation, deviation > 0)
    if not len(chosen):
        return Chosen(chosen, deviation)
    radius = max(1, int(3 * float(deviation.max()) + 0.5))
    offsets = torch.arange(-radius, radius + 1, dtype=torch.float32)
    kernels = torch.exp(-0.5 * (offsets / deviation[:, None]) ** 2)
    return Chosen(chosen, kernels / kernels.sum(dim=1, keepdim=True))


def blur(grey: Tensor, kernels: Chosen) -> Tensor:
    """Return the chosen images of `(B, C, H, W)` blurred by their kernels along both axes."""
    if not kernels:
        return grey
    k, c, radius = len(kernels.places), grey.shape[1], kernels.numbers.shape[1] // 2
    weight = kernels.numbers.repeat_interleave(c, dim=0).view(k * c, 1, 1, -1)
    x = grey[kernels.places].reshape(1, k * c, *grey.shape[2:])
    x = F.conv2d(F.pad(x, (radius, radius, 0, 0), mode="replicate"), weight, groups=k * c)
    x = F.conv2d(F.pad(x, (0, 0, radius, radius), mode="replicate"), weight.transpose(2, 3), groups=k * c)
    return grey.index_copy(0, kernels.places, x.reshape(k, c, *grey.shape[2:]))


def coarsen(grey: Tensor, factors: Sequence[tuple[int, Tensor]]) -> Tensor:
    """Return `(B, C, H, W)` with images shrunk (area) and enlarged again (bilinear): a factor, and which images."""
    for factor, chosen in factors:
        small = F.interpolate(grey[chosen], scale_factor=1 / factor, mode="area")
        large = F.interpolate(small, size=grey.shape[2:], mode="bilinear", align_corners=False)
        grey = grey.index_copy(0, chosen, large)
    return grey
