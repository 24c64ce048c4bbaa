"""Laws of the terms of a score: an image's bits do not depend on those beside it, places are as images."""

import pytest
import torch

from artasyn.train.scoring.feature_terms import FeatureDistance, SyntheticHead, fit_distance, fit_head


@pytest.fixture(scope="module")
def features() -> torch.Tensor:
    """Return those of 40 images."""
    return torch.randn((40, 112), generator=torch.Generator().manual_seed(0))


def terms(features: torch.Tensor) -> tuple[FeatureDistance, SyntheticHead]:
    """Fit both terms on images in which every feature counts."""
    return fit_distance(features), fit_head(features, features + 0.1, ridge=0.1)


@pytest.mark.parametrize("together", [4, 7, 40])
def test_an_image_beside_others_keeps_its_bits(features: torch.Tensor, together: int) -> None:
    for term in terms(features):
        alone = torch.cat([term(one) for one in features.split(1)])
        assert torch.equal(torch.cat([term(some) for some in features.split(together)]), alone)


def test_the_distance_is_that_of_mahalanobis() -> None:
    """Of one feature with mean 0 and variance 4, 6 lies 3 deviations away."""
    far = fit_distance(torch.tensor([[-2.0], [2.0]]))(torch.tensor([[6.0]]))
    assert far.item() == pytest.approx(torch.log(torch.tensor(9.0)).item(), abs=2e-3)


def test_places_lie_as_far_as_images_with_their_features(features: torch.Tensor) -> None:
    distance, _ = terms(features)
    places = distance(features.reshape(8, 5, 112))
    torch.testing.assert_close(places.flatten(), distance(features))
