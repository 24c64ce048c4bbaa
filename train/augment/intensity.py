"""Changes of grey values: gain of the opacity, tone curve, local contrast, blur, resolution, noise."""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["add_noise", "blur", "change_intensity", "change_local_contrast", "coarsen", "scale_opacity"]


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


DETAIL_SHRINK = 4
"""Pixels whose mean stands for all where only the coarse level of an image is asked for."""


def change_local_contrast(grey: Tensor, *, amount: Tensor, deviation: Tensor) -> Tensor:
    """Return clip(g + amount * (g - blurred g), 0, 1): above 0 as processed for local contrast, below as scattered.

    `amount` (B,) above -1; `deviation` (B,) of the blur in pixels.
    """
    if not amount.any():
        return grey
    small = F.interpolate(grey, scale_factor=1 / DETAIL_SHRINK, mode="area")
    coarse = blur(small, deviation / DETAIL_SHRINK)
    level = F.interpolate(coarse, size=grey.shape[2:], mode="bilinear", align_corners=False)
    return (grey + amount.view(-1, 1, 1, 1).to(grey) * (grey - level)).clamp(0, 1)


def blur(grey: Tensor, deviation: Tensor) -> Tensor:
    """Return each image of `(B, C, H, W)` blurred by its Gaussian deviation (B,) in pixels; 0 leaves it alone."""
    chosen = torch.nonzero(deviation > 0).flatten()
    if not len(chosen):
        return grey
    radius = max(1, int(3 * float(deviation.max()) + 0.5))
    offsets = torch.arange(-radius, radius + 1, dtype=torch.float32)
    kernels = torch.exp(-0.5 * (offsets / deviation[chosen, None]) ** 2)
    kernels = (kernels / kernels.sum(dim=1, keepdim=True)).to(grey)  # (k, 2 radius + 1)
    k, c = len(chosen), grey.shape[1]
    weight = kernels.repeat_interleave(c, dim=0).view(k * c, 1, 1, -1)
    x = grey[chosen.to(grey.device)].reshape(1, k * c, *grey.shape[2:])
    x = F.conv2d(F.pad(x, (radius, radius, 0, 0), mode="replicate"), weight, groups=k * c)
    x = F.conv2d(F.pad(x, (0, 0, radius, radius), mode="replicate"), weight.transpose(2, 3), groups=k * c)
    return grey.index_copy(0, chosen.to(grey.device), x.reshape(k, c, *grey.shape[2:]))


def coarsen(grey: Tensor, factor: Tensor) -> Tensor:
    """Return each image shrunk by its factor (B,) (area) and enlarged again (bilinear); 1 leaves it alone."""
    for value in torch.unique(factor[factor > 1]).tolist():
        chosen = torch.nonzero(factor == value).flatten().to(grey.device)
        small = F.interpolate(grey[chosen], scale_factor=1 / value, mode="area")
        large = F.interpolate(small, size=grey.shape[2:], mode="bilinear", align_corners=False)
        grey = grey.index_copy(0, chosen, large)
    return grey


def add_noise(grey: Tensor, *, deviation: Tensor, seeds: Tensor) -> Tensor:
    """Return clip(g + deviation * field(seed), 0, 1); a seed names one white field, the same for all channels."""
    fields = [
        torch.randn(1, *grey.shape[2:], generator=torch.Generator().manual_seed(seed)) * scale
        for seed, scale in zip(seeds.tolist(), deviation.tolist(), strict=True)
    ]
    return (grey + torch.stack(fields).to(grey)).clamp(0, 1)
