"""Laws of resuming: it ends as if undisturbed, refuses another recipe or store, and overwrites nothing."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from artasyn.data_manifests.errors import RunError
from artasyn.train.fitting.fit import plan_fit
from artasyn.train.fitting.state import TrainState, new_state
from artasyn.train.runs.run import open_run
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runtime.distributed import join_processes
from tests.train.trainings import Small, Stop, assert_same_run, stop_at, train, weights


def test_a_resumed_run_equals_an_undisturbed_one(
    finished: Path, toy_store: str, tmp_path: Path, small: Small
) -> None:
    for step in (2, 6):
        with pytest.raises(Stop):
            train(small(), toy_store, tmp_path / "run", resume=True, watch=stop_at(step))
    train(small(), toy_store, tmp_path / "run", resume=True)
    assert_same_run(finished, tmp_path / "run")


def test_resuming_keeps_the_precision_of_the_first_start_and_times_nothing(
    finished: Path, toy_store: str, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artasyn.train.runtime.precision.bfloat16_gain", lambda: pytest.fail("was timed"))
    config = small(compute={"precision": "auto"})
    processes = join_processes("cpu")
    plan = plan_fit(config, (toy_store,), finished, processes=processes, workers=0, resume=True)
    assert plan.config.compute.precision == "float32"


def test_resuming_a_finished_run_changes_nothing(finished: Path, toy_store: str, small: Small) -> None:
    before = weights(finished)
    frozen = (finished / "thresholds.json").read_bytes()
    train(small(), toy_store, finished, resume=True)
    assert all(torch.equal(before[name], value) for name, value in weights(finished).items())
    assert (finished / "thresholds.json").read_bytes() == frozen


def test_resuming_seals_no_damaged_list_of_images(
    finished: Path, toy_store: str, tmp_path: Path, small: Small
) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    (run / "training_images.csv").write_text("pixels_sha256,perceptual_hash,trained\n")
    train(small(), toy_store, run, resume=True)
    for name in ("training_images.csv", "store.json"):
        assert (run / name).read_bytes() == (finished / name).read_bytes()


def test_a_start_stopped_before_its_first_step_is_resumed(
    toy_store: str, tmp_path: Path, small: Small
) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create()
    folder.environment.write_text("[]")
    train(small(schedule={"steps": 2}), toy_store, folder.path, resume=True)
    assert open_run(folder.path).size == 64


def test_resuming_with_another_configuration_is_refused(finished: Path, toy_store: str, small: Small) -> None:
    with pytest.raises(RunError, match=r"another configuration: optim.learning_rate: 0.002 -> 0.5"):
        train(small(optim={"learning_rate": 0.5}), toy_store, finished, resume=True)


def test_resuming_on_another_store_is_refused(
    finished: Path, tmp_path: Path, small: Small, new_store: Callable[..., str]
) -> None:
    with pytest.raises(RunError, match="was trained on version f00d, not 0dd"):
        train(small(), new_store(tmp_path / "store", version="0dd"), finished, resume=True)
    with pytest.raises(RunError, match=r"was trained on other contents of version f00d: digests differ"):
        train(small(), new_store(tmp_path / "other", splits=("val", "val"), first=9), finished, resume=True)


def test_a_run_is_never_overwritten(finished: Path, toy_store: str, tmp_path: Path, small: Small) -> None:
    with pytest.raises(RunError, match=r"holds a run already .choose another folder.*`fit --resume`"):
        train(small(), toy_store, finished)
    (tmp_path / "letter.txt").write_text("mine")
    for resume in (False, True):
        with pytest.raises(RunError, match="exists and holds no run"):
            train(small(), toy_store, tmp_path, resume=resume)
    with pytest.raises(RunError, match=r"letter\.txt: is a file"):
        train(small(), toy_store, tmp_path / "letter.txt")


def test_what_a_checkpoint_says_beside_its_weights_comes_back(small: Small) -> None:
    def state() -> TrainState:
        return new_state(small(), size=64, device=torch.device("cpu"))

    saved, restored = state(), state()
    saved.step, saved.seconds, saved.best_quality, saved.best_step, saved.stale = 5, 1.5, 0.25, 3, 2
    assert restored.numbers() != saved.numbers()
    restored.restore_(saved.tensors(), json.loads(json.dumps(saved.numbers())))
    assert restored.numbers() == saved.numbers()
