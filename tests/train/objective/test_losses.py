"""Laws of the losses: exact where they must be, gradients as differences say."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from artasyn.train.objective.losses import (
    feature_distance,
    focal,
    global_mse,
    local_mse,
    soft_dice,
    soft_residual_mask,
    soft_tversky,
)


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def rand(generator: torch.Generator, *shape: int) -> Tensor:
    return torch.rand(shape, generator=generator, dtype=torch.float64)


def mask_of(generator: torch.Generator) -> Tensor:
    return (rand(generator, 2, 1, 4, 5) > 0.6).double()


LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "global_mse": lambda x, t, _: global_mse(x, t),
    "local_mse": local_mse,
    "feature_distance": lambda x, t, _: feature_distance(x, t),
    "soft_dice": lambda x, _, m: soft_dice(x.sigmoid(), m),
    "soft_tversky": lambda x, _, m: soft_tversky(x.sigmoid(), m, false_negatives=0.8),
    "cross_entropy": lambda x, _, m: focal(x, m, gamma=0.0),
    "focal": lambda x, _, m: focal(x, m, gamma=2.0),
    "focal_of_soft_masks": lambda x, _, m: focal(x, 0.3 + 0.4 * m, gamma=1.5),
    "region": lambda x, t, m: soft_dice(
        soft_residual_mask((x - t).abs(), floor=0.03, share=0.0, softness=0.1), m
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_equal_differences(name: str, generator: torch.Generator) -> None:
    x = rand(generator, 2, 1, 4, 5).requires_grad_()
    target, mask = rand(generator, 2, 1, 4, 5), mask_of(generator)
    assert torch.autograd.gradcheck(lambda v: LOSSES[name](v, target, mask), (x,))


@pytest.mark.parametrize("name", LOSSES)
def test_one_value_an_image_and_none_looks_at_the_others(name: str, generator: torch.Generator) -> None:
    x, target, mask = rand(generator, 2, 1, 4, 5), rand(generator, 2, 1, 4, 5), mask_of(generator)
    together = LOSSES[name](x, target, mask)
    alone = torch.cat([LOSSES[name](x[i : i + 1], target[i : i + 1], mask[i : i + 1]) for i in range(2)])
    assert together.shape == (2,)
    torch.testing.assert_close(together, alone)


def test_losses_of_the_truth_are_zero(generator: torch.Generator) -> None:
    x, mask = rand(generator, 2, 1, 4, 5), mask_of(generator)
    for loss in (global_mse(x, x), local_mse(x, x, mask), feature_distance(x, x), soft_dice(mask, mask)):
        torch.testing.assert_close(loss, torch.zeros(2, dtype=torch.float64))


def test_local_error_counts_the_mask_only() -> None:
    target = torch.zeros(1, 1, 2, 2)
    mask = torch.tensor([[[[1.0, 1.0], [0.0, 0.0]]]])
    reconstruction = torch.tensor([[[[1.0, 3.0], [100.0, 100.0]]]])
    assert local_mse(reconstruction, target, mask).item() == pytest.approx((1 + 9) / 2)
    assert local_mse(reconstruction, target, torch.zeros_like(mask)).item() == 0


def test_dice_of_an_empty_mask_falls_with_what_is_marked() -> None:
    empty = torch.zeros(1, 1, 2, 2)
    assert soft_dice(empty, empty).item() == 0
    assert soft_dice(torch.full_like(empty, 0.1), empty) < soft_dice(torch.full_like(empty, 0.5), empty)


def test_dice_by_hand() -> None:
    probability = torch.tensor([[[[1.0, 1.0, 0.0, 0.0]]]])
    mask = torch.tensor([[[[1.0, 0.0, 1.0, 1.0]]]])
    assert soft_dice(probability, mask).item() == pytest.approx(1 - (2 * 1 + 2) / (2 + 3 + 2))


def test_tversky_blames_what_it_is_told_to() -> None:
    mask = torch.tensor([[[[1.0, 1.0, 0.0, 0.0]]]])
    missed, extra = torch.tensor([[[[1.0, 0.0, 0.0, 0.0]]]]), torch.tensor([[[[1.0, 1.0, 1.0, 0.0]]]])
    assert soft_tversky(missed, mask, false_negatives=0.9) > soft_tversky(missed, mask, false_negatives=0.1)
    assert soft_tversky(extra, mask, false_negatives=0.9) < soft_tversky(extra, mask, false_negatives=0.1)


def test_cross_entropy_by_hand() -> None:
    logits, mask = torch.zeros(1, 1, 1, 2), torch.tensor([[[[1.0, 0.0]]]])
    assert focal(logits, mask, gamma=0.0).item() == pytest.approx(math.log(2))
    assert focal(logits, mask, gamma=2.0).item() == pytest.approx(math.log(2) / 4)


def test_no_gradient_flows_into_the_normal_features(generator: torch.Generator) -> None:
    features = rand(generator, 1, 3, 2, 2).requires_grad_()
    normal = rand(generator, 1, 3, 2, 2).requires_grad_()
    feature_distance(features, normal).sum().backward()
    assert features.grad is not None
    assert normal.grad is None


def test_residual_mask_follows_the_published_threshold() -> None:
    residual = torch.tensor([[[[0.0, 0.05, 0.5]]], [[[0.0, 0.01, 0.02]]]])
    marked = soft_residual_mask(residual, floor=0.03, share=0.2, softness=1e-4).round()
    assert marked.flatten(1).tolist() == [[0, 0, 1], [0, 0, 0]]  # 0.2 x 0.5 = 0.1; the floor 0.03


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_a_pixel_that_is_exactly_right_has_a_finite_gradient(gamma: float) -> None:
    logits = torch.tensor([[[[40.0, -120.0]]]], requires_grad=True)  # float32 rounds the error to 0
    focal(logits, torch.tensor([[[[1.0, 0.0]]]]), gamma=gamma).sum().backward()
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_the_threshold_of_a_residual_is_held_fixed() -> None:
    residual = torch.tensor([[[[0.1, 0.5]]]], requires_grad=True)
    soft_residual_mask(residual, floor=0.03, share=0.2, softness=0.02)[0, 0, 0, 0].backward()
    assert residual.grad is not None
    assert residual.grad[0, 0, 0, 0] > 0
    assert residual.grad[0, 0, 0, 1] == 0  # although the largest residual sets the threshold
