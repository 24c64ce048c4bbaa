"""Laws of the lungs' hidden part, of what hides borders, and of opacities with depth."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from artasyn.synth.config import load_config
from artasyn.synth.opacities import render_opacity, synthesize
from artasyn.synth.opacities.compositing.blend import DrawnBlend, blend
from artasyn.synth.opacities.compositing.chest import Chest
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise_bank import SIDE, cut_noise, noise_volume
from artasyn.synth.opacities.kinds.airspace import AirspaceParams, Filling, render_airspace
from artasyn.synth.opacities.kinds.effusion import EffusionParams, Fluid
from artasyn.synth.seeds import generator
from tests.chests import chest, config_of


def notched(size: int = 256) -> np.ndarray:
    """Return the lungs of `chest` with a heart cut out of the left one (on the right of the image)."""
    _, labels = chest(size=size)
    cv2.circle(labels, (int(0.55 * size), int(0.62 * size)), int(0.14 * size), 0, -1)
    return labels


def test_the_hidden_part_lies_behind_heart_and_diaphragm_only():
    labels = notched()
    lungs = Lungs(labels)
    assert not lungs.hidden[labels > 0].any()
    assert lungs.hidden.min() >= 0
    assert lungs.hidden.max() <= 1.0
    heart, below = lungs.hidden[150:170, 158:164], lungs.hidden[216:220, 170:190]
    assert heart.mean() > 0.3
    assert below.mean() > 0.3
    assert not lungs.hidden[:, :20].any()
    assert not lungs.hidden[:20].any()


def test_a_lung_reaches_as_far_at_any_resolution():
    small, large = (Lungs(notched(size)).hidden for size in (256, 1024))
    shrunk = cv2.resize(large, (256, 256), interpolation=cv2.INTER_AREA)
    assert np.abs(shrunk - small).mean() < 0.01


def test_a_dense_opacity_is_as_bright_as_soft_tissue_and_not_brighter():
    image, labels = chest(size=256)
    image = np.where(labels > 0, 90, 190).astype(np.uint8)
    drawn = DrawnBlend(colour=190, reach=2.2, surroundings=24, relief=14, fade=0.0)
    full = np.where(labels > 0, 255, 0).astype(np.uint8)
    deep = cv2.erode((labels > 0).astype(np.uint8), np.ones((31, 31))) > 0
    filled = blend(Chest(image, Lungs(labels)), full, drawn)
    assert filled[deep].min() >= 180
    assert filled[deep].max() <= 195


def test_fluid_hides_the_border_of_the_diaphragm():
    labels = notched()
    image = np.where(labels > 0, 90, 190).astype(np.uint8)
    image = cv2.GaussianBlur(image, (0, 0), 2)
    config = load_config("default").opacities
    opacity = synthesize(image, labels, rng=generator(0, "fluid", 0), config=config_of("effusion"))
    fluid = Fluid(side=1, share=0.4, meniscus=0.2, softness=0.2, top_density=0.9, base_density=1.0, seed=1)
    kind = replace(opacity.record.kinds[0], params=EffusionParams(fluids=(fluid,)))
    blend_in = replace(opacity.record.blend, fade=0.1)
    record = replace(opacity.record, kinds=(kind,), gates=config.gates, blend=blend_in)
    filled = render_opacity(record, image, labels).altered
    base = np.s_[190:230, 70:84]
    edge = [np.abs(np.diff(picture[base].astype(int), axis=0)).max() for picture in (image, filled)]
    assert edge[1] < 0.4 * edge[0]
    assert filled[labels == 1][-200:].min() > 150  # no dark line of spared lung at the very base


def filling(**values: float) -> AirspaceParams:
    neutral = {
        "softness": 0.5,
        "basal": 0,
        "pleural": 0,
        "perihilar": 0,
        "dorsal": 0,
        "grain": 16,
        "share": 0.3,
    }
    chosen = Filling(side=1, volume=0, start=(3.0, 5.0, 7.0), **(neutral | values))
    return AirspaceParams(fillings=(chosen,), density=1.0)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_rays_add_up_to_the_filled_share_of_the_volume(share):
    _, labels = chest(size=256)
    alpha = render_airspace(filling(share=share), Lungs(labels))
    assert alpha[labels == 1].mean() == pytest.approx(share, abs=0.12)
    assert not alpha[labels == 2].any()


@pytest.mark.parametrize(
    ("preference", "denser", "fainter"),
    [
        ("basal", np.s_[180:205, 60:95], np.s_[50:75, 60:95]),
        ("perihilar", np.s_[105:130, 95:112], np.s_[190:205, 60:80]),
        ("pleural", np.s_[110:150, 40:48], np.s_[110:150, 70:85]),
    ],
)
def test_a_filling_prefers_what_it_is_asked_to(preference, denser, fainter):
    _, labels = chest(size=256)
    alpha = render_airspace(filling(**{preference: 3.0}), Lungs(labels))
    assert alpha[denser].mean() > 1.5 * alpha[fainter].mean() + 0.05


def test_its_texture_scales_with_the_anatomy():
    small, large = (render_airspace(filling(grain=12), Lungs(chest(size=size)[1])) for size in (256, 768))
    shrunk = cv2.resize(large, (256, 256), interpolation=cv2.INTER_AREA)
    inside = cv2.erode((chest(size=256)[1] == 1).astype(np.uint8), np.ones((9, 9))) > 0
    assert np.corrcoef(shrunk[inside], small[inside])[0, 1] > 0.95


def test_the_noise_bank_repeats_itself_and_is_the_same_everywhere():
    assert noise_volume(0) is noise_volume(0)
    assert noise_volume(0).std() == pytest.approx(1, abs=1e-3)
    at = {"cell": 8.0, "depth": 2, "step": 1.0, "volume": 0}
    here, there = (cut_noise((32, 32), start=(1.0, row, 4.0), **at) for row in (2.0, 2.0 + SIDE))
    np.testing.assert_allclose(here[0], there[0], atol=1e-5)
    assert not np.array_equal(here[0], here[1])
