"""A user's own picture as the brush tip."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artasyn.data_manifests.errors import ConfigError
from artasyn.synth.atlas.sheet import phantom_subject
from artasyn.synth.opacities import OpacityConfig, draw_opacity, load_tip, render_opacity, synthesize
from artasyn.synth.seeds import generator


def painted_with(path: Path) -> OpacityConfig:
    config = OpacityConfig(kinds={"brush": 1.0}, composition=(1.0,))
    return replace(config, brush=replace(config.brush, file=str(path)))


@pytest.mark.parametrize("paper_on_ink", [False, True])
def test_a_picture_becomes_a_brush_tip_and_is_named_in_the_record(tmp_path, paper_on_ink):
    dots = np.zeros((60, 90), np.uint8)
    dots[20:40, 30:60] = 255
    path = tmp_path / "tip.png"
    Image.fromarray(255 - dots if paper_on_ink else dots).save(path)
    tip = load_tip(path)
    assert tip.shape == (112, 168)
    assert tip[0].max() == 0
    assert tip.max() == 1
    image, labels = phantom_subject(96, seed=0)
    config = painted_with(path)
    record = synthesize(image, labels, rng=generator(0, "tip", 0), config=config).record
    assert record.kinds[0].params.file == str(path)


def test_a_tall_tip_and_strokes_that_leave_the_image_are_painted(tmp_path):
    path = tmp_path / "tall.png"
    Image.fromarray(np.pad(np.full((200, 12), 255, np.uint8), 8)).save(path)
    config = painted_with(path)
    config = replace(config, brush=replace(config.brush, bend=400.0))
    image, labels = phantom_subject(96, seed=0)
    for seed in range(5):
        opacity = synthesize(image, labels, rng=generator(seed, "tall", 0), config=config)
        assert opacity.mask.any()


def test_a_changed_tip_does_not_replay_silently(tmp_path):
    image, labels = phantom_subject(96, seed=0)
    path = tmp_path / "tip.png"
    Image.fromarray(np.diag(np.full(40, 255, np.uint8))).save(path)
    config = painted_with(path)
    record = draw_opacity(image, labels, rng=generator(0, "tip", 0), config=config)
    Image.fromarray(np.diag(np.full(50, 255, np.uint8))).save(path)
    with pytest.raises(ConfigError, match="not the brush tip"):
        render_opacity(record, image, labels)
    other = draw_opacity(image, labels, rng=generator(0, "tip", 0), config=config)
    assert render_opacity(other, image, labels).alpha.any()
    path.unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        draw_opacity(image, labels, rng=generator(0, "tip", 0), config=config)


def test_one_grey_is_no_tip(tmp_path):
    path = tmp_path / "grey.png"
    Image.fromarray(np.full((20, 20), 80, np.uint8)).save(path)
    with pytest.raises(ConfigError, match="one grey"):
        load_tip(path)
