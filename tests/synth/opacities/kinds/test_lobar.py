"""Laws of a lobar opacity: a lobe that the lung has, sharp where rays meet its fissure edge on."""

from dataclasses import replace

import numpy as np

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.request import Request, draw_request
from artasyn.synth.opacities.kinds.lobar import Band, LobarParams, draw_lobar, render_lobar
from artasyn.synth.seeds import generator
from tests.chests import chest, config_of

LUNGS = Lungs(chest(size=256)[1])
DRAWS = 60


def drawn(side: int, *, basal: float = 0.0) -> list[Band]:
    """Return the bands of many draws in one lung."""
    request = replace(_request(), sides=(side,), basal=basal)
    rngs = (generator(seed, "lobar", side) for seed in range(DRAWS))
    return [band for rng in rngs for band in draw_lobar(LUNGS, request, rng=rng).lobes]


def _request() -> Request:
    return draw_request(LUNGS, config_of("lobar"), rng=generator(0, "request", 0))


def _is_middle(band: Band) -> bool:
    """Say whether a band ends before the apex and before the base."""
    return band.upper > 0 and band.lower < 1


def test_the_left_lung_has_no_middle_lobe() -> None:
    assert not any(_is_middle(band) for band in drawn(2))
    assert 5 < sum(_is_middle(band) for band in drawn(1)) < DRAWS / 2


def test_only_the_border_below_an_upper_and_above_a_middle_lobe_is_sharp() -> None:
    for band in drawn(1):
        upper, lower = band.upper_softness <= 0.2, band.lower_softness <= 0.2
        assert (upper, lower) == (_is_middle(band), band.upper < 0)


def test_lower_lobes_are_drawn_more_often_where_the_base_is_preferred() -> None:
    lower = [sum(band.lower > 1 for band in drawn(2, basal=basal)) for basal in (-1.0, 1.5)]
    assert lower[1] > lower[0] + DRAWS / 4


def test_it_lies_in_its_lung_alone_and_is_as_dense_as_it_is_drawn() -> None:
    band = replace(drawn(1)[0], upper=-1.0, lower=2.0, tilt=0.0, bend=0.0, density=0.7)
    params = LobarParams(lobes=(band,), air=0.5, grain=30.0, depth=0.0, seed=1)
    alpha = render_lobar(params, LUNGS)
    assert not alpha[LUNGS.labels == 2].any()
    np.testing.assert_allclose(alpha[100:150, 60:95], 0.7, atol=1e-5)
