"""Random acquisition, patient and annotation variation: first draw it, then plan it for a batch, then apply it.

What is drawn belongs to a study, so the normal image and its variants change alike; what is applied reaches the
image, the normal image and the masks alike. Nothing here owns a generator. Drawing and planning are for the processes
that read ahead; the plan holds all that a device needs, so that applying it asks the device nothing.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from artasyn.train.augment.burned_in import BurnedIn, BurnIn, burn_in, draw_burned_in, plan_burned_in
from artasyn.train.augment.chosen import Chosen, choose
from artasyn.train.augment.config import AugmentConfig
from artasyn.train.augment.distractors import (
    Distractors,
    add_distractors,
    draw_distractors,
    plan_distractors,
)
from artasyn.train.augment.greys import GreyPlan, Greys, change_greys, draw_greys, plan_greys
from artasyn.train.augment.intensity import scale_opacity
from artasyn.train.augment.parts import Parts, draw_parts, keep_parts, plan_parts
from artasyn.train.augment.posture import draw_posture
from artasyn.train.augment.soft_tissue import (
    SHAPES,
    SoftTissue,
    add_soft_tissue,
    draw_soft_tissue,
    plan_soft_tissue,
)
from artasyn.train.augment.spatial import Places, draw_places, warp

__all__ = [
    "Augmentation",
    "AugmentationPlan",
    "augment",
    "draw_augmentation",
    "keep_whole",
    "plan_augmentation",
]


class Augmentation(NamedTuple):
    """What was drawn for n studies."""

    places: Places
    greys: Greys
    burned_in: tuple[BurnedIn, ...]
    """Letters and bars, n."""
    distractors: tuple[Distractors, ...]
    """Devices and wires, n."""
    soft_tissue: Tensor
    """See `draw_soft_tissue`."""
    posture: Tensor
    """`(n, 5)`: see `draw_posture`."""
    parts: Parts


class AugmentationPlan(NamedTuple):
    """What is done to the B images of a batch: tensors and how many, nothing to decide any more."""

    matrix: Tensor
    """`(B, 2, 3)`"""
    bend: Tensor | None
    """`(B, 2, 5, 5)`, None where there is none."""
    posture: Chosen
    greys: GreyPlan
    burned_in: BurnIn
    distractors: Chosen
    soft_tissue: SoftTissue
    parts: Chosen


def draw_augmentation(config: AugmentConfig, count: int, *, generator: torch.Generator) -> Augmentation:
    """Draw for `count` studies; always the same number of draws, in this order."""
    places = draw_places(config, count, generator=generator)
    greys = draw_greys(config, count, generator=generator)
    burned_in = draw_burned_in(
        count,
        markers=config.marker_probability,
        border=config.border_probability,
        width=config.border_width,
        generator=generator,
    )
    distractors = draw_distractors(count, devices=config.device_probability, generator=generator)
    chances = {shape: getattr(config, f"{shape}_probability") for shape in SHAPES}
    soft_tissue = draw_soft_tissue(count, chances=chances, generator=generator)
    squeeze, spine = config.squeeze_probability, config.spine_probability
    posture = draw_posture(count, squeeze=squeeze, spine=spine, generator=generator)
    parts = draw_parts(count, probability=config.part_probability, generator=generator)
    return Augmentation(places, greys, burned_in, distractors, soft_tissue, posture, parts)


def plan_augmentation(drawn: Augmentation, study: Tensor, *, side: int) -> AugmentationPlan:
    """Work out what is done to a batch of `side` x `side` pixels; `study` `(B,)` says whose each image is."""
    places, greys = Places(*(v[study] for v in drawn.places)), Greys(*(v[study] for v in drawn.greys))
    posture, whose = drawn.posture[study], study.tolist()
    return AugmentationPlan(
        matrix=places.matrix,
        bend=places.bend if places.bend.any() else None,
        posture=choose(posture, posture.any(dim=1)),
        greys=plan_greys(greys, side),
        burned_in=plan_burned_in([drawn.burned_in[k] for k in whose], side),
        distractors=plan_distractors([drawn.distractors[k] for k in whose], side),
        soft_tissue=plan_soft_tissue(drawn.soft_tissue[study]),
        parts=plan_parts(Parts(*(v[study] for v in drawn.parts)), side),
    )


def keep_whole(plan: AugmentationPlan) -> AugmentationPlan:
    """Return the plan with no opacity cut to parts."""
    return plan._replace(parts=Chosen(plan.parts.places[:0], plan.parts.numbers[:0]))


def augment(pixels: Tensor, plan: AugmentationPlan) -> Tensor:
    """Return `pixels` changed, in [0, 1]; the plan lies on their device.

    `(B, 4, H, W)`: image, normal image, mask and lung field; the last two change their place but not their value.
    """
    pixels = add_soft_tissue(pixels, plan.soft_tissue)  # before the warp: it turns with the body
    pixels = warp(pixels, plan.matrix, plan.bend, plan.posture)
    pixels = scale_opacity(keep_parts(pixels, plan.parts), plan.greys.opacity_gain)
    pixels = burn_in(add_distractors(pixels, plan.distractors), plan.burned_in)
    return torch.cat((change_greys(pixels[:, :2], plan.greys), pixels[:, 2:]), dim=1)
