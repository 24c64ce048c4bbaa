"""Laws of doubt: no lungs, lungs in the negative alone, a squeezed shape; nothing else."""

import numpy as np
import pytest
from numpy.typing import NDArray

from artasyn.eval.prediction.predictor import Predictor
from artasyn.eval.prediction.reliability import doubts, few_greys

LUNGS = np.full((64, 64), 200, np.uint8)
LUNGS[10:50, 8:28] = LUNGS[10:50, 36:56] = 40


def dark(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Find lungs as a network does that knows dark fields on bright bodies."""
    return ((image < 100) & (image.mean() > 128)).astype(np.float32)


def said(
    image: NDArray[np.uint8], shape: tuple[int, int] = (64, 64), squaring: str = "squeeze"
) -> tuple[str, ...]:
    return doubts(image, shape, squaring=squaring, lungs=dark(image), find_lungs=dark)


def test_an_ordinary_radiograph_raises_no_doubt() -> None:
    assert said(LUNGS, (1000, 1290)) == ()


def test_no_lungs_one_lung_and_the_negative_are_told() -> None:
    one = LUNGS.copy()
    one[:, 32:] = 200
    assert said(np.full((64, 64), 200, np.uint8)) == said(one) == ("no lungs found",)
    assert said(255 - LUNGS) == ("lungs show in the negative alone",)


@pytest.mark.parametrize("shape", [(1000, 1310), (1310, 1000)])
def test_a_long_image_is_doubtful_where_it_is_squeezed_alone(shape: tuple[int, int]) -> None:
    assert said(LUNGS, shape) == ("sides of 1.31 to 1, squeezed to a square",)
    assert said(LUNGS, shape, "pad") == ()


def test_a_network_without_a_lungs_head_tells_by_the_shape_alone() -> None:
    blank = np.zeros((64, 64), np.uint8)
    assert doubts(blank, (64, 64), squaring="squeeze", lungs=None, find_lungs=lambda _: None) == ()


@pytest.mark.parametrize(("excess", "doubted"), [(None, 0), (2.9, 0), (3.1, 1)])
def test_an_image_far_from_all_of_the_training_is_doubtful(excess: float | None, doubted: int) -> None:
    found = doubts(
        LUNGS, (64, 64), squaring="squeeze", lungs=dark(LUNGS), find_lungs=dark, excess_distance=excess
    )
    assert [text.startswith("unlike any radiograph") for text in found] == [True] * doubted


def test_the_starter_run_says_that_a_drawing_is_no_radiograph() -> None:
    chest = np.full((128, 128), 160, np.uint8)
    y, x = np.mgrid[:128, :128]
    for centre in (42, 86):
        chest[((x - centre) / 18) ** 2 + ((y - 62) / 38) ** 2 < 1] = 70
    [prediction] = Predictor.load("starter").predict([chest])
    assert "unlike any radiograph that the run was trained on" in prediction.doubts


def test_lungs_that_are_surer_when_turned_and_few_greys_are_told() -> None:
    def sure_upright(image: NDArray[np.uint8]) -> NDArray[np.float32]:
        apex_is_up = image[8, 32] == 99
        return dark(image) * np.float32(0.99 if apex_is_up else 0.6)

    upright = LUNGS.copy()
    upright[8, 32] = 99
    for turns, doubt in ((0, ()), (2, ("lungs show better when the picture is turned",))):
        image = np.ascontiguousarray(np.rot90(upright, turns))
        found = doubts(
            image, (64, 64), squaring="squeeze", lungs=sure_upright(image), find_lungs=sure_upright
        )
        assert found == doubt
    assert few_greys(LUNGS) == ("a few grey values alone, as in a mask",)
    assert few_greys(np.arange(64 * 64).reshape(64, 64).astype(np.uint8)) == ()
