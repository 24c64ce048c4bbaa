"""Laws of squaring and of the way back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artasyn.data_manifests.errors import ConfigError
from artasyn.data_manifests.images.geometry import Squaring

SIDES = st.integers(8, 200)
RULES = st.sampled_from(["squeeze", "pad"])


@given(SIDES, SIDES, st.integers(16, 64), RULES)
def test_a_box_keeps_its_place_in_the_image(height: int, width: int, size: int, rule: str) -> None:
    squaring = Squaring((height, width), size, rule)  # type: ignore[arg-type]
    left, top, across, down = squaring.box((0, 0, width, height))
    inner = squaring.box((0.25 * width, 0.5 * height, 0.5 * width, 0.25 * height))
    expected = (left + 0.25 * across, top + 0.5 * down, 0.5 * across, 0.25 * down)
    assert inner == pytest.approx(expected)
    odd_row = size / max(height, width) if rule == "pad" else 0.0
    assert (2 * left + across, 2 * top + down) == pytest.approx((size, size), abs=odd_row + 1e-6)


@given(SIDES, SIDES, RULES)
def test_the_way_back_has_the_images_shape_and_keeps_flat_maps(height: int, width: int, rule: str) -> None:
    squaring = Squaring((height, width), 32, rule)  # type: ignore[arg-type]
    flat = squaring.map_back(np.full((32, 32), 0.25, np.float32))
    assert np.array_equal(flat, np.full((height, width), 0.25, np.float32))
    assert squaring.image(np.zeros((height, width), np.uint8)).shape == (32, 32)


@pytest.mark.parametrize("rule", ["squeeze", "pad"])
@pytest.mark.parametrize("shape", [(40, 40), (20, 40), (40, 20)])
def test_a_mask_lies_in_its_box(shape: tuple[int, int], rule: str) -> None:
    mask = np.zeros(shape, bool)
    mask[4:12, 8:16] = True
    squaring = Squaring(shape, 160, rule)  # type: ignore[arg-type]
    square = squaring.mask(mask)
    x, y, width, height = map(round, squaring.box((8, 4, 8, 8)))
    assert square[y : y + height, x : x + width].all()
    assert square.sum() == width * height


def test_the_rule_alone_decides_about_borders() -> None:
    image = np.full((10, 20), 200, np.uint8)
    assert (Squaring((10, 20), 20, "squeeze").image(image) == 200).all()
    assert np.array_equal(
        Squaring((10, 20), 20, "pad").image(image)[:, 0] > 0, [False] * 5 + [True] * 10 + [False] * 5
    )
    with pytest.raises(ConfigError, match="must be squeeze or pad"):
        Squaring((10, 20), 20, "crop")  # type: ignore[arg-type]
