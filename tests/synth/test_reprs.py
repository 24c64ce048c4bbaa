"""What a person at a prompt sees of a result: one line with shape and shares, none of the pixels."""

import numpy as np

from artasyn.synth.lungs import LungField
from artasyn.synth.opacities import SecondImage, synthesize
from artasyn.synth.seeds import generator
from tests.chests import chest, config_of

LABELS = np.repeat(np.array([[0, 0, 0, 1, 2]], np.uint8), 10, axis=1)


def test_a_lung_field_says_shape_shares_and_verdict() -> None:
    field = LungField(labels=LABELS, quality=0.9876, reason="uncertain")
    said = "right 20.0 %, left 20.0 % of (1, 50), quality=0.988, reason='uncertain'"
    assert repr(field) == f"LungField({said})"


def test_an_opacity_says_what_was_drawn_and_how_much_it_takes() -> None:
    image, labels = chest()
    second = SecondImage(image_id="other", pixels_sha256="", pixels=image[:, ::-1].copy())
    for name in ("nodular", "nsa_in_lung"):
        config = config_of(name)
        opacity = synthesize(image, labels, rng=generator(0, "repr", 0), config=config, second=lambda: second)
        shares = f"mask {100 * opacity.mask.mean():.1f} %, outline {100 * opacity.outline.mean():.1f} %"
        assert repr(opacity) == f"Opacity({name}: {shares} of {image.shape})"
    assert repr(second) == "SecondImage(image_id='other', pixels_sha256='')"
