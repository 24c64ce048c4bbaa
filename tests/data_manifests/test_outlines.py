"""Laws of outlines: the inner edge, as wide as asked for, by an independent erosion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from artasyn.data_manifests.outlines import outline_of, with_outline


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_an_outline_is_the_mask_without_its_erosion(seed: int, width: int) -> None:
    mask = np.random.default_rng(seed).random((23, 31)) < 0.9
    eroded = ndimage.binary_erosion(mask, np.ones((3, 3)), iterations=width, border_value=0)
    assert np.array_equal(outline_of(mask, width=width), mask & ~eroded)


@pytest.mark.parametrize("width", [1, 2])
def test_an_outline_lies_on_the_mask_and_nowhere_else(width: int) -> None:
    mask = np.zeros((20, 20), bool)
    mask[5:15, 5:15] = True
    drawn = with_outline(np.zeros((20, 20, 3), np.uint8), mask, (9, 8, 7), width=width)
    assert {tuple(colour) for colour in drawn.reshape(-1, 3).tolist()} == {(0, 0, 0), (9, 8, 7)}
    assert (drawn.any(-1) <= mask).all()
    assert drawn.any(-1).sum() == 100 - (10 - 2 * width) ** 2
