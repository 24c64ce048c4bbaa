"""What is drawn for a rival lies in its published ranges, and what is rendered is its published formula."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.rivals.deformations import exponent
from artasyn.synth.opacities.rivals.many_tasks import ManyTasksParams, TaskAnomaly
from artasyn.synth.opacities.rivals.record import RivalRecord, draw_rival, render_rival
from artasyn.synth.opacities.rivals.scene import Painted, SecondImage
from artasyn.synth.opacities.rivals.shapes import Shape
from artasyn.synth.seeds import generator
from artasyn.synth.sources.phantom import Phantom, draw_phantom, render_phantom

SIZE = 256  # of which the published lengths are
DRAWS = 120


@cache
def phantom(seed: int) -> Phantom:
    drawn = draw_phantom(rng=generator(seed, "facts", 0), abnormal=False)
    return render_phantom(drawn, size=SIZE)


def read_second(pixels: np.ndarray | None = None):
    found = phantom(1).image if pixels is None else pixels
    return lambda: SecondImage(image_id="second", pixels_sha256="", pixels=found)


def drawn(name: str, count: int = DRAWS) -> list[Any]:
    own, lungs = phantom(0), Lungs(phantom(0).lungs)
    rngs = (generator(seed, name, 0) for seed in range(count))
    return [draw_rival(name, own.image, lungs, rng=rng, read_second=read_second()).params for rng in rngs]


def rendered(name: str, params: Any, second: np.ndarray | None = None) -> Painted:
    record = RivalRecord(rival=name, params=params, second=None)
    own = phantom(0)
    return render_rival(record, own.image, Lungs(own.lungs), read_second=read_second(second))


def is_uniform(values: list[float], low: float, high: float) -> bool:
    """Say whether all lie in the range and fill it, and their mean within four standard errors of its middle."""
    inside = low - 1e-9 <= min(values) and max(values) <= high + 1e-9
    inside = inside and np.ptp(values) > 0.9 * (high - low)
    error = (high - low) / np.sqrt(12 * len(values))
    return inside and abs(np.mean(values) - (low + high) / 2) < 4 * error


def test_cutpaste_draws_area_aspect_places_and_jitter() -> None:
    params = drawn("cutpaste")
    cuts = [p.cut for p in params]
    assert is_uniform([c.height * c.width / SIZE**2 for c in cuts], 0.0195, 0.1505)  # whole pixels
    assert is_uniform([np.log(c.width / c.height) for c in cuts], np.log(0.29), -np.log(0.29))
    assert is_uniform([c.row / (SIZE - c.height) for c in cuts], 0, 1)
    assert is_uniform([p.column / (SIZE - p.cut.width) for p in params], 0, 1)
    for name in ("brightness", "contrast"):
        assert is_uniform([getattr(c, name) for c in cuts], 0.9, 1.1)


def test_a_scar_is_a_thin_turned_strip() -> None:
    params = drawn("cutpaste_scar")
    assert is_uniform([p.cut.width for p in params], 2, 16)
    assert is_uniform([p.cut.height for p in params], 10, 25)
    assert is_uniform([p.angle for p in params], -45, 45)


@pytest.mark.parametrize(("brightness", "contrast"), [(1.1, 1.0), (1.0, 0.9), (0.95, 1.1)])
def test_cutpaste_pastes_its_patch_brighter_and_of_other_contrast(brightness: float, contrast: float) -> None:
    (params,) = drawn("cutpaste", 1)
    cut = replace(params.cut, brightness=brightness, contrast=contrast)
    row, column = params.row, params.column
    patch = phantom(0).image[cut.row : cut.row + cut.height, cut.column : cut.column + cut.width]
    bright = np.minimum(brightness * patch.astype(float), 255)
    expected = np.clip((1 - contrast) * bright.mean() + contrast * bright, 0, 255)
    painted = rendered("cutpaste", replace(params, cut=cut))
    pasted = painted.altered[row : row + cut.height, column : column + cut.width]
    assert np.abs(pasted - expected).max() <= 0.51
    assert painted.mask.sum() == cut.height * cut.width


@pytest.mark.parametrize("name", ["fpi", "pii"])
def test_a_foreign_patch_is_a_square_of_any_share(name: str) -> None:
    params = drawn(name)
    assert is_uniform([p.row for p in params], 25, 229)
    assert is_uniform([p.column for p in params], 25, 229)
    assert is_uniform([p.half for p in params], 13, 50)
    assert is_uniform([p.foreign for p in params], 0.05, 0.95)


def test_fpi_is_a_mixture_by_its_share() -> None:
    (params,) = drawn("fpi", 1)
    own = phantom(0).image
    mirrored = np.ascontiguousarray(own[:, ::-1])  # of the same mean and deviation
    painted = rendered("fpi", params, mirrored)
    mixed = (1 - params.foreign) * own.astype(float) + params.foreign * mirrored
    assert np.abs(painted.altered - mixed)[painted.patch].max() <= 0.51
    assert set(np.unique(painted.label[painted.patch])) <= {np.float32(0), np.float32(params.foreign)}
    assert (painted.label > 0)[painted.patch & (own != mirrored)].all()


@pytest.mark.parametrize("foreign", [0.2, 0.8])
def test_pii_keeps_the_stronger_gradient(foreign: float) -> None:
    (params,) = drawn("pii", 1)
    # Of two equal images the stronger gradient is the larger share of the image's: what is left is harmonic.
    painted = rendered("pii", replace(params, foreign=foreign), phantom(0).image)
    own, stronger = phantom(0).image.astype(float), max(foreign, 1 - foreign)
    inner = np.pad(painted.patch, 1)
    inner = inner[1:-1, 1:-1] & inner[:-2, 1:-1] & inner[2:, 1:-1] & inner[1:-1, :-2] & inner[1:-1, 2:]
    rest = _laplacian(painted.altered - stronger * own)[inner]
    assert np.abs(rest).mean() < 0.3 * np.abs(_laplacian(own))[inner].mean()
    assert not painted.patch[[0, -1]].any()
    assert not painted.patch[:, [0, -1]].any()


def _laplacian(values: np.ndarray) -> np.ndarray:
    around = sum(np.roll(values, step, axis) for axis in (0, 1) for step in (-1, 1))
    return 4 * values - around


def test_nsa_takes_up_to_three_patches_of_the_published_size() -> None:
    params = drawn("nsa", 60)
    counts = [len(p.patches) for p in params]
    assert set(counts) <= {0, 1, 2, 3}
    assert np.mean(counts) == pytest.approx(2, abs=0.4)
    assert all(8 <= side <= 102 for p in params for patch in p.patches for side in patch.target[2:])
    objects = phantom(1).image > 20
    shares = [objects[_slices(patch.source)].mean() for p in params for patch in p.patches]
    assert min(shares) > 0.65  # 0.7 of the smoothed objects


def _slices(box: tuple[int, int, int, int]) -> tuple[slice, slice]:
    return slice(box[0], box[0] + box[2]), slice(box[1], box[1] + box[3])


def test_nsa_labels_a_change_by_a_logistic_curve_about_four_grey_values() -> None:
    changes, labels = [], []
    for params in drawn("nsa_normal", 6):
        painted = rendered("nsa_normal", params)
        changes.append(np.abs(painted.altered.astype(int) - phantom(0).image)[painted.mask])
        labels.append(painted.label[painted.mask])
    change, label = np.concatenate(changes), np.concatenate(labels)
    for grey, least, most in ((5, 0.5, 0.75), (12, 0.9, 1.0)):
        assert least < np.median(label[change == grey]) < most


def test_anatpaste_lays_its_patch_on_with_the_weight_that_it_labels() -> None:
    places = drawn("anatpaste")
    assert all(phantom(0).lungs[p.row, p.column] for p in places)
    assert is_uniform([p.strength for p in places], 150, 254)
    assert is_uniform([p.radius for p in places], 0, 14)
    box = replace(places[0], form="rectangle", radius=0, strength=200)
    painted = rendered("anatpaste", box)
    assert set(np.unique(painted.label)) == {np.float32(0), np.float32(200 / 255)}
    cut, rows = box.cut, np.flatnonzero(painted.mask.any(axis=1))
    assert len(rows) <= cut.height - 20  # shrunk by ten pixels a side
    own = phantom(0).image.astype(float)
    assert (painted.altered[painted.mask] >= np.floor(own * 55 / 255)[painted.mask]).all()
    assert (painted.altered[painted.mask] <= np.ceil(own * 55 / 255 + 200)[painted.mask]).all()


def test_draem_mixes_the_texture_in_where_noise_is_high() -> None:
    params = drawn("draem")
    assert {p.rows for p in params} == {p.columns for p in params} == {1, 2, 4, 8, 16, 32}
    assert is_uniform([p.own for p in params], 0, 0.8)
    assert is_uniform([p.angle for p in params], -90, 90)
    assert all(len({change.name for change in p.changes}) == 3 for p in params)
    chosen = replace(params[0], rows=8, columns=8, own=0.7, changes=())
    painted = rendered("draem", chosen)
    mixed = 0.7 * phantom(0).image.astype(float) + 0.3 * phantom(1).image
    assert 0.02 < painted.mask.mean() < 0.25
    assert np.abs(painted.altered - mixed)[painted.mask].max() <= 0.51


@pytest.mark.parametrize("distance", [20.0, 60.0])
def test_a_deformation_moves_a_point_half_way_out_by_what_it_is_asked(distance: float) -> None:
    most = distance / np.sqrt(2)
    shift = (max(0.5, 0.1 * most) + min(10.0, 0.9 * most)) / 2 / np.sqrt(2)
    near, far = 0.5 - shift / distance, 0.5 + shift / distance
    assert far ** exponent(distance, strength=0.5, outward=True) == pytest.approx(near)
    assert 1 - (1 - near) ** exponent(distance, strength=0.5, outward=False) == pytest.approx(far)


def test_many_tasks_draws_one_to_four_anomalies_of_the_published_size() -> None:
    params = drawn("many_tasks")
    counts = [len(p.anomalies) for p in params]
    assert set(counts) == {1, 2, 3, 4}
    assert np.mean(counts) == pytest.approx(1.875, abs=0.4)
    assert {p.task for p in params} == {"blend", "source", "sink", "intensity"}
    for anomaly in (a for p in params for a in p.anomalies):
        matrix = np.reshape(anomaly.shape.matrix, (2, 2))
        extent = np.abs(matrix).sum(1) if anomaly.shape.form == "rectangle" else np.hypot(*matrix.T)
        assert extent.max() <= 0.4 * SIZE + 1e-6


def test_many_tasks_labels_a_change_by_its_size() -> None:
    middle = Shape(form="ellipse", row=90.0, column=90.0, matrix=(30.0, 0.0, 0.0, 30.0))
    anomaly = TaskAnomaly(shape=middle, turn=0, scale=1, row=0, column=0, strength=-0.2, border=4)
    painted = rendered("many_tasks", ManyTasksParams(task="intensity", anomalies=(anomaly,)))
    change = (phantom(0).image[90, 90] - float(painted.altered[90, 90])) / 127.5
    assert change == pytest.approx(0.2, abs=0.01)
    assert painted.label[90, 90] == pytest.approx(1 - np.exp(-0.5), abs=1e-5)


def test_syntumor_draws_ellipses_of_four_sizes_or_all_of_them() -> None:
    params = drawn("syntumor")
    for p in params:
        assert 65 / 400 * 255 <= p.rise <= 145 / 400 * 255
        radii = {radius for ellipse in p.ellipses for radius in ellipse.radii}
        assert all(any(0.75 * r <= radius <= 1.25 * r for r in (4, 8, 16, 32)) for radius in radii)
        painted = rendered("syntumor", p)
        lift = painted.altered.astype(float) - phantom(0).image
        assert lift.min() >= 0
        assert lift.max() <= np.ceil(p.rise)
        assert np.abs(lift - p.rise * painted.label)[painted.altered < 255].max() <= 0.51
    assert len({len(p.ellipses) for p in params}) > 6
