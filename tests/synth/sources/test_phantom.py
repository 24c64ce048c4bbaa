"""Laws of the phantoms: deterministic, true to their lungs and lesions, and chests to the lung finders."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from artasyn.data_manifests.images.fingerprints import perceptual_hash
from artasyn.data_manifests.near_duplicates import find_leaks
from artasyn.synth.lungs import LungConfig, segment_lungs
from artasyn.synth.outlining.agreement import overlap
from artasyn.synth.seeds import generator
from artasyn.synth.sources.phantom import draw_phantom, render_phantom
from artasyn.synth.sources.phantom.render import scattered
from artasyn.synth.sources.phantom.view import View, seen


def drawn(seed: int, *, abnormal: bool = False):
    return draw_phantom(rng=generator(seed, "phantom law", 0), abnormal=abnormal)


def test_the_same_parameters_give_the_same_bytes_and_other_seeds_other_chests():
    first, again, other = (render_phantom(drawn(seed, abnormal=True), size=96) for seed in (1, 1, 2))
    for channel in ("image", "lungs", "whole_lungs", "mask"):
        assert np.array_equal(getattr(first, channel), getattr(again, channel))
    assert not np.array_equal(first.image, other.image)


def test_there_are_adults_and_children_normal_and_ill():
    params = [drawn(seed) for seed in range(40)]
    assert {p.child for p in params} == {True, False}
    assert any(p.breasts for p in params)
    assert not any(p.breasts for p in params if p.child)
    assert not any(p.lesions for p in params)
    assert {lesion.kind for seed in range(20) for lesion in drawn(seed, abnormal=True).lesions} == {
        "consolidation",
        "haze",
        "nodules",
        "effusion",
    }


@pytest.mark.parametrize("seed", range(6))
def test_lungs_are_on_their_sides_and_go_on_behind_heart_and_diaphragm(seed):
    phantom = render_phantom(drawn(seed), size=128)
    assert not phantom.mask.any()
    assert (phantom.whole_lungs[phantom.lungs > 0] > 0).all()
    assert (phantom.whole_lungs > 0).sum() > 1.05 * (phantom.lungs > 0).sum()
    columns = [np.argwhere(phantom.lungs == side)[:, 1].mean() for side in (1, 2)]
    assert columns[0] < 64 < columns[1]
    inside, tissue = phantom.image[phantom.lungs > 0], phantom.image[100:, 40:88]
    assert np.median(inside) < 0.8 * np.median(tissue)


def test_lesions_brighten_where_the_mask_says_so_and_nowhere_far_from_it():
    covered = 0
    for seed in range(12):
        params = drawn(seed, abnormal=True)
        ill = render_phantom(params, size=128)
        well = render_phantom(replace(params, lesions=()), size=128)
        change = ill.image.astype(int) - well.image
        assert change[ill.mask > 0].min(initial=0) >= 0
        assert np.array_equal(ill.lungs, well.lungs)
        if ill.mask.any():
            covered += 1
            assert change[ill.mask > 0].mean() > 6
            assert np.abs(change[ill.mask == 0]).mean() < 0.3 * change[ill.mask > 0].mean()
    assert covered >= 10


def test_the_size_changes_the_pixels_not_the_chest():
    small, large = (render_phantom(drawn(3, abnormal=True), size=size) for size in (128, 384))
    for channel in ("lungs", "whole_lungs", "mask"):
        assert overlap(getattr(large, channel)[1::3, 1::3] > 0, getattr(small, channel) > 0).dice > 0.93


@pytest.mark.parametrize(("method", "least"), [("network", 0.9), ("pbtseg", 0.65)])
def test_the_lung_finders_find_their_lungs(method, least):
    scores = []
    for seed in range(8):
        phantom = render_phantom(drawn(seed), size=256)
        found = segment_lungs(phantom.image, LungConfig(method=method))
        scores.append(0.0 if found.reason else overlap(found.labels > 0, phantom.lungs > 0).dice)
    assert np.mean(scores) > least
    assert np.count_nonzero(scores) >= 7


def test_phantoms_never_seen_do_not_count_as_seen():
    hashes = [perceptual_hash(render_phantom(drawn(seed), size=128).image) for seed in range(60)]
    unseen, trained = hashes[:15], hashes[15:]
    leaks = find_leaks([""] * len(unseen), unseen, trained_digests=[], trained_hashes=trained)
    assert len(leaks.near) <= 1


def test_scatter_takes_its_share_of_the_contrast_and_leaves_the_exposure():
    straight = View(zoom=1.0, turn=0.0, across=0.0, down=0.0, collimator=(0.0,) * 4)
    bare = replace(drawn(4), view=straight, noise=0.0, gamma=1.0, black=-1.0, white=2.0, marker=False)
    clear = render_phantom(replace(bare, scatter=0.0), size=256).image.astype(np.float32)
    fine = clear - cv2.blur(clear, (15, 15))
    for scatter in (0.1, 0.25):
        veiled = render_phantom(replace(bare, scatter=scatter), size=256).image.astype(np.float32)
        left = ((veiled - cv2.blur(veiled, (15, 15))) * fine).sum() / (fine**2).sum()
        assert left == pytest.approx(1 - scatter, abs=0.02)
        assert veiled.mean() == pytest.approx(clear.mean(), abs=1)


@pytest.mark.parametrize("size", [128, 256, 640])
def test_scatter_spreads_over_a_tenth_of_the_side_whatever_the_size(size: int):
    point = np.zeros((size, size), np.float32)
    point[size // 2, size // 2] = 1
    spread = scattered(point)
    columns = np.arange(size) - (spread.sum(axis=0) @ np.arange(size)) / spread.sum()
    deviation = np.sqrt(spread.sum(axis=0) @ columns**2 / spread.sum())
    assert deviation / size == pytest.approx(6 / 64, rel=0.03)


def test_the_view_moves_image_and_lungs_alike_and_the_collimator_spares_the_lungs():
    params = drawn(2)
    straight = View(zoom=1.0, turn=0.0, across=0.0, down=0.0, collimator=(0.0,) * 4)
    plain = render_phantom(replace(params, view=straight), size=128)
    field = np.random.default_rng(0).integers(0, 255, (32, 32), dtype=np.uint8)
    assert np.array_equal(seen(field, straight), field)
    shifted = render_phantom(replace(params, view=replace(straight, across=4 / 128)), size=128)
    assert np.array_equal(shifted.lungs[:, 4:], plain.lungs[:, :-4])
    hidden = render_phantom(replace(params, view=replace(straight, collimator=(0.9,) * 4)), size=128)
    assert not hidden.image[[0, -1]].any()
    assert not hidden.image[:, [0, -1]].any()
    inside = plain.whole_lungs > 0
    assert np.array_equal(hidden.image[inside], plain.image[inside])
