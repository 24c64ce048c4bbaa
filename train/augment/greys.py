"""How grey values vary with scanner, exposure and processing: drawn for studies, planned for a batch, applied."""

from typing import NamedTuple

import torch
from torch import Tensor

from artasyn.train.augment.chosen import Chosen
from artasyn.train.augment.config import AugmentConfig
from artasyn.train.augment.draws import draws
from artasyn.train.augment.intensity import (
    DETAIL_SHRINK,
    blur,
    change_intensity,
    change_local_contrast,
    coarsen,
    gaussian_kernels,
)

__all__ = ["GreyPlan", "Greys", "change_greys", "draw_greys", "plan_greys"]


class Greys(NamedTuple):
    """What was drawn for n images, `(n,)` each."""

    opacity_gain: Tensor
    """Factor of what the opacity adds."""
    gamma: Tensor
    contrast: Tensor
    brightness: Tensor
    local_contrast: Tensor
    """Gain of fine structures, below 0 a loss."""
    local_contrast_scale: Tensor
    """Deviation that tells fine from coarse, as a share of the side."""
    blur: Tensor
    """Deviation in pixels, 0 for none."""
    coarsen: Tensor
    """int64: factor, 1 for none."""
    noise: Tensor
    """Standard deviation."""
    noise_seed: Tensor
    """int64: names the noise field."""


class GreyPlan(NamedTuple):
    """What is done to a batch of B images."""

    opacity_gain: Tensor
    gamma: Tensor
    contrast: Tensor
    brightness: Tensor
    local_contrast: tuple[Tensor, Chosen] | None
    """Gain `(B,)` and the kernels that tell coarse from fine; None where all gains are 0."""
    blur: Chosen
    """Kernels."""
    coarsen: tuple[tuple[int, Tensor], ...]
    """A factor, and which images."""
    noise: Tensor
    """`(B, 1, H, W)`: what is added."""


def draw_greys(config: AugmentConfig, count: int, *, generator: torch.Generator) -> Greys:
    """Draw for `count` images."""
    uniform, factor = draws(count, generator)
    return Greys(
        opacity_gain=factor(config.opacity_gain),
        gamma=factor(config.gamma),
        contrast=factor(config.contrast),
        brightness=uniform(-config.brightness, config.brightness),
        local_contrast=uniform(-config.local_contrast / 2, config.local_contrast),
        local_contrast_scale=uniform(0.03, 0.16),
        blur=uniform(0, config.blur) * (uniform(0, 1) < 1 / 3),
        coarsen=torch.where(uniform(0, 1) < 1 / 4, uniform(1, config.coarsen + 1).long(), 1),
        noise=uniform(0, config.noise),
        noise_seed=torch.randint(2**62, (count,), generator=generator),
    )


def plan_greys(drawn: Greys, side: int) -> GreyPlan:
    """Work out what was drawn for the images of a batch, whose side has so many pixels."""
    kernels = gaussian_kernels(drawn.local_contrast_scale * side / DETAIL_SHRINK)
    factors = torch.unique(drawn.coarsen[drawn.coarsen > 1]).tolist()
    return GreyPlan(
        opacity_gain=drawn.opacity_gain,
        gamma=drawn.gamma,
        contrast=drawn.contrast,
        brightness=drawn.brightness,
        local_contrast=(drawn.local_contrast, kernels) if drawn.local_contrast.any() else None,
        blur=gaussian_kernels(drawn.blur),
        coarsen=tuple((k, torch.nonzero(drawn.coarsen == k).flatten()) for k in factors),
        noise=_noise(drawn.noise, drawn.noise_seed, side),
    )


def change_greys(grey: Tensor, plan: GreyPlan) -> Tensor:
    """Return image and normal image `(B, 2, H, W)` changed, in [0, 1]; the gain of opacities is left to others."""
    grey = change_intensity(grey, gamma=plan.gamma, contrast=plan.contrast, brightness=plan.brightness)
    if plan.local_contrast is not None:
        amount, kernels = plan.local_contrast
        grey = change_local_contrast(grey, amount=amount, kernels=kernels)
    grey = coarsen(blur(grey, plan.blur), plan.coarsen)
    return (grey + plan.noise).clamp(0, 1)


def _noise(deviation: Tensor, seeds: Tensor, side: int) -> Tensor:
    """Return white noise `(B, 1, side, side)`; a seed names one field, drawn once."""
    known = {
        seed: torch.randn(1, side, side, generator=torch.Generator().manual_seed(seed))
        for seed in seeds.tolist()
    }
    return torch.stack(
        [known[seed] * scale for seed, scale in zip(seeds.tolist(), deviation.tolist(), strict=True)]
    )
