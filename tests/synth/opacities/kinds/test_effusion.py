"""Laws of fluid: in erect patients a meniscus that is highest at the chest wall, and no angle left open."""

from dataclasses import replace

import numpy as np
import pytest

from artasyn.data_manifests.config import config_from_dict
from artasyn.synth.opacities import render_opacity, synthesize
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.kinds.effusion import EffusionParams, Fluid, effusion_room, render_effusion
from artasyn.synth.seeds import generator
from tests.chests import chest, config_of

CUT = 205
"""Row at which the lung field that was found ends, above the base of the lung."""


def fluid(*, erect: bool, side: int = 1, share: float = 0.4) -> EffusionParams:
    drawn = Fluid(
        side=side,
        share=share,
        meniscus=0.3,
        softness=0.1,
        top_density=0.8,
        base_density=1.0,
        seed=1,
        erect=erect,
    )
    return EffusionParams(fluids=(drawn,))


@pytest.mark.parametrize("side", [1, 2])
def test_the_upper_border_is_concave_and_highest_at_the_chest_wall(side):
    _, labels = chest(size=256)
    lungs = Lungs(labels)
    alpha = render_effusion(fluid(erect=True, side=side), lungs)
    _, _, left, right = lungs.boxes[side]
    shares = np.array([0.1, 0.5, 0.75, 0.9])  # of the way from the hilum to the wall
    columns = right - shares * (right - left) if side == 1 else left + shares * (right - left)
    medial, middle, lateral, outermost = (
        int(np.argmax((alpha[:, round(c)] > 0.4) & (labels[:, round(c)] == side))) for c in columns
    )
    assert outermost < lateral < middle
    assert lateral - outermost > (middle - lateral) * 0.6  # ever steeper
    assert medial <= middle


def test_fluid_fills_an_angle_that_the_lung_field_leaves_out():
    image, whole = chest(size=256)
    labels = np.where(np.arange(256)[:, None] < CUT, whole, 0).astype(np.uint8)
    # Below the border lies a dark strip, as where a lung field ends above the costophrenic angle.
    strip = (whole == 1) & (labels == 0) & (np.arange(256)[:, None] < CUT + 6)
    opacity = synthesize(image, labels, rng=generator(0, "angle", 0), config=config_of("effusion"))
    kind = opacity.record.kinds[0]
    lifted = {}
    for erect in (False, True):
        record = replace(opacity.record, kinds=(replace(kind, params=fluid(erect=erect)),))
        lifted[erect] = render_opacity(record, image, labels)
    assert image[strip].mean() < 120
    assert lifted[True].altered[strip].mean() > 150
    assert lifted[True].altered[strip].mean() > lifted[False].altered[strip].mean() + 10
    assert not lifted[True].outline[labels == 0].any()


@pytest.mark.parametrize("erect", [True, False])
def test_the_level_waves_a_little_by_its_seed(erect):
    _, labels = chest(size=256)
    lungs = Lungs(labels)
    params = fluid(erect=erect)
    levels = []
    for seed in range(4):
        alpha = render_effusion(EffusionParams(fluids=(replace(params.fluids[0], seed=seed),)), lungs)
        inside = labels == 1
        columns = np.flatnonzero(inside.sum(axis=0) > 100)[10:-10]
        levels.append([np.flatnonzero(alpha[:, c] > 0.4)[0] for c in columns])
    top, bottom, _, _ = lungs.boxes[1]
    spread = np.ptp(levels, axis=0) / (bottom - top)
    assert spread.max() > 0.01
    assert spread.max() < 0.06
    assert np.array_equal(render_effusion(params, lungs), render_effusion(params, lungs))


def test_fluid_stays_near_its_lung():
    _, labels = chest(size=256)
    lungs = Lungs(labels)
    room = effusion_room(fluid(erect=True), lungs)
    assert room.max() <= 1
    assert not room[:, :20].any()
    assert not room[245:].any()
    np.testing.assert_array_equal(effusion_room(fluid(erect=False), lungs), lungs.whole)


def test_the_recipe_says_how_often_a_patient_stands():
    image, labels = chest(size=96)
    config = config_of("effusion")
    for share in (0.0, 1.0):
        chosen = replace(config, extent=replace(config.extent, erect_probability=share))
        drawn = [synthesize(image, labels, rng=generator(s, "s", 0), config=chosen).record for s in range(8)]
        erect = {fluid.erect for record in drawn for fluid in record.kinds[0].params.fluids}
        assert erect == {share == 1.0}


def test_fluid_of_an_older_record_is_a_veil():
    before = {"side": 1, "share": 0.4, "meniscus": 0.2, "softness": 0.3, "seed": 1}
    values = {"fluids": [before | {"top_density": 0.5, "base_density": 1.0}]}
    assert not config_from_dict(EffusionParams, values, where="effusion").fluids[0].erect
