"""The limits and the grey scale that every decoder shares."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ConfigError, ImageError

__all__ = ["DECODER_ERRORS", "DEFAULT_LIMITS", "HOT", "Limits", "check_contrast", "check_size", "to_8_bit"]

# What third-party decoders are known to raise on damaged bytes; anything else is a fault of ours and must show.
DECODER_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)

DEPTHS = (8, 10, 12, 14, 16)
HOT = 1e-4
"""Share of pixels that may lie above full scale: defects of the detector, which would darken all others."""
TAIL = 0.02
"""Share of the pixels at either end that says nothing of contrast: letters, borders."""
LABELS, APART = 8, 64
"""So few grey values, and so far apart, are labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an image file may cost; checked from the header, before any pixel is decoded."""

    file_bytes: int = 256 * 2**20
    """Largest file, in bytes."""
    pixels: int = 64_000_000
    """Largest width times height; the largest digital detectors have about 20 million."""
    side: int = 16
    """Smallest width and height, in pixels."""
    values: int = 25
    """Fewest grey values over which 96 % of the pixels spread; the faintest of 4,487 radiographs has 48."""

    def __post_init__(self) -> None:
        """Refuse limits that nothing could pass."""
        for name in ("file_bytes", "pixels", "side", "values"):
            if getattr(self, name) < 1:
                raise ConfigError(name, f"must be at least 1, got {getattr(self, name)}")


DEFAULT_LIMITS = Limits()


def check_size(path: Path, shape: tuple[int, int], *, limits: Limits) -> None:
    """Hold (height, width) against the limits. Raises ImageError: too_large, too_small."""
    height, width = shape
    if height * width > limits.pixels:
        reason = f"has {width} x {height} pixels, the limit is {limits.pixels:,} in all"
        raise ImageError(path, reason, "check the file, or raise Limits.pixels", kind="too_large")
    if min(height, width) < limits.side:
        reason = f"has {width} x {height} pixels, each side needs at least {limits.side}"
        raise ImageError(path, reason, "this is no radiograph; leave it out", kind="too_small")


def check_contrast(
    path: Path, counts: NDArray[np.integer], *, remedy: str = "", limits: Limits = DEFAULT_LIMITS
) -> None:
    """Refuse a picture of one grey value, or of a few that lie side by side, by its pixels of each, (256,).

    Black and white, as borders have them, are counted and then left aside: what is between must have contrast too.
    Pictures of a few values far apart pass: they are masks, and refused as such. Raises ImageError: no_contrast.
    """
    found = np.flatnonzero(counts)
    remedy = remedy or "it shows nothing; leave it out, or re-export it"
    if len(found) == 1:
        reason = f"no contrast: every pixel has the grey value {found[0]}"
        raise ImageError(path, reason, remedy, kind="no_contrast")
    values = min(
        _spread(counts), _spread(counts[1:-1]) if counts[1:-1].sum() > counts.sum() / 2 else len(counts)
    )
    if values < limits.values and (len(found) > LABELS or found[-1] - found[0] < APART):
        share = f"{100 * (1 - 2 * TAIL):.0f} % of its pixels"
        reason = f"hardly any contrast: {share} lie within {values} of 256 grey values"
        raise ImageError(path, reason, remedy, kind="no_contrast")


def _spread(counts: NDArray[np.integer]) -> int:
    """Return over how many grey values nearly all pixels spread, by the pixels of each."""
    below = np.cumsum(counts) / counts.sum()
    return 1 + int(np.searchsorted(below, 1 - TAIL) - np.searchsorted(below, TAIL))


def to_8_bit(values: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Scale values of up to 16 bits, none negative, to 0..255, rounding to the nearest.

    Full scale is 2**b - 1 with the smallest b of 8, 10, 12, 14, 16 that holds the values, but for one hot pixel or at
    most 0.01 % of them: a 12-bit image in a 16-bit file would otherwise come out nearly black.
    """
    counts = np.bincount(values.ravel())
    hot = max(1, int(HOT * values.size))
    full = next(2**bits - 1 for bits in DEPTHS if counts[2**bits :].sum() <= hot)
    levels = np.minimum(np.arange(len(counts), dtype=np.uint32), full)
    scaled: NDArray[np.uint8] = ((levels * 255 + full // 2) // full).astype(np.uint8)[values]
    return scaled
