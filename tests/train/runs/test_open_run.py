"""Laws of opening a run: what is whole opens, what is unfinished, older or foreign is refused by name."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from artasyn.data_manifests.errors import RunError
from artasyn.train.runs.checkpoint import write_checkpoint
from artasyn.train.runs.run import open_run
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.seal import seal_run
from artasyn.train.scoring.anomaly_map import predict
from tests.train.trainings import Small, Stop, stop_at, train


def test_maps_and_images_have_one_size(finished: Path) -> None:
    run = open_run(finished)
    maps = predict(run.network, torch.rand(2, 1, run.size, run.size), run.config.score).maps
    assert maps.shape == (2, run.size, run.size)
    assert maps.dtype == torch.float32
    assert 0 <= maps.min() <= maps.max() <= 1
    assert not run.network.training


def test_a_run_that_does_not_know_what_is_normal_is_refused(finished: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    write_checkpoint(run / "image_score.safetensors", {"mean": torch.zeros(3)}, {})
    seal_run(RunFolder(run))
    with pytest.raises(RunError, match="does not hold what the image score needs"):
        open_run(run)
    (run / "image_score.safetensors").unlink()
    with pytest.raises(RunError, match=r"image_score.safetensors"):
        open_run(run)


def test_a_run_of_a_release_that_scored_otherwise_is_refused(finished: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    config = json.loads((run / "config.json").read_text())
    del config["score"]["aeration"]
    (run / "config.json").write_text(json.dumps(config))
    with pytest.raises(
        RunError, match=r"another release: config.json does not say score.aeration .train again"
    ):
        open_run(run)


def test_incomplete_and_foreign_runs_are_refused(
    finished: Path, toy_store: str, tmp_path: Path, small: Small
) -> None:
    with pytest.raises(RunError, match="is not a folder"):
        open_run(tmp_path / "nothing")
    with pytest.raises(Stop):
        train(small(), toy_store, tmp_path / "half", watch=stop_at(2))
    with pytest.raises(RunError, match=r"has no thresholds.json .*once it has finished"):
        open_run(tmp_path / "half")
    config = json.loads((finished / "config.json").read_text())
    config["network"]["compact"]["widths"] = [8, 32]
    (tmp_path / "half" / "thresholds.json").write_bytes((finished / "thresholds.json").read_bytes())
    (tmp_path / "half" / "checkpoints" / "best.safetensors").write_bytes(
        (finished / "checkpoints" / "best.safetensors").read_bytes()
    )
    with pytest.raises(RunError, match=r"has no digests.json: it is not finished"):
        open_run(tmp_path / "half")
    (tmp_path / "half" / "config.json").write_text(json.dumps(config))
    shutil.copy(finished / "image_score.safetensors", tmp_path / "half")
    seal_run(RunFolder(tmp_path / "half"))
    with pytest.raises(RunError, match=r"the checkpoint belongs to another network configuration"):
        open_run(tmp_path / "half")
