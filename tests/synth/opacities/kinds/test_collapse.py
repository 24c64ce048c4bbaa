"""Laws of a collapsed lobe: it shrinks towards its place, its fissure bows into it, the rest of the lung is spared."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from artasyn.data_manifests.errors import ConfigError
from artasyn.synth.opacities import OpacityConfig, OpacityRecord, draw_opacity, synthesize
from artasyn.synth.opacities.config import ExtentConfig
from artasyn.synth.opacities.fields.lobes import LOBES, render_lobe
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.seeds import generator
from tests.chests import chest, config_of

LUNGS = Lungs(chest(size=256)[1])


def lobe(name: str, *, lost: float, bow: float = 0.05, softness: float = 2.0) -> np.ndarray:
    return render_lobe(name, LUNGS, volume_lost=lost, bow=bow, shift=(0.0, 0.0), softness=softness)


@pytest.mark.parametrize("name", LOBES)
def test_the_more_volume_is_lost_the_smaller_the_lobe_and_it_shrinks_into_itself(name):
    visible = LUNGS.labels == LOBES[name].side
    fields = [lobe(name, lost=lost) * visible for lost in (0.15, 0.4, 0.65, 0.9)]
    areas = [field.sum() for field in fields]
    assert areas == sorted(areas, reverse=True)
    assert areas[-1] < 0.6 * areas[0]
    assert areas[-1] > 0.02 * visible.sum()
    for larger, smaller in pairwise(fields):
        assert np.clip(smaller - larger, 0, None).sum() < 0.03 * larger.sum()


@pytest.mark.parametrize("name", LOBES)
def test_a_fissure_is_bowed_into_its_lobe(name):
    straight, bowed = lobe(name, lost=0.5, bow=0.0), lobe(name, lost=0.5, bow=0.12)
    assert (bowed <= straight + 1e-4).all()
    assert bowed.sum() < 0.97 * straight.sum()


@pytest.mark.parametrize(
    ("name", "high", "medial"),
    [
        ("right_upper", (0.0, 0.4), (0.0, 0.5)),
        ("right_middle", (0.5, 0.85), (0.0, 0.4)),
        ("right_lower", (0.5, 1.0), (0.0, 0.45)),
        ("left_upper", (0.0, 0.6), (0.0, 0.6)),
        ("left_lower", (0.5, 1.0), (0.0, 0.45)),
    ],
)
def test_a_collapsed_lobe_lies_where_a_reader_looks_for_it(name, high, medial):
    side = LOBES[name].side
    field = lobe(name, lost=0.9)
    assert not field[LUNGS.labels == 3 - side].any()
    height, lateral = LUNGS.coordinates(side)
    weight = field * (LUNGS.labels == side)
    assert high[0] < (weight * height).sum() / weight.sum() < high[1]
    assert medial[0] < (weight * lateral).sum() / weight.sum() < medial[1]


def test_the_minor_fissure_is_pulled_up_at_the_chest_wall():
    ends = []
    for lost in (0.15, 0.5):
        wall = lobe("right_upper", lost=lost)[:, 45:50].max(axis=1) > 0.5
        ends.append(np.flatnonzero(wall).max(initial=0))
    assert ends[1] < ends[0] - 15


def test_severity_is_the_share_of_volume_lost_and_the_rest_of_the_lungs_is_unchanged():
    image, labels = chest()
    for severity, lost in ((0.0, 0.15), (1.0, 0.9)):
        config = replace(config_of("collapse"), severity=(severity, severity), outline_width=0.0)
        opacity = synthesize(image, labels, rng=generator(1, "collapse", 0), config=config)
        assert opacity.record.kinds[0].params.volume_lost == pytest.approx(lost)
        assert np.array_equal(opacity.altered[opacity.alpha == 0], image[opacity.alpha == 0])
        assert opacity.alpha[labels > 0].min() == 0


def test_it_is_drawn_on_the_affected_side_and_in_lower_lobes_more_often_where_the_base_is_preferred():
    image, labels = chest()
    lower = []
    for basal in (-1.0, 2.0):
        extent = ExtentConfig(bilateral_probability=1.0, basal=(basal, basal))
        config = replace(config_of("collapse"), extent=extent)
        drawn = [draw_opacity(image, labels, rng=generator(s, "l", 0), config=config) for s in range(40)]
        lower.append(sum("lower" in record.kinds[0].params.lobe for record in drawn))
    assert lower[1] > lower[0] + 5
    left = np.where(labels == 2, labels, 0)
    for seed in range(5):
        record = draw_opacity(image, left, rng=generator(seed, "l", 0), config=config)
        assert record.kinds[0].params.lobe.startswith("left")


def test_a_record_of_a_lobe_that_there_is_not_is_refused():
    image, labels = chest()
    values = draw_opacity(image, labels, rng=generator(0, "", 0), config=config_of("collapse")).to_dict()
    values["kinds"][0]["params"]["lobe"] = "left_middle"
    with pytest.raises(ConfigError, match="must be one of"):
        OpacityRecord.from_dict(values)


def test_the_default_mixture_leaves_it_out():
    assert "collapse" not in OpacityConfig().kinds
