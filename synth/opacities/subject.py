"""A radiograph with its lungs to show opacities on: a phantom, or the user's own."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data_manifests.errors import ImageError
from data_manifests.images import read_image, squeeze_to
from synth.lungs import LungConfig, segment_lungs
from synth.phantom import draw_phantom, render_phantom
from synth.seeds import generator

__all__ = ["phantom_subject", "radiograph_subject"]

Grey = NDArray[np.uint8]


def phantom_subject(size: int, *, seed: int) -> tuple[Grey, Grey]:
    """Return a healthy phantom and its lung labels."""
    phantom = render_phantom(draw_phantom(rng=generator(seed, "atlas", 0), abnormal=False), size=size)
    return phantom.image, phantom.lungs


def radiograph_subject(path: Path, size: int, *, config: LungConfig) -> tuple[Grey, Grey]:
    """Return a radiograph squeezed to a square and the lungs found in it. Raises ImageError without lungs."""
    image = squeeze_to(read_image(path), size)
    lungs = segment_lungs(image, config)
    if lungs.reason:
        raise ImageError(
            path, "its lung fields were not accepted", "try another radiograph", kind=lungs.reason
        )
    return image, lungs.labels
