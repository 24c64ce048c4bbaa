"""Laws of what varies in a normal chest: soft tissue, posture, and the frame both are placed by."""

import math

import pytest
import torch
from torch import Tensor

from artasyn.train.augment.chest_frame import measure_chest
from artasyn.train.augment.chosen import choose
from artasyn.train.augment.posture import change_posture, draw_posture
from artasyn.train.augment.soft_tissue import (
    NUMBERS,
    SHAPES,
    add_soft_tissue,
    draw_soft_tissue,
    plan_soft_tissue,
)
from artasyn.train.augment.spatial import affine_matrices, warp

NEVER = dict.fromkeys(SHAPES, 0.0)
SIDE = 64


def bodies(count: int = 6, side: int = SIDE) -> Tensor:
    """Return (count, 4, side, side): grey bodies with two dark lungs, an opacity in one of them."""
    lungs = torch.zeros(count, 1, side, side)
    lungs[..., side // 8 : 5 * side // 8, side // 8 : 3 * side // 8] = 1
    lungs[..., side // 8 : 5 * side // 8, 5 * side // 8 : 7 * side // 8] = 1
    normal = 0.6 - 0.4 * lungs
    mask = torch.zeros_like(lungs)
    mask[..., side // 4 : side // 2, side // 4 : side // 3] = 1
    return torch.cat((normal + 0.3 * mask, normal, mask, lungs), dim=1)


def drawn(count: int = 6, seed: int = 0, **chances: float) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return draw_soft_tissue(count, chances=NEVER | chances, generator=generator)


def soften(pixels: Tensor, numbers: Tensor) -> Tensor:
    return add_soft_tissue(pixels, plan_soft_tissue(numbers))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_brightens_image_and_normal_alike_and_is_never_marked(shape: str) -> None:
    pixels = bodies()
    result = soften(pixels, drawn(**{shape: 1.0}))
    assert ((result[:, 1] - pixels[:, 1]).flatten(1).amax(dim=1) > 0.02).all()
    assert (result[:, :2] >= pixels[:, :2]).all()
    assert result.max() <= 1
    assert torch.equal(result[:, 2:], pixels[:, 2:])
    outside = pixels[:, 2] == 0
    assert torch.equal(result[:, 0][outside], result[:, 1][outside])


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_of_one_image_does_not_ask_who_stands_beside_it(shape: str) -> None:
    pixels, numbers = bodies(), drawn(**{shape: 0.5, "haze": 0.5})
    together = soften(pixels, numbers)
    alone = torch.cat([soften(pixels[k : k + 1], numbers[k : k + 1]) for k in range(len(pixels))])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=0)


def test_breasts_are_two_reach_beyond_the_lungs_and_are_convex_below() -> None:
    pixels = bodies(12, 128)
    numbers = drawn(12, breast=1.0)
    added = soften(pixels, numbers)[:, 1] - pixels[:, 1]
    beyond = added * (pixels[:, 3] == 0)
    assert (beyond[..., :64].flatten(1).amax(dim=1) > 0.01).all()
    assert (beyond[..., 64:].flatten(1).amax(dim=1) > 0.01).all()
    for image in added[..., :64]:
        columns = torch.nonzero((image > 0.01).any(dim=0)).flatten()
        lowest = [int(torch.nonzero(image[:, c] > 0.01).max()) for c in columns.tolist()]
        middle = lowest.index(max(lowest))
        assert lowest[:middle] == sorted(lowest[:middle])
        assert lowest[middle:] == sorted(lowest[middle:], reverse=True)


def test_no_chance_no_lungs_and_air_stay_as_they_are() -> None:
    pixels = bodies()
    assert torch.equal(soften(pixels, drawn()), pixels)
    everything = drawn(**dict.fromkeys(SHAPES, 1.0))
    no_lungs, one_lung, dark = pixels.clone(), pixels.clone(), pixels.clone()
    no_lungs[:, 3] = 0
    one_lung[:, 3, :, : SIDE // 2] = 0
    dark[:, :2] *= pixels[:, 3:]  # air all about
    assert torch.equal(soften(no_lungs, everything), no_lungs)
    result = soften(dark, everything)
    assert torch.equal(result[:, :2] > 0, dark[:, :2] > 0)
    assert torch.isfinite(soften(one_lung, everything)).all()


def test_chances_are_kept() -> None:
    numbers = drawn(4000, breast=0.3, fold=0.1)
    rates = dict(zip(SHAPES, numbers[:, :, 0].mean(dim=0).tolist(), strict=True))
    assert numbers.shape == (4000, len(SHAPES), 1 + NUMBERS)
    assert abs(rates["breast"] - 0.3) < 4 * math.sqrt(0.3 * 0.7 / 4000)
    assert abs(rates["fold"] - 0.1) < 4 * math.sqrt(0.1 * 0.9 / 4000)
    assert rates["haze"] == 0


def test_a_frame_names_the_ends_of_both_lungs_at_any_size() -> None:
    for side in (32, 64, 128):
        frame = measure_chest(bodies(2, side)[:, 3])
        torch.testing.assert_close(frame.top, torch.full((2, 2), 1 / 8))
        torch.testing.assert_close(frame.bottom, torch.full((2, 2), 5 / 8))
        torch.testing.assert_close(frame.edge, torch.tensor([[1 / 8, 7 / 8]] * 2))
        out, down, right = frame.places(side, side)
        assert out.shape == right.shape == (2, 1, side)
        assert down.shape == (2, side, side)
        assert right.sum() == side


def posture(squeeze: float = 0.0, bend: float = 0.0, turn: float = 0.0) -> Tensor:
    return torch.tensor([[squeeze, bend, math.pi, 0.3, turn]]).repeat(2, 1)


def posed(pixels: Tensor, pose: Tensor) -> Tensor:
    straight = affine_matrices(
        flip=torch.zeros(2, dtype=torch.bool), degrees=torch.zeros(2), scale=torch.ones(2, 2), shift=torch.zeros(2, 2)
    )  # fmt: skip
    return warp(pixels, straight, None, choose(pose, pose.any(dim=1)))


def test_poor_inspiration_lifts_the_base_and_leaves_the_apex() -> None:
    before = measure_chest(bodies(2, 128)[:, 3])
    after = measure_chest(posed(bodies(2, 128), posture(squeeze=0.25))[:, 3])
    torch.testing.assert_close(after.top, before.top, atol=1 / 64, rtol=0)
    height = (after.bottom - after.top) / (before.bottom - before.top)
    torch.testing.assert_close(height, torch.full((2, 2), 0.75), atol=0.03, rtol=0)


@pytest.mark.parametrize("pose", [{"squeeze": 0.2}, {"bend": 0.07}, {"turn": 0.12}])
def test_in_any_posture_opacity_and_mask_stay_together(pose: dict[str, float]) -> None:
    pixels = bodies(2)
    result = posed(pixels, posture(**pose))
    assert not torch.equal(result[:, 2], pixels[:, 2])
    torch.testing.assert_close(result[:, 0] - result[:, 1], 0.3 * result[:, 2], atol=1e-5, rtol=0)


def test_places_move_in_order_and_stay_in_the_image() -> None:
    poses = draw_posture(300, squeeze=1.0, spine=1.0, generator=torch.Generator().manual_seed(0))
    straight = affine_matrices(
        flip=torch.zeros(300, dtype=torch.bool), degrees=torch.zeros(300),
        scale=torch.ones(300, 2), shift=torch.zeros(300, 2),
    )  # fmt: skip
    grid = torch.nn.functional.affine_grid(straight, [300, 1, 32, 32], align_corners=False)
    moved = change_posture(grid, poses, measure_chest(bodies(300, 32)[:, 3]))
    assert (moved[:, :, 1:, 0] > moved[:, :, :-1, 0]).all()  # nothing is folded over
    assert (moved[:, 1:, :, 1] > moved[:, :-1, :, 1]).all()
    assert moved[..., 1].abs().max() <= 1
