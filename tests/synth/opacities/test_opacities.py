"""Laws that hold for every kind of opacity and both presets."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artasyn.data_manifests.errors import ConfigError, ImageError
from artasyn.synth.config import load_config
from artasyn.synth.opacities import (
    OpacityConfig,
    OpacityRecord,
    draw_opacity,
    draw_variant_count,
    prepare_chest,
    render_opacity,
    synthesize,
    synthesize_in,
)
from artasyn.synth.opacities.compositing.visible_mask import visible_mask
from artasyn.synth.opacities.config import BlendConfig, BrushConfig, ExtentConfig, GateConfig
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.kinds.registry import KINDS
from artasyn.synth.seeds import generator
from tests.chests import SIZE, chest, config_of

VEIL = {"ground_glass": 1.0}


CASES = [(kind, "default") for kind in KINDS] + [("brush", "paper")]


@pytest.mark.parametrize(("kind", "preset"), CASES)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**20))
def test_an_opacity_keeps_its_promises(kind, preset, seed):
    image, labels = chest(seed)
    config = config_of(kind, preset)
    opacity = synthesize(image, labels, rng=generator(seed, "x", 0), config=config)
    for array in (opacity.altered, opacity.alpha, opacity.mask, opacity.outline):
        assert array.dtype == np.uint8
        assert array.shape == image.shape
    assert np.array_equal(opacity.mask, visible_mask(image, opacity.altered))
    clip = config.gates.clip_to_lung
    drawn = opacity.alpha > config.outline_threshold
    assert np.array_equal(opacity.outline, drawn & (labels > 0) if clip else drawn)
    assert opacity.mask.any()
    assert opacity.outline.any()
    assert (opacity.altered >= image).all()
    assert np.array_equal(opacity.altered[opacity.alpha == 0], image[opacity.alpha == 0])
    if clip:
        lungs = Lungs(labels)
        assert not opacity.alpha[(labels == 0) & (lungs.hidden == 0)].any()


@pytest.mark.parametrize(("kind", "preset"), CASES)
def test_a_record_replays_to_the_same_bytes_through_json(kind, preset):
    image, labels = chest(3)
    opacity = synthesize(image, labels, rng=generator(5, kind, 0), config=config_of(kind, preset))
    text = json.dumps(opacity.record.to_dict(), allow_nan=False)
    record = OpacityRecord.from_dict(json.loads(text))
    again = render_opacity(record, image, labels)
    assert record == opacity.record
    assert np.array_equal(again.altered, opacity.altered)
    assert np.array_equal(again.alpha, opacity.alpha)
    assert np.array_equal(again.mask, opacity.mask)
    assert np.array_equal(again.outline, opacity.outline)


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_the_same_seed_gives_the_same_record_and_another_seed_another(preset):
    image, labels = chest()
    config = load_config(preset).opacities
    draws = [
        draw_opacity(image, labels, rng=generator(seed, "x", 0), config=config).to_dict()
        for seed in (1, 1, 2)
    ]
    assert draws[0] == draws[1] != draws[2]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "brush"])
def test_severity_makes_it_denser(kind):
    image, labels = chest()
    peaks = []
    for severity in (0.0, 1.0):
        config = replace(config_of(kind), severity=(severity, severity))
        rngs = (generator(seed, "severity", 0) for seed in range(5))
        alphas = [synthesize(image, labels, rng=rng, config=config).alpha for rng in rngs]
        peaks.append(np.mean([np.percentile(alpha[alpha > 0], 95) for alpha in alphas]))
    assert peaks[1] > 1.5 * peaks[0]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_veil_covers_the_share_of_the_lungs_it_was_asked_to(share):
    image, labels = chest(size=256)
    extent = ExtentConfig(share=(share, share), bilateral_probability=1.0)
    config = OpacityConfig(kinds=VEIL, composition=(1.0,), severity=(0.6, 1.0), extent=extent)
    covered = [
        synthesize(image, labels, rng=generator(seed, "share", 0), config=config).outline.sum()
        for seed in range(12)
    ]
    assert np.mean(covered) / (labels > 0).sum() == pytest.approx(share, abs=0.15)


def test_an_opacity_lies_on_the_asked_side_and_prefers_the_base():
    image, labels = chest()
    extent = ExtentConfig(share=(0.3, 0.3), bilateral_probability=0.0, basal=(2.0, 2.0))
    config = OpacityConfig(kinds=VEIL, composition=(1.0,), extent=extent)
    rows = []
    for seed in range(8):
        mask = synthesize(image, labels, rng=generator(seed, "base", 0), config=config).mask
        assert len(set(np.unique(labels[mask == 1])) - {0}) == 1
        rows.append(np.argwhere(mask)[:, 0].mean())
    assert np.mean(rows) > SIZE / 2 + 5


def test_a_record_of_another_form_is_refused():
    image, labels = chest()
    values = draw_opacity(image, labels, rng=generator(0, "", 0), config=config_of("patchy")).to_dict()
    with pytest.raises(ConfigError, match="must have the keys"):
        OpacityRecord.from_dict({key: value for key, value in values.items() if key != "gates"})
    values["kinds"][0]["params"]["size"] = 3
    with pytest.raises(ConfigError, match="unknown key `size`"):
        OpacityRecord.from_dict(values)


def test_one_lung_is_enough():
    image, labels = chest()
    labels[labels == 2] = 0
    for kind in KINDS:
        assert synthesize(image, labels, rng=generator(0, kind, 0), config=config_of(kind)).mask.any()


def test_no_lung_is_refused_by_name():
    image, labels = chest()
    with pytest.raises(ImageError, match="lung labels are all 0") as caught:
        synthesize(image, 0 * labels, rng=generator(0, "", 0), config=OpacityConfig())
    assert caught.value.kind == "no_lung"


def test_an_opacity_that_never_shows_is_absent_not_empty():
    image, labels = chest()
    config = OpacityConfig(kinds={"ground_glass": 1.0}, severity=(0, 0), outline_threshold=200, redraws=2)
    with pytest.raises(ImageError, match="in 3 draws") as caught:
        synthesize(image, labels, rng=generator(0, "", 0), config=config)
    assert caught.value.kind == "empty_opacity"


def test_kinds_lie_over_each_other_as_filters_do():
    image, labels = chest()
    config = load_config("default").opacities
    config = replace(config, gates=replace(config.gates, rib_floor=1.0), outline_width=0.0)
    one, other = (
        synthesize(image, labels, rng=generator(4, kind, 0), config=replace(config, kinds={kind: 1.0}))
        for kind in ("ground_glass", "patchy")
    )
    kinds = (one.record.kinds[0], other.record.kinds[0])
    light = [
        1 - render_opacity(replace(one.record, kinds=laid), image, labels).alpha / 255
        for laid in (kinds[:1], kinds[1:], kinds)
    ]
    inside = labels > 0
    assert np.abs(light[2] - light[0] * light[1])[inside].max() < 1.5 / 255
    assert light[2][inside].min() < min(light[0][inside].min(), light[1][inside].min())


def test_a_published_synthesis_is_alone_in_its_image_or_left_out():
    image, labels = chest(size=48)
    config = OpacityConfig(kinds={"nodular": 1.0, "cutpaste": 1.0}, composition=(0.0, 1.0))
    records = [draw_opacity(image, labels, rng=generator(s, "m", 0), config=config) for s in range(30)]
    ours = [record for record in records if isinstance(record, OpacityRecord)]
    assert {record.rival for record in records if not isinstance(record, OpacityRecord)} == {"cutpaste"}
    assert {kind.name for record in ours for kind in record.kinds} == {"nodular"}
    assert {len(record.kinds) for record in ours} == {1, 2}


def test_kinds_and_variants_follow_their_probabilities():
    image, labels = chest(size=48)
    config = OpacityConfig(
        kinds={"nodular": 3.0, "effusion": 1.0}, composition=(0.5, 0.5), variants=(0.2, 0.8)
    )
    rng = generator(0, "mixture", 0)
    records = [draw_opacity(image, labels, rng=rng, config=config) for _ in range(300)]
    names = [kind.name for record in records for kind in record.kinds]
    assert names.count("nodular") / len(names) == pytest.approx(0.75, abs=0.08)
    assert np.mean([len(record.kinds) for record in records]) == pytest.approx(1.5, abs=0.1)
    counts = [draw_variant_count(rng=rng, config=config) for _ in range(300)]
    assert np.mean(counts) == pytest.approx(1.8, abs=0.08)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: OpacityConfig(kinds={}), "positive weight"),
        (lambda: OpacityConfig(composition=(0.5, 0.2)), "add up to 1"),
        (lambda: OpacityConfig(outline_threshold=255), "outline_threshold"),
        (lambda: OpacityConfig(severity=(0.8, 0.2)), "severity"),
        (lambda: OpacityConfig(redraws=-1), "`?redraws.*got -1"),
        (lambda: BrushConfig(opacity_jitter=(0.5, 1.5)), "opacity_jitter"),
        (lambda: BrushConfig(stroke_opacity=1.5), "stroke_opacity"),
        (lambda: BrushConfig(widths=(80.0, 0.0)), "widths"),
        (lambda: BrushConfig(bend=-1.0), "bend"),
        (lambda: GateConfig(rib_floor=2.0), "rib_floor"),
        (lambda: GateConfig(dilate=0.5), "dilate"),
        (lambda: BlendConfig(relief=-1.0), "relief"),
        (lambda: ExtentConfig(skew=0.0), "skew"),
        (lambda: ExtentConfig(basal=(1.6, -0.1)), "basal"),
    ],
)
def test_settings_that_cannot_be_drawn_are_refused(build, words):
    with pytest.raises(ConfigError, match=words):
        build()


def test_an_unknown_kind_is_refused_with_the_nearest_name():
    image, labels = chest()
    with pytest.raises(ConfigError, match=r"'granular'.*nodular"):
        draw_opacity(image, labels, rng=generator(0, "", 0), config=OpacityConfig(kinds={"granular": 1.0}))


@pytest.mark.parametrize("shape", [(64, 64), (96, 160), (300, 200)])
def test_any_shape_of_image_is_taken(shape):
    image, labels = (cv2.resize(a, shape[::-1], interpolation=cv2.INTER_NEAREST) for a in chest())
    for kind in KINDS:
        opacity = synthesize(image, labels, rng=generator(1, kind, 0), config=config_of(kind))
        assert opacity.alpha.shape == shape


@pytest.mark.parametrize("kind", ["ground_glass", "effusion", "brush"])
def test_extent_does_not_depend_on_the_resolution(kind):
    shares = []
    for size in (128, 384):
        image, labels = chest(size=size)
        draws = (
            synthesize(image, labels, rng=generator(s, "r", 0), config=config_of(kind)) for s in range(10)
        )
        shares.append(np.mean([opacity.mask.mean() for opacity in draws]))
    assert shares[1] == pytest.approx(shares[0], rel=0.35)


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_opacities_in_one_prepared_chest_are_those_of_a_fresh_one(preset):
    image, labels = chest(2)
    config = load_config(preset).opacities
    prepared = prepare_chest(image, labels)
    for seed in range(6):
        alone = synthesize(image, labels, rng=generator(seed, "p", 0), config=config)
        shared = synthesize_in(prepared, rng=generator(seed, "p", 0), config=config)
        assert shared.record == alone.record
        assert np.array_equal(shared.altered, alone.altered)
        assert np.array_equal(shared.outline, alone.outline)
