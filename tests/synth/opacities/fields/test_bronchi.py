"""Laws of the bronchial tree: connected, tapering, dividing; it shows as less opacity, only where that is dense."""

from dataclasses import replace

import numpy as np
import pytest

from artasyn.synth.opacities.fields.airways import Airway, render_airways
from artasyn.synth.opacities.fields.bronchi import DENSE, DIVISIONS, Tree, grow, render_tree
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.request import draw_request
from artasyn.synth.opacities.kinds.consolidation import draw_consolidation, render_consolidation
from artasyn.synth.seeds import generator
from tests.chests import chest, config_of

LUNGS = Lungs(chest(size=256)[1])
R = generator(0, "older", 0)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("side", [1, 2])
def test_each_bronchus_starts_where_a_thicker_one_ends(seed, side):
    bronchi = grow(Tree(side=side, trunks=3, seed=seed), LUNGS)
    assert len(bronchi) == 3 * (2 ** (DIVISIONS + 1) - 1)
    assert all(b.end < b.calibre for b in bronchi)
    ends = {tuple(b.path[-1]): b for b in bronchi}
    hilum = LUNGS.hilum(side)[::-1]
    roots = 0
    for bronchus in bronchi:
        start = tuple(bronchus.path[0])
        if start == hilum:
            roots += 1
        else:
            parent = ends[start]
            assert bronchus.calibre < parent.calibre
            assert bronchus.shown <= parent.shown
    assert roots == 3


@pytest.mark.parametrize("seed", range(4))
def test_a_bronchus_divides_at_plausible_angles(seed):
    bronchi = grow(Tree(side=1, trunks=3, seed=seed), LUNGS)
    born = [[b for b in bronchi if tuple(b.path[0]) == tuple(parent.path[-1])] for parent in bronchi]
    pairs = [pair for pair in born if pair]
    assert len(pairs) > 2
    for pair in pairs:
        between = np.degrees(np.diff([_direction(b.path[:2]) for b in pair]).item())
        assert 20 < abs((between + 180) % 360 - 180) < 100


def test_airways_show_only_where_an_opacity_is_dense():
    tree = Tree(side=1, trunks=3, seed=0)
    filled = np.where(np.arange(256)[:, None] < 120, np.float32(DENSE[0]), np.float32(1)) * LUNGS.extent(1)
    seen = render_tree(tree, filled, LUNGS)
    assert not seen[:120].any()
    assert seen[122:].max() > 0.3
    assert not render_tree(replace(tree, trunks=0), filled, LUNGS).any()


@pytest.mark.parametrize("seed", range(6))
def test_open_airways_only_take_from_a_consolidation(seed):
    request = replace(
        draw_request(LUNGS, config_of("consolidation"), rng=generator(seed, "r", 0)), severity=1.0
    )
    params = draw_consolidation(LUNGS, request, rng=generator(seed, "c", 0))
    shown, filled = (render_consolidation(replace(params, air=air), LUNGS) for air in (0.6, 0.0))
    assert (shown <= filled + 1e-6).all()
    faint = filled < DENSE[0] * (1 - params.depth)  # a mottle takes at most that share of a dense place
    np.testing.assert_array_equal(shown[faint], filled[faint])


def test_a_tree_is_as_large_at_any_resolution():
    tree = Tree(side=2, trunks=3, seed=3)
    small, large = (sum(b.calibre for b in grow(tree, Lungs(chest(size=s)[1]))) for s in (256, 1024))
    assert large == pytest.approx(4 * small, rel=0.02)


def test_a_consolidation_of_an_older_record_keeps_its_airways():
    streak = Airway(path=((90.0, 60.0), (110.0, 70.0)), calibre=2.0)
    drawn = draw_consolidation(LUNGS, draw_request(LUNGS, config_of("consolidation"), rng=R), rng=R)
    old = replace(drawn.foci[0], side=1, share=1.0, density=1.0, tree=None, airways=(streak,))
    shown, filled = (render_consolidation(replace(drawn, foci=(old,), air=a), LUNGS) for a in (0.5, 0.0))
    np.testing.assert_allclose(shown, filled * (1 - 0.5 * render_airways((streak,), LUNGS)), atol=1e-6)
    assert shown[100, 65] < 0.8 * filled[100, 65]


def _direction(piece: np.ndarray) -> float:
    (column, row), (next_column, next_row) = piece
    return float(np.arctan2(next_row - row, next_column - column))
