"""Brush tips: small grey textures, mostly empty, drawn procedurally or taken from a user's picture."""

import functools
import hashlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ConfigError, ImageError
from artasyn.data_manifests.images.decode import Limits, read_image
from artasyn.synth.opacities.fields.noise import smooth_noise
from artasyn.synth.seeds import generator

__all__ = ["load_tip", "procedural_tip", "tip_digest"]

TIP_SHAPE = (106, 168)
"""Rows and columns of a tip; the columns are the brush width."""

FAINT = Limits(values=1)
"""A tip may be fainter than a radiograph."""

Tip = NDArray[np.float32]


@functools.lru_cache(maxsize=32)
def procedural_tip(number: int) -> Tip:
    """Draw tip `number`: streaks, flecks or haze in turn, float32 in [0, 1].

    Mean opacity 0.06, 22 % of it above 0.08, as the published tip has.
    """
    rng = generator(number, "", 0, stage="brush tip")
    texture = (_streaks, _flecks, _haze)[number % 3](rng=rng)
    return _tone(texture * _window() + 1e-6 * rng.random(TIP_SHAPE))


def load_tip(path: Path) -> Tip:
    """Read a picture as a tip, float32 in [0, 1], scaled to `TIP_SHAPE`'s width.

    Bright paints; a picture with a bright rim (ink on paper) is inverted, as a tip is empty at its rim.
    Raises ConfigError for a picture that has no texture.
    """
    try:
        picture = read_image(path, limits=FAINT).astype(np.float32) / 255
    except ImageError as error:
        if error.kind != "no_contrast":
            raise
        raise _no_tip(path) from error
    rim = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    picture = 1 - picture if rim.mean() > 0.5 else picture
    if picture.max() - picture.min() < 0.02:
        raise _no_tip(path)
    rows = max(1, round(picture.shape[0] * TIP_SHAPE[1] / picture.shape[1]))
    shrunk = cv2.resize(picture, (TIP_SHAPE[1], rows), interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, dtype=np.float32)


def _no_tip(path: Path) -> ConfigError:
    return ConfigError(path, "is no brush tip: it is one grey all over", "give a picture with texture")


def tip_digest(path: Path) -> str:
    """Return the SHA-256 of a tip's file, so that a record names the very picture. Raises ConfigError."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError(path, f"cannot be read as a brush tip: {error.strerror}") from error


def _tone(texture: NDArray[np.float64]) -> Tip:
    """Map ranks to opacity: 78 % lie below 0.08 (mean 0.013), the rest climbs steeply to 1."""
    ranks = np.empty(texture.size)
    ranks[np.argsort(texture, axis=None)] = np.linspace(0, 1, texture.size)
    faint = 0.08 * (ranks / 0.78) ** 5
    dense = 0.08 + 0.92 * np.maximum((ranks - 0.78) / 0.22, 0) ** 5.3
    return np.where(ranks < 0.78, faint, dense).reshape(texture.shape).astype(np.float32)


def _window() -> NDArray[np.float64]:
    """Fall from 1 in the middle to 0 at the rim."""
    y, x = (np.linspace(-1, 1, n) for n in TIP_SHAPE)
    return np.clip(1.2 * (1 - np.hypot(y[:, None], x[None, :])), 0, 1) ** 0.7


def _streaks(*, rng: np.random.Generator) -> NDArray[np.float64]:
    """Noise drawn out along the brush, as the bristles of a dry brush leave it."""
    fine = smooth_noise(TIP_SHAPE, (2.0, 40.0), rng=rng)
    coarse = smooth_noise(TIP_SHAPE, (9.0, 30.0), rng=rng)
    return np.clip(fine + 0.7 * coarse + 1.5, 0, None)


def _flecks(*, rng: np.random.Generator) -> NDArray[np.float64]:
    """Blots of many sizes."""
    blots = [smooth_noise(TIP_SHAPE, (size, size), rng=rng) for size in (3.0, 6.0, 12.0)]
    return np.clip(blots[0] + blots[1] + 0.6 * blots[2] + 1.2, 0, None)


def _haze(*, rng: np.random.Generator) -> NDArray[np.float64]:
    """A soft cloud with a little grain."""
    cloud = smooth_noise(TIP_SHAPE, (22.0, 30.0), rng=rng)
    grain = smooth_noise(TIP_SHAPE, (4.0, 5.0), rng=rng)
    return np.clip(cloud + 0.35 * grain + 1.6, 0, None)
