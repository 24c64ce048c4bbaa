"""Opacities scale with the anatomy: the same radiograph of more pixels shows the same opacities, drawn finer."""

import cv2
import numpy as np
import pytest

from artasyn.synth.opacities import synthesize
from artasyn.synth.opacities.kinds.registry import KINDS
from artasyn.synth.seeds import generator
from tests.chests import chest, config_of

SIDE, DRAWS = 128, 8
BANDS = (0.02, 0.05, 0.1, 0.2)
"""Borders of the bands of frequency, in cycles a pixel of the smaller image."""


@pytest.mark.parametrize("kind", KINDS)
def test_share_and_texture_do_not_depend_on_the_number_of_pixels(kind):
    (small_share, small), (large_share, large) = (_measured(kind, size) for size in (SIDE, 3 * SIDE))
    assert large_share == pytest.approx(small_share, rel=0.15)
    # A texture that kept its pixels would differ by a factor of 1.8 and more in ground_glass, patchy, reticular,
    # airspace and nodular; lobar has too little texture to tell.
    assert np.abs(np.log10(large / small)).max() < 0.2


def _measured(kind: str, size: int) -> tuple[float, np.ndarray]:
    """Return the mean alpha and the mean power in each band, on `SIDE` pixels."""
    image, labels = chest(size=size)
    shares, powers = [], []
    for seed in range(DRAWS):
        opacity = synthesize(image, labels, rng=generator(seed, "scaling", 0), config=config_of(kind))
        alpha = cv2.resize(opacity.alpha / np.float32(255), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        shares.append(alpha.mean())
        powers.append(_power(alpha))
    return float(np.mean(shares)), np.mean(powers, axis=0)


def _power(alpha: np.ndarray) -> np.ndarray:
    window = np.hanning(SIDE)[:, None] * np.hanning(SIDE)
    power = np.abs(np.fft.fft2(alpha * window)) ** 2
    band = np.digitize(np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.fftfreq(SIDE)), BANDS)
    return np.array([power[band == k].mean() for k in range(1, len(BANDS))])
