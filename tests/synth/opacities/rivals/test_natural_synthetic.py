"""NSA lays its patches exactly where its record says."""

import numpy as np
import pytest

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.rivals.natural_synthetic import NsaParams, NsaPatch, render_nsa_normal
from artasyn.synth.opacities.rivals.scene import Scene, SecondImage


def cloned(image, target):
    second = SecondImage(image_id="", pixels_sha256="", pixels=image)
    scene = Scene(image, Lungs(np.ones_like(image)), in_lung=False, read_second=lambda: second)
    patch = NsaPatch(source=(40, 50, *target[2:]), target=target)
    return render_nsa_normal(NsaParams(patches=(patch,)), scene)


@pytest.mark.parametrize(("height", "width"), [(30, 30), (31, 30), (30, 31), (31, 33), (41, 24)])
def test_a_patch_cloned_onto_itself_changes_nothing_and_one_beside_does(height, width):
    image = np.random.default_rng(0).integers(60, 200, (128, 128)).astype(np.uint8)
    same = cloned(image, (40, 50, height, width))
    assert np.abs(same.altered.astype(int) - image).max() <= 1  # rounding of the solver
    beside = cloned(image, (40, 51, height, width))
    assert np.abs(beside.altered.astype(int) - image).max() > 50
    assert beside.patch[41:69, 52:70].all()
    assert not beside.patch[:, :52].any()


@pytest.mark.parametrize("size", [(3, 60), (60, 3), (4, 60), (60, 4)])
def test_a_patch_too_thin_to_be_cloned_is_left_out(size):
    image = np.random.default_rng(0).integers(60, 200, (128, 128)).astype(np.uint8)
    painted = cloned(image, (40, 51, *size))
    assert np.array_equal(painted.altered, image)
    assert not painted.patch.any()
