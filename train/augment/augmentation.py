"""Random acquisition, patient and annotation variation: first draw it, then apply it.

What is drawn belongs to a study, so the normal image and its variants change alike; what is applied reaches the
image, the normal image and the masks alike. Nothing here owns a generator.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.augment.burned_in import BurnedIn, burn_in, draw_burned_in
from artasyn.train.augment.distractors import Distractors, add_distractors, draw_distractors
from artasyn.train.augment.intensity import (
    add_noise,
    blur,
    change_intensity,
    change_local_contrast,
    coarsen,
    scale_opacity,
)
from artasyn.train.augment.posture import draw_posture
from artasyn.train.augment.soft_tissue import SHAPES, add_soft_tissue, draw_soft_tissue
from artasyn.train.augment.spatial import affine_matrices, warp

__all__ = ["AugmentConfig", "Augmentation", "augment", "draw_augmentation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentConfig:
    """How far images are varied; every range is symmetric and 0 (or 1 for factors) leaves a change out."""

    flip: float = 0.5
    """Chance of mirroring left and right."""
    rotation: float = 10.0
    """Largest turn, in degrees."""
    scale: float = 1.15
    """Largest enlargement, and its inverse the largest reduction, of each axis by itself."""
    shift: float = 0.06
    """Largest displacement, as a share of the side."""
    bend: float = 0.02
    """Largest displacement of a node of a 5 x 5 lattice over the image, as a share of the side."""
    opacity_gain: float = 1.4
    """Largest factor of what the opacity adds to the normal image, and its inverse the smallest."""
    gamma: float = 2.0
    """Largest exponent of the tone curve, and its inverse the smallest."""
    contrast: float = 1.8
    """Largest stretch about the mean, and its inverse the smallest."""
    brightness: float = 0.2
    """Largest addition, in grey levels of [0, 1]."""
    local_contrast: float = 0.5
    """Largest gain of structures finer than a sixth of the image; its loss is at most half of that."""
    noise: float = 0.04
    """Largest standard deviation of white noise, in grey levels of [0, 1]."""
    blur: float = 1.0
    """Largest deviation of the Gaussian blur, in pixels that the network sees; one image in three is blurred."""
    coarsen: int = 3
    """Largest loss of resolution, as a factor; one image in four is coarsened."""
    marker_probability: float = 0.3
    """Chance of one or two bright letters near the edge."""
    border_probability: float = 0.3
    """Chance of black or white bars left by the collimator."""
    border_width: float = 0.1
    """Largest width of a bar, as a share of the side."""
    device_probability: float = 0.3
    """Chance of a port, a lead or the like over the chest, which no mask marks."""
    breast_probability: float = 0.15
    """Chance of the shadows of two breasts, which no mask marks; as all that follows."""
    muscle_probability: float = 0.05
    """Chance of the shadows of the pectoral muscles."""
    scapula_probability: float = 0.05
    """Chance of scapulae over the lungs' lateral parts."""
    fold_probability: float = 0.04
    """Chance of a skin fold."""
    clavicle_probability: float = 0.06
    """Chance of bright clavicles and apices."""
    haze_probability: float = 0.06
    """Chance of the haze of a supine or stout patient."""
    squeeze_probability: float = 0.06
    """Chance of poor inspiration: lungs lower by 8 to 30 %."""
    spine_probability: float = 0.06
    """Chance of a bent spine (scoliosis) and a turned chest."""

    def __post_init__(self) -> None:
        for name in (
            "flip",
            "marker_probability",
            "border_probability",
            "device_probability",
            *(f"{shape}_probability" for shape in SHAPES),
            "squeeze_probability",
            "spine_probability",
        ):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"augment.{name}", f"must be in [0, 1], got {getattr(self, name)}")
        for name in ("scale", "opacity_gain", "gamma", "contrast", "coarsen"):
            if getattr(self, name) < 1:
                raise ConfigError(f"augment.{name}", f"must be at least 1, got {getattr(self, name)}")
        for name in ("rotation", "shift", "bend", "brightness", "noise", "blur", "local_contrast"):
            if getattr(self, name) < 0:
                raise ConfigError(f"augment.{name}", f"must be at least 0, got {getattr(self, name)}")
        if not 0 <= self.border_width < 0.5:
            raise ConfigError("augment.border_width", f"must be in [0, 0.5), got {self.border_width}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """What was drawn for n studies."""

    matrix: Tensor
    """`(n, 2, 3)`: from places in the result to places in the source, both in [-1, 1]."""
    bend: Tensor
    """`(n, 2, 5, 5)`: displacement of the lattice's nodes, in half sides."""
    opacity_gain: Tensor
    """`(n,)`: factor of what the opacity adds."""
    gamma: Tensor
    """`(n,)`"""
    contrast: Tensor
    """`(n,)`"""
    brightness: Tensor
    """`(n,)`"""
    local_contrast: Tensor
    """`(n,)`: gain of fine structures, below 0 a loss."""
    local_contrast_scale: Tensor
    """`(n,)`: deviation that tells fine from coarse, as a share of the side."""
    blur: Tensor
    """`(n,)`: deviation in pixels, 0 for none."""
    coarsen: Tensor
    """`(n,)` int64: factor, 1 for none."""
    noise: Tensor
    """`(n,)`: standard deviation."""
    noise_seed: Tensor
    """`(n,)` int64: names the noise field."""
    burned_in: tuple[BurnedIn, ...]
    """Letters and bars, n."""
    distractors: tuple[Distractors, ...]
    """Devices and wires, n."""
    soft_tissue: Tensor
    """See `draw_soft_tissue`."""
    posture: Tensor
    """`(n, 5)`: see `draw_posture`."""


def draw_augmentation(config: AugmentConfig, count: int, *, generator: torch.Generator) -> Augmentation:
    """Draw for `count` studies; always the same number of draws."""

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, generator=generator)

    def factor(largest: float) -> Tensor:
        return torch.pow(torch.tensor(largest), uniform(-1, 1))

    return Augmentation(
        matrix=affine_matrices(
            flip=uniform(0, 1) < config.flip,
            degrees=uniform(-config.rotation, config.rotation),
            scale=torch.stack((factor(config.scale), factor(config.scale)), dim=1),
            shift=torch.stack(
                (uniform(-config.shift, config.shift), uniform(-config.shift, config.shift)), dim=1
            ),
        ),
        bend=(4 * torch.rand((count, 2, 5, 5), generator=generator) - 2) * config.bend,
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
        burned_in=draw_burned_in(
            count,
            markers=config.marker_probability,
            border=config.border_probability,
            width=config.border_width,
            generator=generator,
        ),
        distractors=draw_distractors(
            count,
            devices=config.device_probability,
            generator=generator,
        ),
        soft_tissue=draw_soft_tissue(
            count,
            chances={shape: getattr(config, f"{shape}_probability") for shape in SHAPES},
            generator=generator,
        ),
        posture=draw_posture(
            count,
            squeeze=config.squeeze_probability,
            spine=config.spine_probability,
            generator=generator,
        ),
    )


def augment(pixels: Tensor, study: Tensor, drawn: Augmentation) -> Tensor:
    """Return `pixels` changed, in [0, 1]; `study` `(B,)` says whose each is.

    `(B, 4, H, W)`: image, normal image, mask and lung field; the last two change their place but not their value.
    """
    device, which = pixels.device, study.cpu()

    def of(values: Tensor) -> Tensor:
        return values[which].to(device)

    pixels = add_soft_tissue(pixels, drawn.soft_tissue[which])  # before the warp: it turns with the body
    pixels = warp(pixels, of(drawn.matrix), drawn.bend[which], drawn.posture[which])
    pixels = scale_opacity(pixels, of(drawn.opacity_gain))
    pixels = add_distractors(pixels, [drawn.distractors[i] for i in which.tolist()])
    pixels = burn_in(pixels, [drawn.burned_in[i] for i in which.tolist()])
    grey, masks = pixels[:, :2], pixels[:, 2:]
    grey = change_intensity(
        grey, gamma=of(drawn.gamma), contrast=of(drawn.contrast), brightness=of(drawn.brightness)
    )
    size = drawn.local_contrast_scale[which] * grey.shape[-1]
    grey = change_local_contrast(grey, amount=drawn.local_contrast[which], deviation=size)
    grey = coarsen(blur(grey, drawn.blur[which]), drawn.coarsen[which])
    grey = add_noise(grey, deviation=drawn.noise[which], seeds=drawn.noise_seed[which])
    return torch.cat((grey, masks), dim=1)
