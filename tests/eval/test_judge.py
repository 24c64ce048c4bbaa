"""Laws of judging a run image by image: every pixel counts once, scores are those of `infer`, nothing is done twice."""

from pathlib import Path

import numpy as np
import pytest
import torch

from artasyn.data_manifests.store.version import open_version
from artasyn.eval.inference import infer
from artasyn.eval.scoring.selection import select_images
from artasyn.train.runs.run import open_run
from artasyn.train.scoring.anomaly_map import as_input, predict
from artasyn.train.scoring.map_level import map_levels
from research.judge import judge
from tests.eval.conftest import SIZE


def test_every_pixel_is_counted_once_and_scores_are_the_runs(
    toy_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    judge(toy_run, evaluation_store, tmp_path / "judged.npz")
    found, version = np.load(tmp_path / "judged.npz"), open_version(evaluation_store)
    cases = select_images(version)
    assert found["image_id"].tolist() == list(cases.image_ids)
    assert (found["inside"].sum(axis=1) + found["outside"].sum(axis=1) == SIZE**2).all()
    true, _, missed = found["counts"].T
    assert (true + missed == found["inside"].sum(axis=1)).all()
    assert (true[~found["abnormal"]] == 0).all()
    assert ((found["marked_of_lungs"] >= 0) & (found["marked_of_lungs"] <= 1)).all()
    image = version.read(int(cases.rows[0]), channels=("altered",))[0]
    run = open_run(toy_run)
    assert found["score"][0] == infer(run, image)[1]
    predicted = predict(run.network, as_input(image[None], torch.device("cpu")), run.config.score)
    level = map_levels(predicted, run.config.score).item()  # of the map that no feature has moved
    assert found["map_score"][0] == pytest.approx(level, abs=1e-6)


def test_what_is_judged_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "judged.npz").write_bytes(b"mine")
    judge(Path("no run"), "no store", tmp_path / "judged.npz")
    assert (tmp_path / "judged.npz").read_bytes() == b"mine"
