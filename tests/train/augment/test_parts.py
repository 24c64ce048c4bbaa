"""Laws of opacities cut to parts."""

import pytest
import torch
from torch import Tensor

from artasyn.train.augment.chosen import Chosen
from artasyn.train.augment.parts import LEVELS, NODES, Parts, draw_parts, keep_parts, plan_parts

SIDE = 64


def radiographs(count: int = 4) -> Tensor:
    """Return `(count, 4, SIDE, SIDE)`: an opacity of 0.3 over all of a lung."""
    normal = torch.rand(count, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0)) * 0.5
    lungs = torch.zeros_like(normal)
    lungs[:, :, 8:56, 8:56] = 1
    return torch.cat((normal + 0.3 * lungs, normal, lungs, lungs), dim=1)


def drawn(count: int, *, probability: float = 1, seed: int = 0) -> Parts:
    return draw_parts(count, probability=probability, generator=torch.Generator().manual_seed(seed))


def test_without_a_chance_every_opacity_is_kept_whole() -> None:
    kept = plan_parts(drawn(4, probability=0), SIDE)
    assert not kept
    assert torch.equal(keep_parts(radiographs(), kept), radiographs())


def test_normal_image_and_lungs_stay_and_images_that_are_not_cut_too() -> None:
    parts = drawn(4)
    kept = plan_parts(parts._replace(nodes=parts.nodes * torch.tensor([1, 0, 1, 0])), SIDE)
    cut = keep_parts(radiographs(), kept)
    assert kept.places.tolist() == [0, 2]
    assert torch.equal(cut[:, [1, 3]], radiographs()[:, [1, 3]])
    assert torch.equal(cut[[1, 3]], radiographs()[[1, 3]])
    assert not torch.equal(cut[0, 0], radiographs()[0, 0])


@pytest.mark.parametrize("seed", range(4))
def test_a_part_is_smaller_and_its_mask_is_where_half_of_the_opacity_is_kept(seed: int) -> None:
    cut, whole = keep_parts(radiographs(), plan_parts(drawn(4, seed=seed), SIDE)), radiographs()
    share = (cut[:, 0] - cut[:, 1]) / 0.3
    torch.testing.assert_close(share.clamp(0, 1), share, atol=1e-5, rtol=0)
    assert (cut[:, 2] <= whole[:, 2]).all()
    assert (share[cut[:, 2] == 1] > 0.5 - 1e-5).all()
    assert (share[(cut[:, 2] == 0) & (whole[:, 2] == 1)] < 0.5 + 1e-5).all()
    assert (cut[:, 2].sum(dim=(1, 2)) < whole[:, 2].sum(dim=(1, 2))).all()


def test_what_is_kept_is_a_half_to_a_sixth_on_average() -> None:
    kept = plan_parts(drawn(200, seed=1), SIDE).numbers.mean()
    assert 0.15 < kept < 0.5


def test_a_normal_image_has_no_part() -> None:
    normal = radiographs()
    normal[:, 0], normal[:, 2] = normal[:, 1], 0
    assert torch.equal(keep_parts(normal, plan_parts(drawn(4), SIDE)), normal)


def test_an_opacity_kept_everywhere_is_the_opacity() -> None:
    everywhere = Chosen(torch.arange(4), torch.ones(4, SIDE, SIDE))
    torch.testing.assert_close(keep_parts(radiographs(), everywhere), radiographs(), atol=1e-6, rtol=0)


def test_draws_are_in_their_ranges_repeat_and_as_many_whatever_the_chance() -> None:
    generator = torch.Generator().manual_seed(3)
    parts = draw_parts(50, probability=0.5, generator=generator)
    after = torch.rand(1, generator=generator)
    again = torch.Generator().manual_seed(3)
    assert not draw_parts(50, probability=0, generator=again).nodes.any()
    assert torch.equal(torch.rand(1, generator=again), after)
    cut = parts.nodes[parts.nodes > 0]
    assert 10 < len(cut) < 40
    assert cut.min() >= NODES[0]
    assert cut.max() <= NODES[1]
    assert LEVELS[0] <= parts.level.min() <= parts.level.max() <= LEVELS[1]


def test_masks_of_what_nobody_painted_are_not_cut() -> None:
    """Those predicted on unlabelled images, or drawn by readers: image and normal image are one there."""
    real = radiographs()
    real[:, 1] = real[:, 0]
    assert torch.equal(keep_parts(real, plan_parts(drawn(4), SIDE)), real)
