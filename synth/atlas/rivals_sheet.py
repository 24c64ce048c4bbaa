"""Ours beside all published syntheses on the same radiographs."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.colours import ORANGE, as_rgb
from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.fingerprints import pixels_sha256
from artasyn.data_manifests.outlines import with_outline
from artasyn.synth.captions import beside, caption, titles
from artasyn.synth.opacities.config import OpacityConfig
from artasyn.synth.opacities.engine import synthesize
from artasyn.synth.opacities.rivals.registry import IN_LUNG, RIVALS
from artasyn.synth.opacities.rivals.scene import SecondImage
from artasyn.synth.seeds import generator

__all__ = ["rivals_sheet"]

Colour = NDArray[np.uint8]
Grey = NDArray[np.uint8]
Subject = tuple[Grey, Grey]


def rivals_sheet(subjects: Sequence[Subject], *, config: OpacityConfig, seed: int = 0) -> Colour:
    """Return an RGB sheet `(H, W, 3)`: a row a synthesis; the radiographs as published, then in the lungs, outlined.

    `subjects` are at least two images with their lung labels, all of one shape; each lends its pixels to the one
    before it. The first row has the images themselves and, on the right, the mixture of `config`. Raises ImageError of
    kind `too_few` for a single one.
    """
    if len(subjects) < 2:
        raise ImageError("sheet", "needs two radiographs: some take pixels from another", kind="too_few")
    width, half = subjects[0][0].shape[1], len(subjects)
    plain = [as_rgb(image) for image, _ in subjects]
    ours = [_painted(config, "ours", subjects, place, seed) for place in range(half)]
    line = beside([*plain, *ours])
    rows = [titles(["radiographs", *[""] * (half - 1), "ours", *[""] * (half - 1)], width), line]
    for rival in RIVALS.values():
        cells = [
            _painted(OpacityConfig(kinds={name: 1.0}, composition=(1.0,)), name, subjects, place, seed)
            for name in (rival.name, rival.name + IN_LUNG)
            for place in range(half)
        ]
        words = f"{rival.words} ({rival.source}): as published, then in the lungs"
        rows += [caption(words, line.shape[1]), beside(cells)]
    return np.concatenate(rows)


def _painted(config: OpacityConfig, name: str, subjects: Sequence[Subject], place: int, seed: int) -> Colour:
    """Return one radiograph with one synthesis, its mask outlined; unchanged where nothing could be drawn."""
    image, labels = subjects[place]
    other = (place + 1) % len(subjects)
    pixels = subjects[other][0]
    second = SecondImage(image_id=str(other), pixels_sha256=pixels_sha256(pixels), pixels=pixels)
    rng = generator(seed, name, place, stage="sheet")
    try:
        opacity = synthesize(image, labels, rng=rng, config=config, second=lambda: second)
    except ImageError:
        return as_rgb(image)
    return with_outline(as_rgb(opacity.altered), opacity.mask > 0, ORANGE)
