"""Render held-out images beside what the network says about them."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from artasyn.data_manifests.colours import SKY_BLUE, as_rgb
from artasyn.data_manifests.files import write_file
from artasyn.data_manifests.outlines import with_outline
from artasyn.train.models.anomaly_network import AnomalyNetwork
from artasyn.train.runs.heat import heat, heat_top
from artasyn.train.scoring.anomaly_map import as_input, predict
from artasyn.train.scoring.config import ImageScoreConfig
from artasyn.train.scoring.held_out import Sample
from artasyn.train.scoring.thresholds import predicted_mask

__all__ = ["render_held_out"]

TRUTH, PREDICTED = SKY_BLUE, (255, 255, 255)
"""As in reports."""
GAP = 4
"""White pixels between pictures."""


def render_held_out(
    network: AnomalyNetwork,
    samples: Sequence[Sample],
    path: Path,
    *,
    score: ImageScoreConfig,
    threshold: float,
    device: torch.device,
) -> None:
    """Write a PNG with one row a sample and one for the first one's normal image.

    Each is the image, the image with true outline (blue) and found outline (white), the anomaly map.
    """
    pixels = np.stack([_without_opacity(samples[0].pixels), *(s.pixels for s in samples)])
    maps = predict(network, as_input(pixels[:, 0], device), score).maps.float().cpu().numpy()
    rows = [_row(p, m, threshold) for p, m in zip(pixels, maps, strict=True)]
    stream = io.BytesIO()
    Image.fromarray(_stack(rows, axis=0)).save(stream, format="PNG")
    write_file(path, stream.getvalue())


def _without_opacity(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.stack([pixels[1], pixels[1], np.zeros_like(pixels[2]), *pixels[3:]])


def _row(pixels: NDArray[np.uint8], anomaly_map: NDArray[np.float32], threshold: float) -> NDArray[np.uint8]:
    grey = as_rgb(pixels[0])
    outlined = with_outline(grey, pixels[2] > 0, TRUTH)
    outlined = with_outline(outlined, predicted_mask(anomaly_map, threshold), PREDICTED)
    return _stack([grey, outlined, heat(anomaly_map, top=heat_top(threshold))], axis=1)


def _stack(pictures: Sequence[NDArray[np.uint8]], *, axis: int) -> NDArray[np.uint8]:
    widths = [(0, 0), (0, 0), (0, 0)]
    widths[axis] = (0, GAP)
    return np.concatenate([np.pad(p, widths, constant_values=255) for p in pictures], axis=axis)
