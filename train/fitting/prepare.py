"""From stored bytes to what the network sees and should say: shrink, then vary."""

import functools

import torch
from torch import Tensor

from artasyn.train.augment.augmentation import AugmentConfig, augment, draw_augmentation
from artasyn.train.data.dataset import Batch
from artasyn.train.objective.targets import Targets
from artasyn.train.runtime.seeds import tensor_generator

__all__ = ["prepare"]

SCALE = (1 / 255, 1 / 255, 1.0, 1.0)
"""To [0, 1]: image, normal image, mask and lung field {0, 1}."""


def prepare(
    batch: Batch,
    config: AugmentConfig,
    *,
    seed: int,
    step: int,
    studies: int,
    shrink: int,
    device: torch.device,
) -> Targets:
    """Return the batch ready for the network on `device`, varied as (seed, step) says.

    What is drawn covers all `studies` of the step, whichever part of it this batch is.
    """
    scale = torch.tensor(SCALE, device=device).view(1, -1, 1, 1) / shrink**2
    pixels = _shrink(batch.pixels.to(device, non_blocking=True).float(), shrink) * scale
    drawn = draw_augmentation(config, studies, generator=tensor_generator(seed, step, stage="augment"))
    pixels = augment(pixels, batch.study, drawn)
    images, normals, masks, lungs = (pixels[:, k : k + 1] for k in range(4))
    return Targets(images, normals, masks, lungs, batch.normal_of.to(device))


def _shrink(pixels: Tensor, factor: int) -> Tensor:
    """Return area means: images as a smaller scan would show them, masks as the share covered.

    Sums of strided slices take a quarter of the time of avg_pool2d on a processor.
    """
    if factor == 1:
        return pixels
    rows = functools.reduce(torch.add, [pixels[..., k::factor, :] for k in range(factor)])
    return functools.reduce(torch.add, [rows[..., k::factor] for k in range(factor)])
