"""Laws of lung fields, whatever the method, and what the default reaches on real radiographs."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image

from artasyn.data_manifests.config import config_from_dict
from artasyn.data_manifests.errors import ConfigError, ImageError
from artasyn.data_manifests.images.decode import read_image
from artasyn.synth.commands.lungs import lungs as lungs_command
from artasyn.synth.lungs import LEFT, REASONS, RIGHT, LungConfig, look_for_lungs, segment_lungs
from artasyn.synth.lungs.acceptance import SHAPE_REASONS, rejection
from artasyn.synth.outlining.agreement import overlap
from artasyn.synth.seeds import generator
from artasyn.synth.sources.phantom import draw_phantom, render_phantom

METHODS = [LungConfig(method="network"), LungConfig(method="thresholds"), LungConfig(method="pbtseg")]


def chest(seed: int, size: int = 256) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    params = draw_phantom(rng=generator(seed, "lungs", 0), abnormal=False)
    phantom = render_phantom(params, size=size)
    return phantom.image, phantom.lungs


def dice(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    return overlap(a > 0, b > 0).dice


def drawn_mask(seed: int) -> NDArray[np.uint8]:
    return np.where(chest(seed, 64)[1] > 0, np.uint8(255), np.uint8(0))


@pytest.mark.parametrize("config", METHODS, ids=lambda c: c.method)
@settings(max_examples=25, deadline=None)
@given(image=hnp.arrays(np.uint8, st.tuples(st.integers(1, 70), st.integers(1, 70))))
@example(image=np.zeros((64, 64), np.uint8))
@example(image=np.full((64, 64), 255, np.uint8))
@example(image=np.full((1, 500), 90, np.uint8))
@example(image=np.full((500, 1), 90, np.uint8))
@example(image=np.random.default_rng(0).integers(0, 256, (200, 90), np.uint8))
@example(image=255 - chest(3, 51)[0])
@example(image=drawn_mask(3))
def test_any_grey_image_gets_an_answer(config, image):
    field = segment_lungs(image, config)
    assert field.labels.shape == image.shape
    assert field.labels.dtype == np.uint8
    assert set(np.unique(field.labels)) <= {0, RIGHT, LEFT}
    assert 0 <= field.quality <= 1
    assert field.reason in REASONS[config.method] | {""}


@pytest.mark.parametrize("value", [0, 90, 255])
def test_a_constant_image_has_no_lungs(value):
    for config in METHODS:
        assert segment_lungs(np.full((128, 128), value, np.uint8), config).reason == "no_lung"


@pytest.mark.parametrize("config", METHODS, ids=lambda c: c.method)
def test_a_mask_is_no_radiograph_and_no_negative_of_one(config):
    mask = drawn_mask(3)
    assert {segment_lungs(picture, config).reason for picture in (mask, 255 - mask)} <= SHAPE_REASONS
    assert segment_lungs(255 - mask, LungConfig()).reason == "flat"


def test_reasons_are_those_of_the_page():
    rows = re.findall(r"^\| (`.*?) \|", Path("docs/concepts/lung-fields.md").read_text(), re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == set().union(*REASONS.values())


def test_noise_is_refused():
    noise = np.random.default_rng(1).integers(0, 256, (5, 128, 128), np.uint8)
    assert all(segment_lungs(image, LungConfig()).reason for image in noise)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((9, 9), np.uint16),
        np.zeros((9, 9, 3), np.uint8),
        np.zeros((9, 9)),
        np.zeros((0, 9), np.uint8),
    ],
)
def test_what_is_not_a_grey_uint8_image_is_refused_by_name(image):
    with pytest.raises(ImageError, match="must"):
        segment_lungs(image, LungConfig())


def test_an_image_too_large_is_refused_before_any_work():
    huge = np.lib.stride_tricks.as_strided(np.zeros(1, np.uint8), (20_000, 20_000), (0, 0))
    with pytest.raises(ImageError, match="pixels"):
        segment_lungs(huge, LungConfig())


@pytest.mark.parametrize("config", METHODS, ids=lambda c: c.method)
def test_the_same_image_gives_the_same_bytes_whatever_its_memory_layout(config):
    image, _ = chest(1)
    first, again = segment_lungs(image, config), segment_lungs(np.asfortranarray(image), config)
    assert np.array_equal(first.labels, again.labels)
    assert first.quality == again.quality


def test_lungs_of_phantoms_are_found_on_their_sides():
    for seed in range(4):
        image, truth = chest(seed)
        field = segment_lungs(image, LungConfig())
        assert field.reason == ""
        assert dice(field.labels, truth) > 0.8
        for side in (RIGHT, LEFT):
            assert np.mean(truth[field.labels == side] == (LEFT if side == RIGHT else RIGHT)) < 0.01


def test_size_hardly_matters():
    image, _ = chest(2, 512)
    small = segment_lungs(
        np.asarray(Image.fromarray(image).resize((256, 256), Image.Resampling.BOX)), LungConfig()
    )
    large = segment_lungs(image, LungConfig())
    assert dice(large.labels[::2, ::2], small.labels) > 0.97


def test_a_negative_gets_the_lungs_of_its_positive():
    image, truth = chest(3)
    assert dice(segment_lungs(255 - image, LungConfig()).labels, truth) > 0.8


def square(top: int, left: int, height: int, width: int, side: int) -> NDArray[np.uint8]:
    labels = np.zeros((100, 100), np.uint8)
    labels[top : top + height, left : left + width] = side
    return labels


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (square(0, 0, 0, 0, RIGHT), "no_lung"),
        (square(20, 10, 50, 25, RIGHT), "one_lung"),
        (square(20, 10, 50, 25, RIGHT) + square(20, 60, 50, 25, LEFT), ""),
        (square(20, 0, 50, 25, RIGHT) + square(20, 60, 50, 25, LEFT), "leaks_to_border"),
        (square(20, 10, 50, 25, LEFT) + square(20, 60, 50, 25, RIGHT), "implausible_shape"),
        (square(20, 10, 70, 30, RIGHT) + square(20, 60, 20, 10, LEFT), "implausible_shape"),
        (square(5, 5, 90, 45, RIGHT) + square(20, 60, 50, 25, LEFT), "implausible_shape"),
    ],
)
def test_each_reason_has_its_case(labels, reason):
    noise = np.random.default_rng(0).integers(0, 256, labels.shape, np.uint8)
    assert rejection(labels, noise) == reason


@pytest.mark.parametrize(("rows", "reason"), [(24, ""), (26, "flat")])
def test_half_a_lung_of_one_grey_value_is_flat(rows, reason):
    labels = square(20, 10, 50, 25, RIGHT) + square(20, 60, 50, 25, LEFT)
    image = np.arange(10_000).reshape(100, 100).astype(np.uint8)
    image[20 : 20 + rows] = 7
    assert rejection(labels, image) == reason


def test_a_low_quality_is_refused_as_uncertain():
    image, _ = chest(1)
    assert segment_lungs(image, LungConfig(min_quality=1.0)).reason == "uncertain"


def test_settings_come_from_plain_tables():
    config = config_from_dict(LungConfig, {"method": "pbtseg", "pbtseg": {"last_threshold": 150}})
    assert config.pbtseg.last_threshold == 150
    with pytest.raises(ConfigError, match="method"):
        config_from_dict(LungConfig, {"method": "magic"})
    with pytest.raises(ConfigError, match="min_area"):
        config_from_dict(LungConfig, {"pbtseg": {"min_area": 0.5}})


def test_overlap_by_head():
    a, b = np.zeros((20, 20), bool), np.zeros((20, 20), bool)
    a[5:15, 5:15], b[5:15, 8:18] = True, True
    measured = overlap(a, b)
    assert (measured.dice, measured.iou, measured.hd95) == (0.7, 70 / 130, 3.0)
    empty = np.zeros_like(a)
    assert overlap(empty, empty).dice == 1
    assert overlap(a, empty).hd95 == float("inf")


def test_the_command_writes_masks_overlays_and_scores(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "drawn").mkdir()
    for seed in range(2):
        image, truth = chest(seed)
        Image.fromarray(image).save(tmp_path / "in" / f"{seed}.png")
        Image.fromarray((truth > 0).astype(np.uint8) * 255).save(tmp_path / "drawn" / f"{seed}.png")
    (tmp_path / "in" / "broken.png").write_bytes(b"no picture")
    arguments = [str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--score", str(tmp_path / "drawn")]
    result = CliRunner().invoke(lungs_command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert "3 images, 1 refused" in result.output
    assert "2 scored" in result.output
    with Image.open(tmp_path / "out" / "masks" / "1.png") as picture:
        mask = np.asarray(picture)
    assert set(np.unique(mask)) == {0, 128, 255}
    with Image.open(tmp_path / "out" / "overlays" / "0.png") as overlay:
        assert overlay.mode == "RGB"
    rows = list(csv.DictReader((tmp_path / "out" / "lungs.csv").read_text().splitlines()))
    assert [row["name"] for row in rows] == ["0", "1", "broken"]
    assert float(rows[0]["dice"]) > 0.8


@pytest.mark.radiographs
@pytest.mark.parametrize(("kind", "least"), [("normal", 0.93), ("diseased_covid", 0.85)])
def test_outlines_agree_with_people_on_radiographs(radiographs: Path, kind, least):
    paths = sorted((radiographs / "covid_qu_ex" / kind).glob("*.png"))[::12]
    scores = []
    for path in paths:
        field = segment_lungs(np.asarray(Image.open(path).convert("L")), LungConfig())
        drawn = np.asarray(Image.open(radiographs / "covid_qu_ex" / "lung_masks" / path.name).convert("L"))
        scores.append(dice(field.labels, (drawn > 127).astype(np.uint8)))
    assert np.mean(scores) >= least
    assert np.percentile(scores, 5) >= 0.75


def test_the_command_never_outlines_its_own_results_and_goes_on_past_a_mask_that_does_not_fit(tmp_path):
    radiographs, drawn = tmp_path / "radiographs", tmp_path / "drawn"
    radiographs.mkdir()
    drawn.mkdir()
    for k in range(2):
        Image.fromarray(chest(k)[0]).save(radiographs / f"{k}.png")
    Image.fromarray((chest(0)[1] > 0).astype(np.uint8)).save(drawn / "0.png")
    Image.new("L", (30, 30)).save(drawn / "1.png")
    for _ in range(2):
        done = CliRunner().invoke(
            lungs_command, [str(radiographs), "--out", str(radiographs), "--score", str(drawn)]
        )
        assert done.exit_code == 0, done.output
        assert "2 images, 1 refused" in done.output
        assert "1.png: has 30 x 30 pixels, its image 256 x 256" in done.output
        assert "1 scored" in done.output


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_image_is_not_upright(turns: int) -> None:
    for number in range(3):
        image, _ = chest(number)
        assert look_for_lungs(image).reason == ""
        assert look_for_lungs(np.rot90(image, turns)).reason == "not_upright"
        assert (
            look_for_lungs(np.ascontiguousarray(image[:, ::-1])).reason == ""
        )  # right and left: not asked for


@pytest.mark.radiographs
def test_of_real_radiographs_those_that_are_turned_are_not_upright(radiographs: Path) -> None:
    images = [read_image(path) for path in sorted((radiographs / "nih_rsna_boxes_512").rglob("*.png"))[:60:4]]
    assert [look_for_lungs(image).reason for image in images] == [""] * len(images)
    turned = [look_for_lungs(np.rot90(image, 2)).reason for image in images]
    assert turned == ["not_upright"] * len(images)
