"""Laws of the distance from normal images, and of the image score that weighs it."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import mahalanobis

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.config import TrainConfig
from artasyn.train.models.anomaly_network import NetworkConfig
from artasyn.train.objective.objective import LossConfig
from artasyn.train.scoring.normality import Normality, combine_scores, fit_normality


def features(count: int, *, seed: int, width: int = 5) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn((width, width), generator=torch.Generator().manual_seed(99))
    return torch.randn((count, width), generator=generator) @ mixing + 3


@pytest.fixture(scope="module")
def known() -> Normality:
    levels = torch.rand(40, generator=torch.Generator().manual_seed(2))
    return fit_normality(features(200, seed=0), held_out=features(40, seed=1), levels=levels)


def test_distance_is_that_of_mahalanobis(known: Normality) -> None:
    trained, new = features(200, seed=0).double().numpy(), features(7, seed=3)
    covariance = np.cov(trained.T, bias=True)
    covariance += 1e-3 * np.diag(covariance).mean() * np.eye(5)
    inverse = np.linalg.inv(covariance)
    expected = [2 * np.log(mahalanobis(x, trained.mean(0), inverse)) for x in new.double().numpy()]
    np.testing.assert_allclose(known.distance(new).numpy(), expected, atol=1e-3)


def test_turning_the_features_changes_no_score(known: Normality) -> None:
    turn, _ = torch.linalg.qr(torch.randn((5, 5), generator=torch.Generator().manual_seed(4)))
    levels = torch.rand(40, generator=torch.Generator().manual_seed(2))
    turned = fit_normality(features(200, seed=0) @ turn, held_out=features(40, seed=1) @ turn, levels=levels)
    new, predicted = features(9, seed=5), torch.linspace(0.1, 0.9, 9)
    torch.testing.assert_close(
        combine_scores(predicted, new @ turn, turned, weight=0.5),
        combine_scores(predicted, new, known, weight=0.5),
        atol=1e-4,
        rtol=0,
    )


@given(st.floats(0, 3), st.integers(0, 1000))
def test_scores_rise_with_the_map_and_with_the_distance(weight: float, seed: int) -> None:
    levels = torch.rand(40, generator=torch.Generator().manual_seed(2))
    known = fit_normality(features(200, seed=0), held_out=features(40, seed=1), levels=levels)
    here = features(1, seed=seed)
    farther = known.mean + 2 * (here - known.mean)
    low, high = torch.tensor([0.2]), torch.tensor([0.4])
    score = combine_scores(low, here, known, weight=weight)
    assert combine_scores(high, here, known, weight=weight) > score
    assert combine_scores(low, farther, known, weight=weight) >= score
    assert 0 <= score <= 1


def test_without_weight_the_order_is_the_maps(known: Normality) -> None:
    levels = torch.rand(50, generator=torch.Generator().manual_seed(6))
    scores = combine_scores(levels, features(50, seed=7), known, weight=0.0)
    assert torch.equal(scores.argsort(), levels.argsort())


def test_an_image_at_the_level_of_normal_ones_scores_a_half(known: Normality) -> None:
    level = torch.sigmoid(known.maps[:1])
    direction = features(1, seed=8) - known.mean
    length = torch.exp((known.distances[0] - known.distance(known.mean + direction)) / 2)
    assert combine_scores(level, known.mean + length * direction, known, weight=0.7).item() == pytest.approx(
        0.5, abs=1e-3
    )


def test_a_single_image_is_enough_for_finite_scores() -> None:
    one = features(1, seed=0)
    known = fit_normality(one, held_out=one, levels=torch.tensor([0.0]))
    assert torch.isfinite(combine_scores(torch.tensor([1.0]), features(1, seed=1), known, weight=1.0)).all()


def test_a_network_without_features_cannot_be_asked_for_them() -> None:
    with pytest.raises(ConfigError, match=r"gives no features .set score.normality to 0"):
        TrainConfig(network=NetworkConfig(name="torch.nn:Conv2d"))
    with pytest.raises(ConfigError, match=r"gives no features .set loss.features to 0"):
        TrainConfig(network=NetworkConfig(name="torch.nn:Conv2d"), loss=LossConfig(features=1.0))
