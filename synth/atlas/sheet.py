"""The atlas: every kind of opacity from faint to dense on one radiograph."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.colours import ORANGE, as_rgb
from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.decode import read_image
from artasyn.data_manifests.images.fingerprints import pixels_sha256
from artasyn.data_manifests.images.geometry import squeeze_to
from artasyn.data_manifests.outlines import with_outline
from artasyn.synth.captions import beside, caption, titles
from artasyn.synth.lungs import LungConfig, segment_lungs
from artasyn.synth.opacities.config import OpacityConfig
from artasyn.synth.opacities.engine import synthesize
from artasyn.synth.opacities.kinds.registry import KINDS
from artasyn.synth.opacities.rivals.registry import is_rival, kind_or_rival
from artasyn.synth.opacities.rivals.scene import SecondImage
from artasyn.synth.seeds import generator
from artasyn.synth.sources.phantom import draw_phantom, render_phantom

__all__ = ["SEVERITIES", "kinds_sheet", "known_kinds", "phantom_subject", "radiograph_subject"]

SEVERITIES = {"faint": 0.0, "moderate": 0.5, "dense": 1.0}

Colour = NDArray[np.uint8]
Grey = NDArray[np.uint8]


def kinds_sheet(image: Grey, labels: Grey, *, config: OpacityConfig, seed: int = 0) -> Colour:
    """Return an RGB sheet `(H, W, 3)`: a row a kind, with its share of the mixture; kinds without weight are left out.

    A column is a severity, and the dense one outlined. A published synthesis knows no severity: its columns are
    draws. `image` (H, W) lends the second image, mirrored, that some of them take pixels from. Raises ConfigError for
    an unknown kind.
    """
    known_kinds(config.kinds)
    total = sum(config.kinds.values())
    rows = [titles([*SEVERITIES, "its mask"], image.shape[1])]
    for name in sorted(config.kinds, key=[*KINDS, *config.kinds].index):
        if config.kinds[name] > 0:
            cells = _row(name, image, labels, config, seed=seed)
            text = f"{name} ({100 * config.kinds[name] / total:.0f} % of the mixture): {kind_or_rival(name).words}"
            rows += [caption(text, cells.shape[1]), cells]
    return np.concatenate(rows)


def _row(name: str, image: Grey, labels: Grey, config: OpacityConfig, *, seed: int) -> Colour:
    """Paint the same draw at rising severity, so that a row shows severity and nothing else; of a rival three draws."""
    mirrored = np.ascontiguousarray(image[:, ::-1])
    second = SecondImage(image_id="mirrored", pixels_sha256=pixels_sha256(mirrored), pixels=mirrored)
    cells = []
    for column, severity in enumerate(SEVERITIES.values()):
        single = replace(config, kinds={name: 1.0}, composition=(1.0,), severity=(severity, severity))
        rng = generator(seed, name, column if is_rival(name) else 0)
        try:
            opacity = synthesize(image, labels, rng=rng, config=single, second=lambda: second)
            picture, mask = opacity.altered, opacity.mask
        except ImageError:
            picture, mask = image, np.zeros_like(image)
        cells.append(as_rgb(picture))
    return beside([*cells, with_outline(cells[-1], mask > 0, ORANGE)])


def known_kinds(names: Iterable[str]) -> dict[str, float]:
    """Return equal weights of kinds, published syntheses included. Raises ConfigError for an unknown name."""
    for name in names:
        kind_or_rival(name)
    return dict.fromkeys(names, 1.0)


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
