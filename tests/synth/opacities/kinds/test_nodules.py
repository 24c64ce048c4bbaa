"""Laws of nodules: small balls are faint, old records stay round, ragged ones stay in their window."""

import numpy as np
import pytest

from artasyn.data_manifests.config import config_from_dict
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.request import draw_request
from artasyn.synth.opacities.kinds.nodular import (
    FARTHEST,
    RAGGED,
    NodularParams,
    Nodule,
    draw_nodular,
    render_nodular,
)
from artasyn.synth.seeds import generator
from tests.chests import config_of

MIDDLE = {"row": 128.0, "column": 128.0}


def _square() -> Lungs:
    labels = np.zeros((256, 256), np.uint8)
    labels[20:236, 20:236] = 1
    return Lungs(labels)


def test_small_nodules_are_fainter_than_large_ones():
    lungs = _square()
    drawn = []
    for seed in range(40):
        request = draw_request(lungs, config_of("nodular"), rng=generator(seed, "request", 0))
        drawn += [
            (nodule.radius, nodule.density / (0.25 + 0.5 * request.severity))
            for nodule in draw_nodular(lungs, request, rng=generator(seed, "nodules", 0)).nodules
        ]
    radius, density = np.array(drawn).T
    assert density[radius < 6].mean() < 0.7 * density[radius > 14].mean()
    assert density.max() <= 1.1


def test_a_nodule_of_an_older_record_is_a_smooth_ball():
    plain = {"radius": 12.0, "squeeze": 1.0, "turn": 0.0, "density": 0.8, **MIDDLE}
    params = config_from_dict(NodularParams, {"nodules": [plain]}, where="nodular")
    alpha = render_nodular(params, _square())
    away = np.hypot(*(np.indices((256, 256)) - 128))
    ball = 0.8 * np.clip(1 - (away / 12) ** 2, 0, 1) ** 0.7
    np.testing.assert_allclose(alpha, ball, atol=1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_a_ragged_nodule_ends_before_its_window_does(seed):
    nodule = Nodule(radius=12.0, squeeze=0.75, turn=0.7, density=0.8, rim=1.0, **MIDDLE)
    alpha = render_nodular(NodularParams(nodules=(nodule,), ragged=RAGGED, seed=seed), _square())
    reach = int(12 / 0.75 * FARTHEST) + 2
    assert not alpha[128 - reach].any()
    assert not alpha[:, 128 + reach].any()
    assert alpha[128, 128] == pytest.approx(0.8, abs=1e-5)
