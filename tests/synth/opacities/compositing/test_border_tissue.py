"""Laws of a dense opacity beside heart and diaphragm, which it is as bright as."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from artasyn.synth.config import load_config
from artasyn.synth.opacities import OpacityRecord, render_opacity, synthesize
from artasyn.synth.opacities.compositing.blend import DrawnBlend, blend
from artasyn.synth.opacities.compositing.chest import Chest
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.seeds import generator
from tests.chests import chest


def _filled(scale: int = 1, **values: float) -> np.ndarray:
    """Fill a lung between chest walls of 150, into which a dome of 220 rises up to row 160; 256 pixels a side."""
    size = 256 * scale
    labels = np.zeros((size, size), np.uint8)
    labels[40 * scale : 210 * scale, 60 * scale : 180 * scale] = 1
    dome = cv2.circle(np.zeros_like(labels), (120 * scale, 200 * scale), 40 * scale, 1, -1) > 0
    labels[dome] = 0
    image = np.where(dome, 220, np.where(labels > 0, 80, 150)).astype(np.uint8)
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), 1.5 * scale), np.uint8)
    drawn = DrawnBlend(colour=190, reach=1.5, surroundings=24, relief=14, fade=0.0, **values)
    full = np.asarray(np.rint(Lungs(labels).whole * 255), np.uint8)
    filled = blend(Chest(image, Lungs(labels)), full, drawn)
    return np.asarray(cv2.resize(filled, (256, 256), interpolation=cv2.INTER_AREA)).astype(int)


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_full_opacity_hides_the_border_it_touches(scale):
    hidden, seen = (
        _filled(scale, **values)[150:180, 110:130].mean(axis=1)
        for values in ({"border": 6.0, "behind": 0.03}, {"border": 0.0, "behind": 0.15})
    )
    assert np.ptp(hidden) < 0.6 * np.ptp(seen)
    assert np.diff(hidden).max() < 0.6 * np.diff(seen).max()


def test_at_the_chest_wall_it_is_no_brighter_than_the_wall():
    assert _filled(border=6.0, behind=0.03)[60:100, 62:76].max() <= 160


def test_nothing_beyond_the_border_is_brightened_where_no_air_is_behind():
    assert _filled(border=6.0, behind=0.0)[186:].max() <= 222


@pytest.mark.parametrize(("border", "behind"), [(0.0, 0.15), (6.0, 0.03)])
def test_a_record_tells_what_older_ones_do_not_know_only_where_it_differs(border, behind):
    image, labels = chest()
    config = load_config("default").opacities
    config = replace(config, blend=replace(config.blend, border=border, behind=behind))
    opacity = synthesize(image, labels, rng=generator(3, "border", 0), config=config)
    values = opacity.record.to_dict()
    assert ({"border", "behind"} <= set(values["blend"])) == (border > 0)
    again = render_opacity(OpacityRecord.from_dict(values), image, labels)
    np.testing.assert_array_equal(again.altered, opacity.altered)
