"""Laws of refusal: what cannot be adapted, or adapted to, is named before anything is written."""

import json
import shutil
from pathlib import Path

import pytest

from artasyn.data_manifests.errors import ConfigError, RunError, StoreError
from artasyn.train.adaptation.self_training import AdaptConfig
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.seal import seal_run
from tests.train.adaptation.adaptations import NewStore, adapted
from tests.train.trainings import Small, train


def test_what_cannot_be_adapted_is_refused(
    run: Path, clinic: str, toy_store: str, new_store: NewStore, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match=r"of kind `synthetic`.*ingest"):
        adapted(run, toy_store, toy_store, tmp_path / "out")
    absent = new_store(tmp_path / "absent", kind="evaluation", status="absent")
    with pytest.raises(StoreError, match="no usable image"):
        adapted(run, absent, toy_store, tmp_path / "out")
    other = new_store(tmp_path / "other", version="beef")
    with pytest.raises(RunError, match=r"trained on other stores.*store"):
        adapted(run, clinic, other, tmp_path / "out")
    with pytest.raises(RunError, match="holds a run already"):
        adapted(run, clinic, toy_store, run)
    with pytest.raises(ConfigError, match="steps"):
        AdaptConfig(steps=0)
    assert not (tmp_path / "out").exists()


def test_a_run_that_cannot_learn_marks_is_refused(
    run: Path, clinic: str, toy_store: str, small: Small, tmp_path: Path
) -> None:
    unmarked = shutil.copytree(run, tmp_path / "unmarked")
    config = json.loads((unmarked / "config.json").read_text())
    config["loss"]["pixels"] = 0.0
    (unmarked / "config.json").write_text(json.dumps(config))
    seal_run(RunFolder(unmarked))
    with pytest.raises(RunError, match=r"unmarked.*loss\.pixels = 0.*preset default"):
        adapted(unmarked, clinic, toy_store, tmp_path / "out")
    headless = small(
        schedule={"steps": 2},
        network={"heads": ["reconstruction"]},
        loss={"overlap": 0.0, "pixels": 0.0, "lungs": 0.0},
        score={"aeration": 0.0},
    )
    train(headless, toy_store, tmp_path / "headless")
    with pytest.raises(RunError, match=r"headless.*no head `segmentation`"):
        adapted(tmp_path / "headless", clinic, toy_store, tmp_path / "out")


def test_images_of_another_size_are_refused(run: Path, clinic: str, toy_store: str, tmp_path: Path) -> None:
    larger = tmp_path / "run"
    shutil.copytree(run, larger)
    records = json.loads((larger / "store.json").read_text())
    (larger / "store.json").write_text(json.dumps([records[0] | {"size": 96}]))
    seal_run(RunFolder(larger))
    with pytest.raises(StoreError, match=r"64 px, the run takes 96 px.*--size 96"):
        adapted(larger, clinic, toy_store, tmp_path / "out")
