"""Laws of the augmentation."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.augment.augmentation import augment, draw_augmentation, plan_augmentation
from artasyn.train.augment.config import AugmentConfig
from artasyn.train.data.dataset import Batch
from artasyn.train.fitting.prepare import prepare
from artasyn.train.runtime.seeds import tensor_generator

NOTHING = AugmentConfig(
    flip=0, rotation=0, scale=1, shift=0, gamma=1, contrast=1, brightness=0, noise=0, blur=0, coarsen=1,
    marker_probability=0,
    border_probability=0, device_probability=0, breast_probability=0, muscle_probability=0, scapula_probability=0,
    fold_probability=0, clavicle_probability=0, haze_probability=0, squeeze_probability=0, spine_probability=0,
    local_contrast=0, bend=0, opacity_gain=1, part_probability=0,
)  # fmt: skip
ALWAYS = AugmentConfig(
    flip=0.5,
    marker_probability=1,
    border_probability=1,
    device_probability=1,
    breast_probability=1,
    muscle_probability=1,
    scapula_probability=1,
    fold_probability=1,
    clavicle_probability=1,
    haze_probability=1,
    squeeze_probability=1,
    spine_probability=1,
    part_probability=1,
    noise=0.1,
    blur=2,
    coarsen=4,
)


def chest(count: int = 3, side: int = 48) -> Tensor:
    """Return (count, 4, side, side): an image brighter than its normal one exactly where the mask, in a lung, is 1."""
    normal = torch.rand(count, 1, side, side, generator=torch.Generator().manual_seed(1)) * 0.4 + 0.2
    mask = torch.zeros_like(normal)
    mask[:, :, 20:30, 12:20] = 1
    lungs = torch.zeros_like(normal)
    lungs[:, :, 8:40, 8:40] = 1
    return torch.cat((normal + 0.3 * mask, normal, mask, lungs), dim=1)


def changed(config: AugmentConfig, pixels: Tensor, *, seed: int = 0, study: Tensor | None = None) -> Tensor:
    drawn = draw_augmentation(config, len(pixels), generator=tensor_generator(seed, 5, stage="augment"))
    study = torch.arange(len(pixels)) if study is None else study
    return augment(pixels, plan_augmentation(drawn, study, side=pixels.shape[-1]))


def test_nothing_asked_for_changes_nothing() -> None:
    pixels = chest()
    torch.testing.assert_close(changed(NOTHING, pixels), pixels, atol=2e-6, rtol=0)


@pytest.mark.parametrize("seed", range(8))
def test_shape_range_and_mask_are_kept(seed: int) -> None:
    result = changed(ALWAYS, chest(), seed=seed)
    assert result.shape == (3, 4, 48, 48)
    assert result.min() >= 0
    assert result.max() <= 1
    assert (result[:, 2] <= result[:, 3] + 1e-6).all()  # the opacity stays in its lung


@pytest.mark.parametrize("seed", range(8))
def test_image_and_normal_image_stay_equal_outside_the_mask(seed: int) -> None:
    # These four leave opacity beyond its mask.
    config = replace(ALWAYS, blur=0, coarsen=1, local_contrast=0, part_probability=0)
    result = changed(config, chest(), seed=seed)
    outside = result[:, 2] == 0
    torch.testing.assert_close(result[:, 0][outside], result[:, 1][outside], atol=2e-6, rtol=0)


def test_the_opacity_goes_where_its_mask_goes() -> None:
    result = changed(replace(NOTHING, flip=1, rotation=20, scale=1.2, shift=0.1), chest())
    inside = result[:, 2] == 1
    torch.testing.assert_close(
        (result[:, 0] - result[:, 1])[inside].min(), torch.tensor(0.3), atol=1e-5, rtol=0
    )
    assert result[:, 2].sum() > 0


def test_bent_images_keep_opacity_and_mask_together() -> None:
    pixels = chest()
    result = changed(replace(NOTHING, bend=0.1), pixels)
    assert not torch.equal(result[:, 2], pixels[:, 2])
    torch.testing.assert_close(result[:, 0] - result[:, 1], 0.3 * result[:, 2], atol=1e-5, rtol=0)


def test_strength_scales_what_the_opacity_adds_and_nothing_else() -> None:
    pixels = chest()
    result = changed(replace(NOTHING, opacity_gain=1.3), pixels)
    torch.testing.assert_close(result[:, 1:], pixels[:, 1:], atol=2e-6, rtol=0)
    added = (result[:, 0] - result[:, 1])[pixels[:, 2] == 1].view(3, -1)
    assert added.std(dim=1).max() < 1e-5
    factors = added.mean(dim=1) / 0.3
    assert factors.min() > 1 / 1.3 - 1e-5
    assert factors.max() < 1.3 + 1e-5
    assert factors.std() > 0.05


def test_flip_mirrors() -> None:
    pixels = chest()
    torch.testing.assert_close(changed(replace(NOTHING, flip=1), pixels), pixels.flip(-1), atol=2e-6, rtol=0)


def test_images_of_a_study_change_alike() -> None:
    pixels = chest()[:1].repeat(3, 1, 1, 1)
    result = changed(ALWAYS, pixels, study=torch.tensor([1, 1, 0]))
    torch.testing.assert_close(result[0], result[1])
    assert not torch.equal(result[0], result[2])


def test_same_seed_and_step_draw_the_same() -> None:
    assert torch.equal(changed(ALWAYS, chest(), seed=4), changed(ALWAYS, chest(), seed=4))
    assert not torch.equal(changed(ALWAYS, chest(), seed=4), changed(ALWAYS, chest(), seed=5))


def test_no_opacity_shows_under_a_bar() -> None:
    pixels = torch.ones(20, 4, 40, 40)
    result = changed(replace(NOTHING, border_probability=1, border_width=0.3), pixels)
    covered = result[:, 1] < 1
    assert covered.any()
    assert result[:, 2][covered].max() == 0


def test_devices_only_brighten_and_are_never_marked() -> None:
    pixels = chest(8)
    pixels[:, 2] = 0
    result = changed(replace(NOTHING, device_probability=1), pixels)
    brighter = (result[:, 1] > pixels[:, 1] + 1e-4).flatten(1).sum(dim=1)
    assert (brighter > 0).all()
    assert (result[:, :2] >= pixels[:, :2] - 1e-5).all()
    assert result[:, 2].max() == 0


def test_detail_leaves_flat_images_alone_and_changes_others() -> None:
    flat = torch.full((4, 4, 48, 48), 0.3)
    torch.testing.assert_close(changed(replace(NOTHING, local_contrast=1), flat), flat, atol=2e-6, rtol=0)
    pixels = chest()
    assert (changed(replace(NOTHING, local_contrast=1), pixels) - pixels)[:, :2].abs().max() > 0.01


def test_the_global_generator_is_left_alone() -> None:
    before = torch.random.get_rng_state()
    changed(ALWAYS, chest())
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("flip", 1.5),
        ("gamma", 0.5),
        ("noise", -0.1),
        ("border_width", 0.6),
        ("coarsen", 0),
        ("device_probability", 2),
    ],
)
def test_ranges_are_checked(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"augment.{name}: must be"):
        replace(NOTHING, **{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("shrink", [1, 2, 4])
def test_preparing_scales_and_takes_area_means(shrink: int) -> None:
    pixels = torch.randint(
        0, 256, (2, 4, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    pixels[:, 2:] %= 2
    batch = Batch(pixels, torch.tensor([0, 1]), torch.tensor([-1, -1]), 2, ())
    drawn = draw_augmentation(NOTHING, 2, generator=tensor_generator(0, 0, stage="augment"))
    targets = prepare(batch, plan_augmentation(drawn, batch.study, side=16 // shrink), shrink=shrink)
    expected = torch.nn.functional.avg_pool2d(pixels.float(), shrink)
    torch.testing.assert_close(targets.images, expected[:, :1] / 255, atol=1e-5, rtol=0)
    torch.testing.assert_close(targets.normals, expected[:, 1:2] / 255, atol=1e-5, rtol=0)
    torch.testing.assert_close(targets.masks, expected[:, 2:3], atol=1e-5, rtol=0)
    torch.testing.assert_close(targets.lungs, expected[:, 3:], atol=1e-5, rtol=0)
