"""Laws of lost air: what brightness alone says about a lung, against the darkest part of the same lungs."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.config import TrainConfig
from artasyn.train.models.anomaly_network import NetworkConfig, Output
from artasyn.train.objective.objective import LossConfig
from artasyn.train.scoring.aeration import USUAL, _smoothed, aeration
from artasyn.train.scoring.anomaly_map import output_maps
from artasyn.train.scoring.config import ImageScoreConfig

SIDE, WHOLE = 64, 2.0


def air(image: Tensor, lungs: Tensor) -> Tensor:
    return aeration(image, lungs, lung_mean=WHOLE)


def chest(*, opaque: float = 0.0, rows: slice = slice(20, 32)) -> tuple[Tensor, Tensor]:
    """Return an image of two dark lungs in a bright body, one place of them brighter by `opaque`, and the lungs."""
    generator = np.random.default_rng(0)
    lungs = np.zeros((SIDE, SIDE), np.float32)
    lungs[12:52, 8:26] = lungs[12:52, 38:56] = 1
    image = 0.7 - 0.4 * lungs + generator.normal(0, 0.01, lungs.shape).astype(np.float32)
    image[rows, 10:22] += opaque
    return torch.from_numpy(image)[None, None], torch.from_numpy(lungs)[None, None]


def test_smoothing_is_the_mean_over_a_square() -> None:
    image = torch.rand(2, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    padded = F.pad(image, (2, 2, 2, 2), mode="replicate")
    torch.testing.assert_close(_smoothed(image), F.avg_pool2d(padded, 5, stride=1))


def test_an_opacity_loses_air_and_the_other_lung_hardly() -> None:
    normal, sick = air(*chest()), air(*chest(opaque=0.3))
    here, other = (slice(None), slice(None), slice(22, 30), slice(12, 20)), (..., slice(40, 54))
    assert (sick[here] - normal[here]).min() > 1
    assert (sick[other] - normal[other]).abs().max() < 0.5


def test_the_denser_the_more() -> None:
    lost = [float(air(*chest(opaque=o))[0, 0, 26, 16]) for o in (0.0, 0.1, 0.2, 0.3)]
    assert lost == sorted(lost)


@pytest.mark.parametrize(("gain", "offset"), [(0.1, 0.0), (0.5, 0.3), (1.0, -0.2), (3.0, -1.0)])
def test_exposure_does_not_matter(gain: float, offset: float) -> None:
    image, lungs = chest(opaque=0.2)
    torch.testing.assert_close(air(gain * image + offset, lungs), air(image, lungs), atol=0.1, rtol=0.1)


def test_outside_the_lungs_there_is_no_air_to_lose() -> None:
    image, lungs = chest(opaque=0.2)
    lost = air(image, lungs)
    nothing = torch.full_like(image, -(1 + WHOLE) * USUAL)
    assert torch.equal(lost[lungs == 0], nothing[lungs == 0])
    assert lost[lungs == 1].min() > -(1 + WHOLE) * USUAL
    assert torch.equal(air(image, torch.zeros_like(lungs)), nothing)
    torch.testing.assert_close(air(torch.full_like(image, 0.4), lungs), nothing)


def test_the_whole_moves_every_place_of_the_lungs_alike() -> None:
    image, lungs = chest(opaque=0.3)
    place, both = aeration(image, lungs, lung_mean=0), aeration(image, lungs, lung_mean=1)
    moved = (both - place)[lungs == 1]
    torch.testing.assert_close(moved, moved.mean().expand_as(moved))
    above = (place + USUAL)[lungs == 1]
    torch.testing.assert_close(moved.mean(), above.mean() - USUAL)


def test_images_of_a_batch_are_judged_alone() -> None:
    (a, lungs), (b, _) = chest(), chest(opaque=0.3)
    together = air(torch.cat((a, b)), torch.cat((lungs, lungs)))
    torch.testing.assert_close(together, torch.cat((air(a, lungs), air(b, lungs))))


def test_mirroring_the_image_mirrors_what_is_lost() -> None:
    image, lungs = chest(opaque=0.2)
    torch.testing.assert_close(air(image.flip(-1), lungs.flip(-1)), air(image, lungs).flip(-1))


def test_weight_moves_the_log_odds_and_none_leaves_the_network_alone() -> None:
    image, lungs = chest(opaque=0.2)
    output = Output(None, torch.randn_like(image), torch.logit(lungs, eps=1e-3), None)
    assert output.logits is not None
    assert output.lungs is not None
    assert torch.equal(output_maps(output, image, ImageScoreConfig(aeration=0)), torch.sigmoid(output.logits))
    moved = (
        torch.logit(output_maps(output, image, ImageScoreConfig(aeration=0.5, lung_mean=WHOLE)))
        - output.logits
    )
    torch.testing.assert_close(moved, 0.5 * air(image, torch.sigmoid(output.lungs)), atol=1e-4, rtol=1e-3)


def test_without_a_lung_head_it_must_be_left_out() -> None:
    network = NetworkConfig(heads=("segmentation",))
    loss = LossConfig(global_mse=0, local_mse=0, lungs=0)
    with pytest.raises(ConfigError, match=r"score.aeration: needs the heads .* lacks lungs .*or set 0"):
        TrainConfig(network=network, loss=loss)
    assert TrainConfig(network=network, loss=loss, score=ImageScoreConfig(aeration=0)).score.aeration == 0
