"""Laws of the terms that features add to an image's score, and of their weighing."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import mahalanobis
from sklearn.linear_model import LogisticRegression

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.config import TrainConfig
from artasyn.train.models.anomaly_network import NetworkConfig
from artasyn.train.models.backbone import Backbone
from artasyn.train.objective.objective import LossConfig
from artasyn.train.scoring.anomaly_map import Prediction
from artasyn.train.scoring.config import ImageScoreConfig
from artasyn.train.scoring.feature_terms import fit_distance, fit_head
from artasyn.train.scoring.image_score import Described, ImageScorer, fit_scorer

OWN = ImageScoreConfig(top_share=1.0, normality=0.5, head=0.0, distance=0.0, map_distance=0.0)
IMAGE = torch.zeros(1, 1, 4, 4)


def features(count: int, *, seed: int, width: int = 5) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn((width, width), generator=torch.Generator().manual_seed(99))
    return torch.randn((count, width), generator=generator) @ mixing + 3


def scorer_of(
    config: ImageScoreConfig = OWN, *, turn: torch.Tensor | None = None, levels: torch.Tensor | None = None
) -> ImageScorer:
    turn = torch.eye(5) if turn is None else turn
    levels = torch.rand(40, generator=torch.Generator().manual_seed(2)) if levels is None else levels
    trained = Described(levels=torch.rand(200), own=features(200, seed=0) @ turn, pretrained=None)
    held_out = Described(levels=levels, own=features(len(levels), seed=1) @ turn, pretrained=None)
    return fit_scorer(config, None, trained=trained, synthetic=None, held_out=held_out)


def score(scorer: ImageScorer, levels: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
    maps = levels[:, None, None].expand(-1, 4, 4).contiguous()
    _, scores = scorer(IMAGE.expand(len(levels), -1, -1, -1), Prediction(maps, own))
    return scores


def test_the_distance_is_that_of_mahalanobis() -> None:
    trained, new = features(200, seed=0).double().numpy(), features(7, seed=3)
    covariance = np.cov(trained.T, bias=True)
    covariance += 1e-3 * np.diag(covariance).mean() * np.eye(5)
    inverse = np.linalg.inv(covariance)
    expected = [2 * np.log(mahalanobis(x, trained.mean(0), inverse)) for x in new.double().numpy()]
    found = fit_distance(features(200, seed=0))(new)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-3)


def test_the_head_is_that_of_logistic_regression() -> None:
    normal, synthetic = features(150, seed=0), features(150, seed=1) + 0.7
    pooled = torch.cat((normal, synthetic)).double()
    scaled = ((pooled - pooled.mean(0)) / pooled.std(0, correction=0)).numpy()
    ridge = 0.05
    # scikit-learn penalises half the squared weights against C times the summed loss.
    reference = LogisticRegression(C=1 / (2 * ridge * 300), tol=1e-8, max_iter=1000)
    reference.fit(scaled, np.repeat([0, 1], 150))
    found = fit_head(normal, synthetic, ridge=ridge)(pooled.float())
    np.testing.assert_allclose(found.numpy(), reference.decision_function(scaled), atol=1e-3)


def test_both_classes_of_the_head_weigh_the_same() -> None:
    normal, synthetic = features(60, seed=0), features(60, seed=1) + 1
    twice = torch.cat((synthetic, synthetic))
    few, many = (fit_head(normal, s, ridge=0.01)(normal) for s in (synthetic, twice))
    assert (few - many).abs().max() < 0.5  # standardisation alone differs


def test_turning_the_features_changes_no_score() -> None:
    turn, _ = torch.linalg.qr(torch.randn((5, 5), generator=torch.Generator().manual_seed(4)))
    new, levels = features(9, seed=5), torch.linspace(0.1, 0.9, 9)
    turned = score(scorer_of(turn=turn), levels, new @ turn)
    torch.testing.assert_close(turned, score(scorer_of(), levels, new), atol=1e-4, rtol=0)


@settings(deadline=None)
@given(st.floats(0.01, 3), st.integers(0, 1000))
def test_scores_rise_with_the_map_and_with_the_distance(weight: float, seed: int) -> None:
    scorer = scorer_of(
        ImageScoreConfig(top_share=1.0, normality=weight, head=0.0, distance=0.0, map_distance=0.0)
    )
    here = features(1, seed=seed)
    farther = scorer.normality.mean + 2 * (here - scorer.normality.mean)
    low, high = torch.tensor([0.2]), torch.tensor([0.4])
    found = score(scorer, low, here)
    assert score(scorer, high, here) > found
    assert score(scorer, low, farther) >= found
    assert 0 <= found <= 1


def test_without_weights_the_score_is_the_level_of_the_map() -> None:
    scorer = ImageScorer(
        ImageScoreConfig(top_share=1.0, head=0.0, distance=0.0, map_distance=0.0), own=5, backbone=None
    )
    levels = torch.rand(50, generator=torch.Generator().manual_seed(6))
    torch.testing.assert_close(score(scorer, levels, features(50, seed=7)), levels)


def test_an_image_at_the_level_of_normal_ones_scores_a_half() -> None:
    scorer = scorer_of()
    level = torch.sigmoid(scorer.spread[:1, 0])
    centre, direction = scorer.normality.mean, features(1, seed=8) - scorer.normality.mean
    length = torch.exp((scorer.spread[1, 0] - scorer.normality(centre + direction)) / 2)
    found = score(scorer, level, centre + length * direction)
    assert found.item() == pytest.approx(0.5, abs=1e-3)


def test_a_single_image_is_enough_for_finite_scores() -> None:
    scorer = scorer_of(levels=torch.tensor([0.0]))
    assert torch.isfinite(score(scorer, torch.tensor([1.0]), features(1, seed=1))).all()


def test_what_was_fitted_comes_back_from_its_names() -> None:
    scorer = scorer_of()
    again = ImageScorer(OWN, own=5, backbone=None)
    again.load_state_dict(scorer.fitted())
    levels, new = torch.rand(6), features(6, seed=3)
    assert torch.equal(score(again, levels, new), score(scorer, levels, new))


def test_a_network_without_features_cannot_be_asked_for_them() -> None:
    with pytest.raises(ConfigError, match=r"gives no features .set score.normality to 0"):
        TrainConfig(network=NetworkConfig(name="torch.nn:Conv2d"), score=ImageScoreConfig(normality=0.5))
    with pytest.raises(ConfigError, match=r"gives no features .set loss.features to 0"):
        TrainConfig(network=NetworkConfig(name="torch.nn:Conv2d"), loss=LossConfig(features=1.0))


class MeanGrey(Backbone):
    """One feature: the mean grey value, whatever the range."""

    def __init__(self) -> None:
        super().__init__(torch.nn.Identity(), channels=1, size=32)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.mean(dim=(2, 3), keepdim=True)


@pytest.mark.parametrize(("limit", "equal"), [(0.0, False), (2.0, True)])
def test_beyond_its_limit_the_distance_raises_the_score_no_further(limit: float, equal: bool) -> None:
    config = ImageScoreConfig(flip=False, head=0.0, distance=1.0, distance_limit=limit, map_distance=0.0)
    scorer = ImageScorer(config, own=1, backbone=MeanGrey())
    # of mean 0 and spread 1, so that the deviation is the logarithm of the squared mean: 1, 2 and 4
    images = torch.tensor([0.5, 1.0, 2.0]).exp()[:, None, None, None].expand(-1, 1, 4, 4)
    _, (near, far, farther) = scorer(images, Prediction(torch.full((3, 4, 4), 0.5), None))
    assert near < far
    assert float(far) == pytest.approx(float(farther), abs=1e-6) if equal else far < farther
