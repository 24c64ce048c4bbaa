"""The atlas: every kind of opacity from faint to dense on one radiograph."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.decode import read_image
from artasyn.data_manifests.images.geometry import squeeze_to
from artasyn.data_manifests.images.outlines import with_outline
from artasyn.synth.lungs import LungConfig, segment_lungs
from artasyn.synth.opacities.config import OpacityConfig
from artasyn.synth.opacities.engine import synthesize
from artasyn.synth.opacities.kinds.registry import KINDS, Kind
from artasyn.synth.seeds import generator
from artasyn.synth.sources.phantom import draw_phantom, render_phantom

__all__ = ["SEVERITIES", "kinds_sheet", "phantom_subject", "radiograph_subject"]

SEVERITIES = {"faint": 0.0, "moderate": 0.5, "dense": 1.0}
CAPTION, GAP = 20, 4
MARK = (230, 159, 0)

Colour = NDArray[np.uint8]
Grey = NDArray[np.uint8]


def kinds_sheet(image: Grey, labels: Grey, *, config: OpacityConfig, seed: int = 0) -> Colour:
    """Return an RGB sheet `(H, W, 3)`: a row a kind; a column a severity, and the dense one outlined."""
    rows = [_titles([*SEVERITIES, "its mask"], image.shape[1])]
    for kind in KINDS.values():
        cells = _row(kind, image, labels, config, seed=seed)
        rows += [_caption(f"{kind.name}: {kind.words}", cells.shape[1]), cells]
    return np.concatenate(rows)


def _row(kind: Kind, image: Grey, labels: Grey, config: OpacityConfig, *, seed: int) -> Colour:
    """Paint the same draw at rising severity, so that a row shows severity and nothing else."""
    cells = []
    for severity in SEVERITIES.values():
        single = replace(config, kinds={kind.name: 1.0}, composition=(1.0,), severity=(severity, severity))
        try:
            opacity = synthesize(image, labels, rng=generator(seed, kind.name, 0), config=single)
            picture, mask = opacity.altered, opacity.mask
        except ImageError:
            picture, mask = image, np.zeros_like(image)
        cells.append(np.repeat(picture[..., None], 3, axis=2))
    cells.append(with_outline(cells[-1], mask > 0, MARK))
    gap = np.full((image.shape[0], GAP, 3), 255, np.uint8)
    return np.concatenate([part for cell in cells for part in (cell, gap)][:-1], axis=1)


def _caption(text: str, width: int) -> Colour:
    bar = np.full((CAPTION, width, 3), 255, np.uint8)
    cv2.putText(bar, text, (4, CAPTION - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
    return bar


def _titles(texts: list[str], width: int) -> Colour:
    gap = np.full((CAPTION, GAP, 3), 255, np.uint8)
    bars = [part for text in texts for part in (_caption(text, width), gap)]
    return np.concatenate(bars[:-1], axis=1)


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
