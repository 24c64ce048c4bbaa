"""Laws of the strip between an opacity and the border of the lung field."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from artasyn.synth.config import load_config
from artasyn.synth.opacities import OpacityRecord, render_opacity, synthesize
from artasyn.synth.opacities.compositing.border_gap import close_border_gap
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.seeds import generator
from tests.chests import chest


def _lung(scale: int = 1) -> tuple[np.ndarray, Lungs]:
    """Return the columns' numbers of a 256-pixel image and one square lung, columns 60 to 180."""
    labels = np.zeros((256 * scale, 256 * scale), np.uint8)
    labels[40 * scale : 220 * scale, 60 * scale : 180 * scale] = 1
    return np.broadcast_to(np.arange(256 * scale) / scale, labels.shape), Lungs(labels)


@pytest.mark.parametrize("scale", [1, 2, 4])
@pytest.mark.parametrize("gap", [4, 8])
def test_a_narrow_strip_at_the_border_is_filled_whatever_the_pixels(scale, gap):
    columns, lungs = _lung(scale)
    alpha = ((columns >= 100) & (columns < 180 - gap)).astype(np.float32) * 0.8
    closed = close_border_gap(alpha, lungs, width=12)
    strip = closed[130 * scale, int((180 - gap) * scale) : 180 * scale]
    assert strip.min() > 0.7
    assert closed.max() <= alpha.max() + 1e-6
    assert (closed >= alpha).all()
    assert closed[130 * scale, : 90 * scale].max() < 1e-6


def test_no_filling_is_denser_than_the_opacity_about_it():
    image, labels = chest()
    lungs = Lungs(labels)
    grain = generator(5, "gap", 0).random(image.shape, np.float32)
    alpha = np.where(grain > 0.5, grain, 0).astype(np.float32)
    about = cv2.dilate(alpha, np.ones((61, 61), np.uint8))
    assert (close_border_gap(alpha, lungs, width=12) <= about + 1e-6).all()


def test_the_filling_ends_at_the_border():
    columns, lungs = _lung()
    alpha = ((columns >= 100) & (columns < 174)).astype(np.float32) * 0.8
    closed = close_border_gap(alpha, lungs, width=12)
    assert closed[130, 178] > 0.4
    assert closed[130, 186:].max() < 0.01


@pytest.mark.parametrize("last", [150, 165])
def test_a_wide_strip_stays_spared(last):
    columns, lungs = _lung()
    alpha = ((columns >= 100) & (columns < last)).astype(np.float32) * 0.8
    assert close_border_gap(alpha, lungs, width=8)[130, last + 5 : 180].max() < 0.05


def test_gaps_within_the_lung_stay():
    columns, lungs = _lung()
    alpha = (np.abs(columns - 120) < 20).astype(np.float32) * (np.abs(columns - 120) > 3)
    closed = close_border_gap(alpha, lungs, width=12)
    np.testing.assert_allclose(closed[100:160], alpha[100:160], atol=1e-6)


@pytest.mark.parametrize("gap", [0.0, 12.0])
def test_a_record_tells_the_gap_where_one_is_closed(gap):
    image, labels = chest()
    config = load_config("default").opacities
    config = replace(config, gates=replace(config.gates, border_gap=gap))
    opacity = synthesize(image, labels, rng=generator(3, "gap", 0), config=config)
    values = opacity.record.to_dict()
    assert ("border_gap" in values["gates"]) == (gap > 0)
    again = render_opacity(OpacityRecord.from_dict(values), image, labels)
    np.testing.assert_array_equal(again.altered, opacity.altered)
