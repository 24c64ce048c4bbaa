"""Laws of the objective: each loss looks at its own target, and the sum is weighted as the recipe says."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.models.anomaly_network import NetworkConfig, Output
from artasyn.train.objective.objective import TERMS, LossConfig, check_losses, mask_alone, weigh_losses
from artasyn.train.objective.targets import Targets

WEIGHTS = {name: 1.0 + k for k, name in enumerate(TERMS)}
EVERY = LossConfig(**WEIGHTS, residual_softness=1e-3)
CERTAIN = 30.0
"""Log-odds of what a network is sure of."""


def targets() -> Targets:
    """Return two studies: a normal image, 0, and one with an opacity, 1, whose normal image is 0; lungs above."""
    normals = torch.full((2, 1, 8, 8), 0.3)
    masks = torch.zeros(2, 1, 8, 8)
    masks[1, :, 2:6, 2:6] = 1
    lungs = torch.zeros(2, 1, 8, 8)
    lungs[:, :, :5] = 1
    return Targets(normals + 0.5 * masks, normals, masks, lungs, torch.tensor([0, 0]))


def right_answer(wanted: Targets) -> Output:
    """Return what a network says that makes no error."""
    features = torch.ones(2, 3, 2, 2)
    return Output(wanted.normals, _certain(wanted.masks), _certain(wanted.lungs), features)


def _certain(share: Tensor) -> Tensor:
    return CERTAIN * (2 * share - 1)


def test_a_network_that_makes_no_error_loses_nothing() -> None:
    total, terms = weigh_losses(right_answer(targets()), targets(), EVERY)
    assert terms.keys() == TERMS.keys()
    assert max(float(value.max()) for value in terms.values()) < 1e-3
    assert total.shape == (2,)


@pytest.mark.parametrize(
    ("target", "raised"),
    [
        ("images", {"region"}),
        ("normals", {"global_mse", "local_mse"}),
        ("masks", {"region", "overlap", "pixels"}),
        ("lungs", {"lungs"}),
    ],
)
def test_each_loss_looks_at_its_own_target(target: str, raised: set[str]) -> None:
    wanted = targets()
    other = getattr(wanted, target).clone()
    other[1, :, 1:7, 1:7] = 1 - other[1, :, 1:7, 1:7]
    _, terms = weigh_losses(right_answer(wanted), wanted._replace(**{target: other}), EVERY)
    assert {name for name, value in terms.items() if value[1] > 0.01} == raised
    assert max(float(value[0]) for value in terms.values()) < 1e-3  # the other image's loss is its own


def test_features_are_compared_with_those_of_the_normal_image_of_the_same_study() -> None:
    wanted = targets()
    features = torch.ones(2, 3, 2, 2)
    features[1, 0] = -1
    answer = right_answer(wanted)._replace(features=features)
    distance = [
        weigh_losses(answer, wanted._replace(normal_of=torch.tensor(pair)), EVERY)[1]["features"].tolist()
        for pair in ((0, 0), (0, 1), (0, -1), (1, 1))
    ]
    # 1 - cos of (1, 1, 1) and (-1, 1, 1); a normal image itself, and one whose normal image is not there, count zero.
    far = pytest.approx(2 / 3)
    assert distance == [[0, far], [0, 0], [0, 0], [far, 0]]


def test_the_sum_is_weighted_as_the_recipe_says() -> None:
    wanted = targets()
    answer = right_answer(
        wanted._replace(masks=1 - wanted.masks, lungs=1 - wanted.lungs, normals=wanted.images)
    )
    answer = answer._replace(features=torch.randn(2, 3, 2, 2, generator=torch.Generator().manual_seed(0)))
    total, terms = weigh_losses(answer, wanted, EVERY)
    assert min(float(value[1]) for value in terms.values()) > 0
    torch.testing.assert_close(total, sum(WEIGHTS[name] * value for name, value in terms.items()))
    for name in TERMS:
        alone, only = weigh_losses(answer, wanted, replace(EVERY, **dict.fromkeys(TERMS, 0.0) | {name: 2.0}))
        assert only.keys() == {name}  # what has no weight is not computed
        torch.testing.assert_close(alone, 2 * terms[name])


def test_blame_of_missed_pixels_is_of_the_segmentation_head_alone() -> None:
    wanted = targets()
    answer = right_answer(wanted._replace(masks=torch.zeros_like(wanted.masks), normals=wanted.images))
    losses = [
        weigh_losses(answer, wanted, LossConfig(**WEIGHTS, false_negatives=blame))[1] for blame in (0.2, 0.9)
    ]
    assert {name for name in TERMS if not torch.equal(losses[0][name], losses[1][name])} == {"overlap"}


def test_of_images_with_a_mask_alone_nothing_else_counts() -> None:
    alone = mask_alone(EVERY)
    assert {name for name in TERMS if getattr(alone, name)} == {"pixels"}
    assert alone.pixels == EVERY.pixels


@pytest.mark.parametrize(("name", "head"), [(name, head) for name, head in TERMS.items() if head])
def test_a_loss_without_its_head_is_refused(name: str, head: str) -> None:
    config = LossConfig(**dict.fromkeys(TERMS, 0.0) | {name: 1.0})
    heads = tuple(h for h in ("reconstruction", "segmentation", "lungs") if h != head)
    with pytest.raises(ConfigError, match=rf"{name}.*needs the head `{head}`"):
        check_losses(config, NetworkConfig(heads=heads))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "values", [dict.fromkeys(TERMS, 0.0), {"pixels": -1.0}, {"false_negatives": 1.5}, {"focal_gamma": -1.0}]
)
def test_losses_that_cannot_be_weighed_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="loss"):
        LossConfig(**values)
