"""From the stored values of a DICOM image to grey: tables, rescale, window, inversion, padding.

All is computed once for each value that a pixel could have, 65,536 at most, and looked up for the pixels.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.dicom_lut import read_table
from artasyn.data_manifests.images.dicom_numbers import first_number
from artasyn.data_manifests.images.grey import HOT, Limits, check_contrast

__all__ = ["to_grey"]

CUT = 0.85
"""Share of pixels that a window may make black or white; of 1,556 radiographs 0.47 at most are."""

Levels = NDArray[np.int64]
"""Each value that could be stored, ascending, `(n,)`."""
Unit = NDArray[np.float64]
"""The grey of each level, black 0 to white 1; may go beyond, `(n,)`."""


def to_grey(
    path: Path, dataset: Dataset, stored: NDArray[np.integer[Any]], *, limits: Limits
) -> NDArray[np.uint8]:
    """Return the picture (H, W) of stored values of at most 16 bits. Raises ImageError (unreadable, no_contrast)."""
    lowest = int(stored.min())
    places = np.asarray(stored, np.int64) - lowest
    counts = np.bincount(places.ravel())
    levels: Levels = np.arange(lowest, lowest + len(counts))
    padding = _padding(dataset, levels)
    counts[padding] = 0
    unit = _presented(path, dataset, _unit(path, dataset, levels, counts))
    if _is_inverted(dataset):
        unit = 1.0 - unit
    grey: NDArray[np.uint8] = np.rint(np.clip(unit, 0.0, 1.0) * 255.0).astype(np.uint8)
    grey[padding] = 0
    _check_grey(path, dataset, np.bincount(grey, weights=counts, minlength=256).astype(np.int64), limits)
    return grey[places]


def _check_grey(path: Path, dataset: Dataset, counts: NDArray[np.int64], limits: Limits) -> None:
    """Refuse what hardly shows anything, by the pixels of each grey value, (256,). Raises ImageError: no_contrast."""
    if not counts.any():
        reason = "no contrast: all of it is padding"
        raise ImageError(path, reason, "leave it out, or correct PixelPaddingValue", kind="no_contrast")
    by = _cut_by(dataset)
    remedy = f"correct {by[1]}, or delete {'them' if ' and ' in by[1] else 'it'}" if by else ""
    check_contrast(path, counts, remedy=remedy, limits=limits)
    cut = (counts[0] + counts[255]) / counts.sum()
    if by and cut > CUT:
        reason = f"its {by[0]} makes {100 * cut:.0f} % of its pixels black or white"
        raise ImageError(path, reason, remedy, kind="no_contrast")


def _cut_by(dataset: Dataset) -> tuple[str, str] | None:
    """Return what could make pixels black or white, and the elements that it is written in."""
    if "VOILUTSequence" in dataset:
        return "VOI LUT", "VOILUTSequence"
    return ("window", "WindowCenter and WindowWidth") if _window(dataset, 1.0) is not None else None


def _unit(path: Path, dataset: Dataset, levels: Levels, counts: NDArray[np.int64]) -> Unit:
    """Map the levels to [0, 1]; `counts` holds the pixels of each that belong to the image."""
    values, step = _modality(path, dataset, levels)
    table = read_table(path, dataset, "VOILUTSequence", name="VOI LUT")
    if table is not None:
        # Devices declare 16 bits and fill 12: white is the largest entry, whatever the descriptor says.
        return table(values) / max(1.0, float(table.entries.max()))
    window = _window(dataset, step)
    windowed = _windowed(values, counts > 0, *window, _function(dataset)) if window else None
    if windowed is not None:
        return windowed
    if dataset.BitsStored <= 8 and values is levels and levels[0] >= 0:
        return levels / 255.0
    return _span(values, counts)


def _presented(path: Path, dataset: Dataset, unit: Unit) -> Unit:
    """Map greys by the presentation LUT, which few images have. Source: DICOM PS3.3 C.11.4."""
    table = read_table(path, dataset, "PresentationLUTSequence", name="presentation LUT")
    if table is None:
        return unit
    values = np.clip(unit, 0.0, 1.0) * (len(table.entries) - 1) + table.first
    return table(values) / max(1.0, float(table.entries.max()))


def _modality(path: Path, dataset: Dataset, levels: Levels) -> tuple[NDArray[Any], float]:
    """Return the values by the modality LUT or rescale, and their step; a step of NaN: a rescale that is none.

    A rescale that is not finite, or would make all values equal, is left out, as viewers do.
    """
    table = read_table(path, dataset, "ModalityLUTSequence", name="modality LUT")
    if table is not None:
        return table(levels).astype(np.int64), 1.0
    slope, intercept = first_number(dataset, "RescaleSlope"), first_number(dataset, "RescaleIntercept")
    if slope is None or intercept is None:
        return levels, 1.0
    if slope == 0 or not np.isfinite([slope, intercept]).all():
        return levels, np.nan
    return levels * slope + intercept, abs(slope)


def _window(dataset: Dataset, step: float) -> tuple[float, float] | None:
    """Return centre and width of the first window; None where there is none that means something.

    A window of a rescale that was left out is in no known unit. A width under 1, or under the step between two values
    where that is finer, would leave black and white alone.
    """
    center, width = first_number(dataset, "WindowCenter"), first_number(dataset, "WindowWidth")
    if center is None or width is None or not np.isfinite([center, width, step]).all():
        return None
    smallest = 1.0 if _function(dataset) == "LINEAR" else min(1.0, step)
    return (center, width) if width >= smallest else None


def _function(dataset: Dataset) -> str:
    return str(dataset.get("VOILUTFunction") or "LINEAR").upper().strip()


def _windowed(
    values: NDArray[Any], present: NDArray[np.bool_], center: float, width: float, function: str
) -> Unit | None:
    """Map values to [0, 1]; None for a window without any value of the image: all would be black or white.

    Source: DICOM PS3.3 C.11.2.1.2 and C.11.2.1.3.
    """
    if function == "LINEAR":
        center, width = center - 0.5, width - 1.0
    # A width of one (LINEAR) is a step; the tiny width makes it one without a division by zero.
    scaled = np.asarray((values - center) / max(width, 1e-6))
    shown = scaled[present]
    if len(shown) > 2 and not (np.abs(shown) < 0.5).any():
        return None
    if function == "SIGMOID":
        return np.asarray(1.0 / (1.0 + np.exp(np.clip(-4.0 * scaled, -700, 700))))
    return scaled + 0.5


def _span(values: NDArray[Any], counts: NDArray[np.int64]) -> Unit:
    """Map the smallest to the largest value that is present to [0, 1].

    A few hot or dead pixels (`HOT`) are left aside where they would take more than half of the scale.
    """
    order = np.argsort(values, kind="stable")
    ranked = values[order][counts[order] > 0]
    if not ranked.size:
        return np.zeros(values.shape)
    below = np.cumsum(counts[order][counts[order] > 0])
    hot = max(1, int(HOT * below[-1]))
    low, high = float(ranked[0]), float(ranked[-1])
    inner = [float(ranked[np.searchsorted(below, place)]) for place in (hot + 1, below[-1] - hot)]
    if high - low > 2 * (inner[1] - inner[0]) > 0:
        low, high = inner
    return np.asarray((values - low) / max(high - low, 1e-6))


def _is_inverted(dataset: Dataset) -> bool:
    """Say whether small values are bright; both elements say it together, and either alone does."""
    photometric = str(dataset.PhotometricInterpretation).upper().strip()
    shape = str(dataset.get("PresentationLUTShape") or "").upper().strip()
    return photometric == "MONOCHROME1" or shape == "INVERSE"


def _padding(dataset: Dataset, levels: Levels) -> NDArray[np.bool_]:
    """Mark the levels that the device says are no part of the image."""
    first = first_number(dataset, "PixelPaddingValue")
    if first is None:
        return np.zeros(levels.shape, dtype=np.bool_)
    last = first_number(dataset, "PixelPaddingRangeLimit")
    last = first if last is None else last
    if levels[0] < 0 and dataset.get("PixelRepresentation") == 1:
        first, last = (_signed(value, int(dataset.BitsAllocated)) for value in (first, last))
    return np.asarray((levels >= min(first, last)) & (levels <= max(first, last)))


def _signed(value: float, bits: int) -> float:
    """Return what a device meant that wrote a negative value into an unsigned element."""
    return value - 2**bits if value >= 2 ** (bits - 1) else value
