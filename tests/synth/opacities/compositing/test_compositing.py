"""Laws of the truth about an opacity (mask, outline) and of how it meets the image."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.measure import label

from artasyn.synth.config import load_config
from artasyn.synth.opacities import synthesize
from artasyn.synth.opacities.compositing.blend import DrawnBlend, blend, draw_blend
from artasyn.synth.opacities.compositing.chest import Chest
from artasyn.synth.opacities.compositing.reader_outline import fill_outline
from artasyn.synth.opacities.compositing.visible_mask import SPECK, VISIBLE, visible_mask
from artasyn.synth.opacities.config import BlendConfig
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.seeds import generator
from tests.chests import chest, config_of

PAINT = BlendConfig(reach=(1.0, 1.0), relief=0.0, surroundings=0.0)


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_every_mask_pixel_changes_visibly_and_belongs_to_no_speck(preset):
    image, labels = chest(size=128)
    config = load_config(preset).opacities
    for seed in range(12):
        opacity = synthesize(image, labels, rng=generator(seed, "mask", 0), config=config)
        change = np.abs(opacity.altered.astype(int) - image)
        assert change[opacity.mask > 0].min() >= VISIBLE
        pieces = label(opacity.mask, connectivity=2)
        assert np.bincount(pieces.ravel())[1:].min() >= SPECK * image.size
        # What is visible and not in the mask lies in specks.
        left_out = label(change >= VISIBLE, connectivity=2) * (opacity.mask == 0)
        assert np.bincount(left_out.ravel())[1:].max(initial=0) < SPECK * image.size


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**20), darker=st.booleans())
def test_a_mask_knows_brighter_and_darker_and_leaves_specks_out(seed, darker):
    rng = np.random.default_rng(seed)
    image = rng.integers(60, 180, (256, 256)).astype(np.uint8)
    change = np.zeros((256, 256), np.uint8)
    change[10:15, 10:16] = VISIBLE  # 30 pixels
    change[100:104, 20:28] = VISIBLE  # 32 pixels
    change[200:240, 200:240] = VISIBLE - 1
    mask = visible_mask(image, image - change if darker else image + change)
    assert mask.sum() == 32
    assert mask[100:104, 20:28].all()


def test_the_outline_only_adds_and_only_inside_the_lungs():
    image, labels = chest()
    config = config_of("patchy")
    rough = replace(config, outline_width=0.0)
    for seed in range(5):
        smooth = synthesize(image, labels, rng=generator(seed, "o", 0), config=config)
        plain = synthesize(image, labels, rng=generator(seed, "o", 0), config=rough)
        changed = smooth.alpha != plain.alpha
        assert (smooth.alpha >= plain.alpha).all()
        assert (smooth.alpha[changed] <= config.outline_threshold + 1).all()
        assert not changed[labels == 0].any()


def test_the_veil_of_the_outline_fades_away():
    labels = np.zeros((256, 256), np.uint8)
    labels[20:236, 20:236] = 1
    alpha = np.zeros((256, 256), np.uint8)
    alpha[60:120, 60:196] = alpha[120:196, 60:100] = 200  # an L with one bay
    veiled = fill_outline(alpha, Lungs(labels), threshold=20, width=24).astype(int)
    bay = veiled[122:230, 102:230]
    assert (bay > 20).any()
    assert not bay[-20:].any()
    assert max(np.abs(np.diff(bay, axis=axis)).max() for axis in (0, 1)) <= 3


def test_attenuation_keeps_the_grain_that_paint_covers():
    image, labels = chest(size=256)
    lung = cv2.erode((labels == 1).astype(np.uint8), np.ones((25, 25))) > 0
    half = np.where(labels > 0, 128, 0).astype(np.uint8)
    grain = {"none": _grain(image, lung)}
    for name, config in {"paint": PAINT, "attenuation": BlendConfig(fade=(0.0, 0.0))}.items():
        drawn = draw_blend(Chest(image, Lungs(labels)), config, rng=generator(0, "grain", 0))
        grain[name] = _grain(blend(Chest(image, Lungs(labels)), half, drawn), lung)
    assert grain["attenuation"] == pytest.approx(grain["none"], rel=0.05)
    assert grain["paint"] == pytest.approx(0.5 * grain["none"], rel=0.15)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**20),
    reach=st.floats(0, 4),
    relief=st.sampled_from([0.0, 3.0, 14.0]),
    surroundings=st.sampled_from([0.0, 24.0]),
    border=st.sampled_from([0.0, 6.0]),
    behind=st.floats(0, 1),
)
def test_nothing_darkens_whatever_the_image_and_the_alpha(seed, reach, relief, surroundings, border, behind):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (96, 96)).astype(
        np.uint8
    )  # grain far above any level, in the lungs and beside them
    alpha = rng.integers(0, 256, image.shape).astype(np.uint8)
    drawn = DrawnBlend(
        colour=float(rng.integers(256)),
        reach=reach,
        surroundings=surroundings,
        relief=relief,
        fade=1.0,
        border=border,
        behind=behind,
    )
    assert (blend(Chest(image, Lungs(chest()[1])), alpha, drawn) >= image).all()


def _grain(image, lung):
    return (image - cv2.GaussianBlur(image.astype(float), (0, 0), 2))[lung].std()
