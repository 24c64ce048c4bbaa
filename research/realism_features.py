"""How far synthetic opacities are from real ones in size, place, brightness and texture."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from research.realism_data import CROP, Crops, MarkedRadiograph

__all__ = ["describe", "distances"]

GRID = (4, 2)
"""Height (apex to base) and laterality (hilum to rim) of the map of places."""


def describe(radiographs: Sequence[MarkedRadiograph], crops: Crops) -> dict[str, Any]:
    """Return quantiles of size and brightness step, the map of places, and the spectrum of the crops."""
    shares = [r.mask.sum() / max((r.labels > 0).sum(), 1) for r in radiographs]
    both = [
        min(radiograph.mask[radiograph.labels == side].mean() for side in (1, 2)) > 0.03
        for radiograph in radiographs
        if _two(radiograph)
    ]
    return {
        "share_of_lungs_quantiles": _quantiles(shares),
        "bilateral": round(float(np.mean(both)), 3),
        "brightness_step_quantiles": _quantiles([s for s in map(_step, radiographs) if s is not None]),
        "places": _places(radiographs).round(3).tolist(),
        "spectrum": _spectrum(crops).round(3).tolist(),
        "contrast_quantiles": _quantiles([float(crop.std()) for crop in crops.pixels]),
    }


def distances(real: dict[str, Any], other: dict[str, Any]) -> dict[str, float]:
    """Return the mean absolute difference of each description; spectra in units of log power."""
    return {
        name: round(float(np.abs(np.array(real[name]) - np.array(other[name])).mean()), 3) for name in real
    }


def _two(radiograph: MarkedRadiograph) -> bool:
    return all((radiograph.labels == side).any() for side in (1, 2))


def _quantiles(values: Sequence[float]) -> list[float]:
    return [round(float(q), 3) for q in np.quantile(values, (0.05, 0.25, 0.5, 0.75, 0.95))]


def _step(radiograph: MarkedRadiograph) -> float | None:
    """Brightness in the mask above the rest of the lungs, in shares of the way to the image's 85th percentile."""
    inside, rest = radiograph.mask > 0, (radiograph.mask == 0) & (radiograph.labels > 0)
    if inside.sum() < 50 or rest.sum() < 200:
        return None
    base = float(radiograph.image[rest].mean())
    return (float(radiograph.image[inside].mean()) - base) / max(
        float(np.percentile(radiograph.image, 85)) - base, 10
    )


def _places(radiographs: Sequence[MarkedRadiograph]) -> Any:
    """Return how often each part of a lung is covered, `GRID` cells of its bounding box."""
    covered, present = np.zeros(GRID), np.zeros(GRID)
    for radiograph in radiographs:
        for side in (1, 2):
            rows, columns = np.nonzero(radiograph.labels == side)
            if len(rows) < 500:
                continue
            box = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
            flip = -1 if side == 1 else 1  # the hilum first
            covered += _shrunk(((radiograph.mask > 0) & (radiograph.labels == side))[box][:, ::flip])
            present += _shrunk((radiograph.labels == side)[box][:, ::flip])
    return covered / present


def _shrunk(region: Any) -> Any:
    return cv2.resize(region.astype(np.float32), GRID[::-1], interpolation=cv2.INTER_AREA)


def _spectrum(crops: Crops) -> Any:
    """Return the mean log power of normalised crops in ten rings of spatial frequency."""
    window = np.hanning(CROP)[:, None] * np.hanning(CROP)
    radius = np.hypot(np.fft.fftfreq(CROP)[:, None], np.fft.fftfreq(CROP))
    ring = np.digitize(radius, np.geomspace(1 / CROP, 0.5, 11))
    values = np.array(crops.pixels, dtype=np.float64)
    values = (values - values.mean((1, 2), keepdims=True)) / (values.std((1, 2), keepdims=True) + 1)
    power = np.abs(np.fft.fft2(values * window)) ** 2
    return np.array([np.log(power[:, ring == k].mean(axis=1)).mean() for k in range(1, 11)])
