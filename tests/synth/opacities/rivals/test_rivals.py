"""Laws of the published syntheses, on phantoms."""

import json
from pathlib import Path

import numpy as np
import pytest

from artasyn.data_manifests.errors import ConfigError, ImageError
from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.data_manifests.store.version import open_version
from artasyn.synth.build.plan import make_plan
from artasyn.synth.build.selection import Selection
from artasyn.synth.build.shards import build_shards, run_here
from artasyn.synth.config import SynthConfig, load_config
from artasyn.synth.opacities import SecondImage, read_record, render_opacity, synthesize
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.rivals.anat_paste import AnatPasteParams
from artasyn.synth.opacities.rivals.cut_paste import Cut
from artasyn.synth.opacities.rivals.deformations import exponent, pull
from artasyn.synth.opacities.rivals.many_tasks import ManyTasksParams, TaskAnomaly
from artasyn.synth.opacities.rivals.perlin_texture import perlin_noise
from artasyn.synth.opacities.rivals.poisson import rebuild, row_and_column_steps
from artasyn.synth.opacities.rivals.record import RivalRecord, draw_rival, render_rival
from artasyn.synth.opacities.rivals.registry import IN_LUNG, RIVALS
from artasyn.synth.opacities.rivals.shapes import Shape, fill_shape, reach
from artasyn.synth.seeds import generator
from artasyn.synth.sources.phantom import draw_phantom, render_phantom
from artasyn.synth.versions.replay import replay_records

SIZE = 128
NAMES = [name + end for name in RIVALS for end in ("", IN_LUNG)]


def phantom(seed: int):
    drawn = draw_phantom(rng=generator(seed, "rivals", 0), abnormal=False)
    return render_phantom(drawn, size=SIZE)


@pytest.fixture(scope="module")
def pair():
    own, other = phantom(0), phantom(1)
    second = SecondImage(image_id="other", pixels_sha256="0", pixels=other.image)
    return own.image, own.lungs, lambda: second


@pytest.mark.parametrize("name", NAMES)
def test_a_rival_changes_nothing_outside_its_patch_and_labels_nothing_there(name, pair):
    image, labels, second = pair
    for seed in range(6):
        rng = generator(seed, name, 0)
        record = draw_rival(name, image, Lungs(labels), rng=rng, read_second=second)
        painted = render_rival(record, image, Lungs(labels), read_second=second)
        assert np.array_equal(painted.altered[~painted.patch], image[~painted.patch])
        assert not painted.label[~painted.patch].any()
        assert not painted.mask[~painted.patch].any()
        assert 0 <= painted.label.min() <= painted.label.max() <= 1
        if name.endswith(IN_LUNG):
            assert not (painted.patch & (labels == 0)).any()


@pytest.mark.parametrize("name", NAMES)
def test_a_record_replays_to_the_same_bytes_through_json(name, pair):
    image, labels, second = pair
    config = load_config(name.replace("_", "-")).opacities
    opacity = synthesize(image, labels, rng=generator(3, name, 0), config=config, second=second)
    assert opacity.mask.any()
    record = read_record(json.loads(json.dumps(opacity.record.to_dict(), allow_nan=False)))
    assert record == opacity.record
    again = render_opacity(record, image, labels, second=second)
    for channel in ("altered", "alpha", "mask", "outline"):
        assert np.array_equal(getattr(again, channel), getattr(opacity, channel))


@pytest.mark.parametrize("name", [rival.name for rival in RIVALS.values() if rival.needs_second])
def test_a_second_image_is_asked_for_by_name_and_no_other_is_taken(name, pair):
    image, labels, second = pair
    config = load_config(name).opacities
    with pytest.raises(ConfigError, match="second normal image"):
        synthesize(image, labels, rng=generator(0, name, 0), config=config)
    record = synthesize(image, labels, rng=generator(0, name, 0), config=config, second=second).record
    stranger = SecondImage(image_id="stranger", pixels_sha256="1", pixels=image)
    with pytest.raises(ImageError, match="drawn with the second image other"):
        render_opacity(record, image, labels, second=lambda: stranger)


def test_fpi_mixes_images_brought_to_one_exposure():
    image, labels = phantom(0).image, phantom(0).lungs
    other = phantom(1).image
    painted = []
    for pixels in (other, (other // 2 + 60).astype(np.uint8)):
        second = SecondImage(image_id="other", pixels_sha256="0", pixels=pixels)
        record = draw_rival(
            "fpi", image, Lungs(labels), rng=generator(1, "fpi", 0), read_second=lambda s=second: s
        )
        altered = render_rival(record, image, Lungs(labels), read_second=lambda s=second: s).altered
        painted.append(altered.astype(int))
    assert np.abs(painted[0] - image).max() > 20
    assert np.abs(painted[0] - painted[1]).max() <= 3


def test_poisson_rebuilds_a_box_from_its_own_steps_and_keeps_the_rim():
    box = np.random.default_rng(0).normal(size=(9, 14))
    assert rebuild(box, *row_and_column_steps(box)) == pytest.approx(box[1:-1, 1:-1])
    flat = rebuild(np.pad(np.zeros((4, 4)), 1, constant_values=7.0), np.zeros((5, 4)), np.zeros((4, 5)))
    assert flat == pytest.approx(7.0)


@pytest.mark.parametrize("form", ["ellipse", "rectangle"])
def test_the_reach_of_a_ray_is_where_the_shape_ends(form):
    shape = Shape(form=form, row=50.0, column=48.0, matrix=(20.0, 4.0, -6.0, 12.0))
    inside = fill_shape(shape, (100, 100))
    for centre in ((50.0, 48.0), (55.0, 44.0)):
        for angle in np.linspace(0, 6, 13):
            step = np.array([np.sin(angle)]), np.array([np.cos(angle)])
            times = float(reach(shape, centre, *step)[0])
            for factor, expected in ((0.93, True), (1.07, False)):
                row, column = (c + factor * times * s[0] for c, s in zip(centre, step, strict=True))
                assert inside[round(row), round(column)] == expected or abs(times) < 8


def test_a_source_moves_pixels_out_and_a_sink_moves_them_in():
    shape = Shape(form="ellipse", row=40.0, column=40.0, matrix=(30.0, 0.0, 0.0, 30.0))
    inside = fill_shape(shape, (81, 81))
    distance = np.hypot(*(np.indices((81, 81)) - 40.0))
    for outward in (True, False):
        pulled = pull(distance, inside, shape, (40.0, 40.0), strength=0.8, outward=outward)
        ring = inside & (distance > 8) & (distance < 22)
        assert ((pulled < distance) if outward else (pulled > distance))[ring].all()
        assert np.array_equal(pulled[~inside], distance[~inside])
    assert exponent(0.4, strength=0.5, outward=True) == 1.0


def whole_image(side: int) -> np.ndarray:
    return np.where(np.arange(side)[None] < side // 2, np.ones((side, 1)), 2).astype(np.uint8)


@pytest.mark.parametrize("shape", [(60, 90), (90, 60), (24, 41), (20, 70)])
def test_anatpaste_leaves_ten_pixels_of_its_patch_free_on_every_side(shape):
    height, width = shape
    cut = Cut(row=30, column=20, height=height, width=width, brightness=1.0, contrast=1.0)
    params = AnatPasteParams(cut=cut, row=128, column=128, form="rectangle", strength=200, radius=0)
    image = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
    record = RivalRecord(rival="anatpaste", params=params, second=None)
    painted = render_rival(record, image, Lungs(whole_image(256)))
    for axis, (place, length) in enumerate(((128, height), (128, width))):
        marked = np.flatnonzero(painted.mask.any(axis=1 - axis))
        if min(height, width) <= 20:
            assert not marked.size  # as published: nothing is left of it
        else:
            first = place - length // 2 + 10
            assert (marked[0], marked[-1]) == (first, first + length - 21)


@pytest.mark.parametrize("cells", [(2, 4), (8, 8)])
def test_perlin_noise_is_none_at_the_corners_of_its_cells_and_has_no_seam_between_them(cells):
    side = 512
    noise = perlin_noise((side, side), cells, rng=np.random.default_rng(5)).astype(float)
    steps = [side // count for count in cells]
    assert np.abs(noise[:: steps[0], :: steps[1]]).max() < 1e-6
    assert np.abs(noise).max() > 0.4
    for axis, step in enumerate(steps):
        bend = np.abs(np.diff(noise, 2, axis=axis))
        seams = np.arange(step, side - 1, step) - 1
        # Of Perlin's second fade, 6t^5 - 15t^4 + 10t^3, both derivatives are 0 there; of his first only one is.
        assert np.take(bend, seams, axis=axis).max() < 60 / step**3
        assert bend.max() > 1 / step**2


@pytest.mark.parametrize("task", ["source", "sink"])
def test_many_tasks_draws_a_sink_in_and_pushes_a_source_out_and_labels_both_by_the_change(task):
    distance = np.hypot(*(np.indices((128, 128)) - 64.0))
    image = np.rint(2 * distance).astype(np.uint8)
    shape = Shape(form="ellipse", row=64.0, column=64.0, matrix=(40.0, 0.0, 0.0, 40.0))
    anomaly = TaskAnomaly(shape=shape, turn=0, scale=1, row=64.0, column=64.0, strength=0.8, border=0)
    record = RivalRecord(
        rival="many_tasks", params=ManyTasksParams(task=task, anomalies=(anomaly,)), second=None
    )
    painted = render_rival(record, image, Lungs(whole_image(128)))
    change = painted.altered.astype(int) - image
    ring = (distance > 10) & (distance < 30)
    assert ((change < 0) if task == "source" else (change > 0))[ring].all()
    for rounding in (-0.51, 0.51):  # of a grey value
        bound = 1 - np.exp(-(((np.abs(change) + rounding).clip(0) / 127.5) ** 2) / (2 * 0.2**2))
        assert ((painted.label <= bound + 1e-6) if rounding > 0 else (painted.label >= bound - 1e-6))[
            distance < 39
        ].all()
    assert not painted.label[distance > 41].any()
    assert painted.label.max() > 0.02


def rival_plan(name: str, seed: int = 0):
    config = SynthConfig(size=64, opacities=load_config(name).opacities)
    return make_plan(Selection(corpus="phantom:6"), kind="synthetic", config=config, seed=seed)


def test_a_build_records_second_images_of_the_training_part_and_makes_the_same_bytes_twice(tmp_path: Path):
    digests = set()
    for folder in ("once", "again"):
        plan = rival_plan("fpi")
        draft = plan.draft(FolderBlobs(str(tmp_path / folder)))
        for _ in build_shards(plan, draft, executor=run_here):
            pass
        draft.commit({"kind": plan.kind})
        version = open_version(f"{tmp_path / folder}@{plan.version_id}")
        digests.add(version.attributes["digest"])
    assert len(digests) == 1
    table = version.table
    split = dict(zip(table["image_id"].tolist(), table["split"].tolist(), strict=True))
    pixels = dict(zip(table["image_id"].tolist(), table["pixels_sha256"].tolist(), strict=True))
    seconds = set()
    for row in version.rows(status="ok"):
        second = json.loads(str(table["record"][row]))["second"]
        assert second["image_id"] != str(table["image_id"][row])
        assert second["pixels_sha256"] == pixels[second["image_id"]]
        assert split[second["image_id"]] == "train"
        seconds.add(second["image_id"])
    assert not [words for _, words in replay_records(version, version.rows(status="ok")) if words]
    assert len(seconds) > 2


def test_only_plans_that_need_a_second_image_carry_a_pool():
    assert len(rival_plan("fpi").recipe.pool) == 6
    assert rival_plan("cutpaste").recipe.pool == ()
