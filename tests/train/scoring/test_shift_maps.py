"""Laws of moving maps: by the weight times the deviation, no further than the bound, and not at all without one."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from artasyn.train.scoring.shift_maps import LARGEST_SHIFT, shift_by_places, shift_maps


@given(st.floats(-8, 8), st.floats(0.05, 1))
def test_a_map_moves_as_a_whole_by_its_images_distance(deviation: float, weight: float) -> None:
    maps = torch.rand((1, 6, 6), generator=torch.Generator().manual_seed(9)).clamp(0.01, 0.99)
    moved = shift_maps(maps, torch.tensor([deviation]), weight)
    expected = weight * max(-LARGEST_SHIFT, min(LARGEST_SHIFT, deviation))
    found = torch.logit(moved) - torch.logit(maps)
    torch.testing.assert_close(found, torch.full_like(maps, expected), atol=1e-3, rtol=0)


def test_a_map_stays_where_nothing_moves_it() -> None:
    maps = torch.rand((2, 6, 6), generator=torch.Generator().manual_seed(9))
    assert shift_maps(maps, torch.tensor([1.0, 2.0]), 0.0) is maps
    assert shift_maps(maps, None, 0.25) is maps
    torch.testing.assert_close(shift_maps(maps, torch.zeros(2), 0.25), maps, atol=1e-4, rtol=0)


def test_maps_rise_where_places_are_far_and_by_no_more_than_the_bound() -> None:
    maps = torch.full((1, 2, 2), 0.5)
    found = shift_maps(maps, torch.tensor([[[0.0, 1.0], [99.0, -99.0]]]), 0.5)[0]
    bound = torch.sigmoid(torch.tensor(0.5 * LARGEST_SHIFT))
    expected = torch.tensor([[0.5, float(torch.sigmoid(torch.tensor(0.5)))], [bound, 1 - bound]])
    torch.testing.assert_close(found, expected)


def test_places_move_the_pixels_below_them() -> None:
    maps = torch.full((1, 4, 4), 0.5)
    places = torch.tensor([[[1.0, 1.0], [1.0, 1.0]]])
    torch.testing.assert_close(shift_by_places(maps, places, 0.5), shift_maps(maps, torch.ones(1), 0.5))
    raised = shift_by_places(maps, torch.tensor([[[9.0, 0.0], [0.0, 0.0]]]), 0.5)
    assert raised[0, 0, 0] == raised.max() > 0.5
    assert raised[0, 3, 3] == 0.5
